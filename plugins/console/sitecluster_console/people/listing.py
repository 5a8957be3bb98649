"""Accounts across the cluster: the list of people."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _, gettext_lazy, pgettext, pgettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton

from sitecluster.accounts.models import User
from sitecluster.rights.roles import ROLES
from sitecluster.spreadsheets import ExportMixin
from sitecluster_console.views import ConsoleMixin

from . import (
    acts as people_acts,
    importing as people_import,
    person,
    places as people_places,
    scope as scope,
)

STATES = (("active", gettext_lazy("Active")), ("suspended", gettext_lazy("Suspended")))
FACTORS = (
    ("without", pgettext_lazy("second factor", "Without")),
    ("with", pgettext_lazy("second factor", "Set up")),
    ("required", gettext_lazy("Required of the person")),
)
SIGN_INS = (("never", gettext_lazy("Never")), ("once", gettext_lazy("At least once")))


class PeopleFilterSet(WagtailFilterSet):
    """By what an admin looks for; site and role hold for one membership together."""

    site = django_filters.CharFilter(
        label=gettext_lazy("Member of (code or name of a site)"), method="with_membership"
    )
    role = django_filters.ChoiceFilter(
        label=gettext_lazy("Role"),
        method="with_membership",
        choices=lambda: _role_choices(),  # noqa: PLW0108 -- defined below
    )
    home = django_filters.CharFilter(
        label=gettext_lazy("Home site (code or name)"), method="at_home"
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=STATES, method="in_state", widget=forms.RadioSelect
    )
    unseen = django_filters.NumberFilter(
        label=gettext_lazy("Not signed in for … days"),
        method="not_seen",
        min_value=1,
        max_value=36500,
        help_text=gettext_lazy("Who never has counts from the day on which the account was made."),
    )
    signed_in = django_filters.ChoiceFilter(
        label=gettext_lazy("Has signed in"),
        choices=SIGN_INS,
        method="has_signed_in",
        widget=forms.RadioSelect,
    )
    factor = django_filters.ChoiceFilter(
        label=gettext_lazy("Second factor"),
        choices=FACTORS,
        method="with_factor",
        widget=forms.RadioSelect,
    )
    admin = django_filters.ChoiceFilter(
        label=gettext_lazy("Platform admin"),
        choices=(("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))),
        method="is_admin",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = User
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.request.user.is_superuser:
            del self.filters["admin"]

    def with_membership(self, people: Any, name: str, value: str) -> Any:
        data = self.form.cleaned_data
        if name == "role" and data.get("site"):
            return people  # done with the site
        site, role = data.get("site", "").strip(), data.get("role", "")
        return people.filter(scope.having(self.request.user, site, role))

    def at_home(self, people: Any, name: str, value: str) -> Any:
        return people.filter(home_site__in=scope.sites_named(self.request.user, value.strip()))

    def in_state(self, people: Any, name: str, value: str) -> Any:
        return people.filter(is_active=value == "active")

    def not_seen(self, people: Any, name: str, value: Any) -> Any:
        return scope.not_seen_for(people, int(value))

    def has_signed_in(self, people: Any, name: str, value: str) -> Any:
        return people.filter(last_login__isnull=value == "never")

    def with_factor(self, people: Any, name: str, value: str) -> Any:
        if value == "required":
            return people.filter(second_factor_required=True)
        return people.filter(second_factor_since__isnull=value == "without")

    def is_admin(self, people: Any, name: str, value: str) -> Any:
        return people.filter(is_superuser=value == "yes")


def _role_choices() -> list[tuple[str, str]]:
    named = [(role.code, role.name) for role in ROLES.values()]
    return [*named, (scope.DELEGATES, scope.DELEGATES)]


class PeopleList(ExportMixin, ConsoleMixin, generic.IndexView):
    """``console:people``."""

    model = User
    permission_policy = None  # `ConsoleMixin` says who enters, `people_scope` whom they see
    any_permission_required = None
    page_title = gettext_lazy("People")
    header_icon = "user"
    index_url_name = "console:people"
    index_results_url_name = "console:people_results"
    filterset_class = PeopleFilterSet
    search_fields = ("first_name", "email")
    search_backend_name = None
    default_ordering = "first_name"
    paginate_by = 50
    export_filename = "people"
    list_export = (
        "name",
        "email",
        "home",
        "home_code",
        "sites",
        "joined",
        "last_login",
        "second_factor_since",
        "state",
    )

    @property
    def export_headings(self) -> dict[str, str]:
        return {
            "name": _("Full name"),
            "email": _("Email"),
            "home": _("Home site"),
            "home_code": _("Code of the home site"),
            "sites": _("Sites"),
            "joined": _("Account made"),
            "last_login": _("Last sign-in"),
            "second_factor_since": _("Second factor since"),
            "state": _("State"),
        }

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [
            HeaderButton(_("Invite"), reverse("console:people_invite"), icon_name="mail"),
            HeaderButton(_("Import"), reverse("console:people_import"), icon_name="upload"),
        ]

    @cached_property
    def columns(self) -> list[Column]:
        actor: Any = self.request.user
        return [
            TitleColumn(
                "first_name",
                label=_("Full name"),
                accessor="get_full_name",
                url_name="console:person",
                sort_key="first_name",
                width="18%",
            ),
            Column("email", label=_("Email"), sort_key="email", width="22%"),
            Column("home", label=_("Home site"), accessor=lambda user: _home(actor, user)),
            Column("sites", label=_("Sites"), accessor="site_count", width="7%"),
            Column(
                "last_login", label=_("Last sign-in"), accessor=last_seen, sort_key="last_login"
            ),
            Column("factor", label=_("Second factor"), accessor=factor_of),
            Column("state", label=_("State"), accessor=state_of, width="12%"),
        ]

    def get_base_queryset(self) -> QuerySet[User]:
        actor: Any = self.request.user
        held = scope.memberships(actor).filter(user=OuterRef("pk"), ended_at=None)
        counted = held.order_by().values("user").annotate(count=Count("pk")).values("count")
        return scope.people_of(actor).annotate(site_count=Coalesce(Subquery(counted), 0))

    def order_queryset(self, queryset: Any) -> Any:
        """Who has never signed in comes before who did so long ago; equal ones in a fixed order."""
        seen = F("last_login")
        orders = {
            "last_login": seen.asc(nulls_first=True),
            "-last_login": seen.desc(nulls_last=True),
        }
        return queryset.order_by(orders.get(self.ordering, self.ordering), "email")

    def to_row_dict(self, item: User) -> dict[str, Any]:
        actor: Any = self.request.user
        home = scope.home_of(actor, item)
        return {
            "name": item.first_name,
            "email": item.email,
            "home": home.name if home else "",
            "home_code": home.code if home else "",
            "sites": item.site_count,  # type: ignore[attr-defined]
            # Of somebody of theirs a delegate isn't told since when they work elsewhere.
            "joined": item.date_joined if actor.is_superuser else None,
            "last_login": item.last_login,
            "second_factor_since": item.second_factor_since,
            "state": state_of(item),
        }


def _home(actor: User, user: User) -> str:
    home = scope.home_of(actor, user)
    return home.name if home else "–"


def last_seen(user: User) -> str:
    """When the person last signed in, local time."""
    if user.last_login is None:
        return _("Never")
    return f"{timezone.localtime(user.last_login):%Y-%m-%d %H:%M}"


def factor_of(user: User) -> str:
    """Whether the account has a second factor, and whether it must."""
    if user.second_factor_since:
        return pgettext("second factor", "Set up")
    return _("Required, not set up") if user.second_factor_required else _("None")


def state_of(user: User) -> str:
    """Active or suspended."""
    return _("Active") if user.is_active else _("Suspended")


def urls() -> list[URLPattern]:
    """The addresses of everything about people, below ``/admin/cluster/``."""
    return [
        path("people/", PeopleList.as_view(), name="people"),
        path("people/results/", PeopleList.as_view(results_only=True), name="people_results"),
        *person.urls(),
        *people_import.urls(),
        *people_acts.urls(),
        *people_places.urls(),
    ]
