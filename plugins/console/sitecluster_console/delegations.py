"""Who runs which branch: given, listed, taken back."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _, gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.widgets.button import HeaderButton

from sitecluster.accounts import delegation
from sitecluster.accounts.models import Delegation, User
from sitecluster.accounts.refusals import MembershipError
from tenants import directory
from tenants.models import Kind

from .choosing import SiteField
from .fields import ReasonForm, reason_field
from .policy import sites_of
from .views import ActForm, ConsoleMixin


def delegations_of(user: Any) -> QuerySet[Delegation]:
    """Those that hold, of the sites that ``user`` runs."""
    found = Delegation.objects.filter(ended_at=None, tenant__in=sites_of(user))
    return found.select_related("user", "tenant", "given_by")


class DelegationFilterSet(WagtailFilterSet):
    """By role."""

    role = django_filters.ChoiceFilter(
        label=gettext_lazy("Role"), choices=Delegation.Role.choices, widget=forms.RadioSelect
    )

    class Meta:
        model = Delegation
        fields: list[str] = []


class EndColumn(Column):
    """A link where the reader may take it back."""

    cell_template_name = "console/delegation_end_cell.html"

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def get_value(self, instance: Any) -> bool:
        return delegation.may_end(self.user, instance)


class DelegationList(ConsoleMixin, BaseListingView):
    """``console:delegations``."""

    page_title = gettext_lazy("Delegations")
    header_icon = "group"
    index_url_name = "console:delegations"
    index_results_url_name = "console:delegations_results"
    template_name = "wagtailadmin/generic/listing.html"
    results_template_name = "console/delegations_results.html"
    model = Delegation
    filterset_class = DelegationFilterSet
    default_ordering = ("tenant__code", "role", "user__email")
    is_searchable = True
    search_backend_name = None
    search_fields = ("user__email", "user__first_name", "tenant__name", "tenant__code")
    paginate_by = 50

    @property
    def columns(self) -> list[Column]:
        user: Any = self.request.user
        return [
            Column("user", label=_("Person"), accessor=_person),
            Column("tenant", label=_("Branch"), accessor="tenant.name"),
            Column("role", label=_("Role"), accessor="get_role_display"),
            DateColumn("created_at", label=_("Since")),
            Column("given_by", label=_("Given by"), accessor=lambda row: row.given_by or "–"),
            EndColumn("end", label=_("Actions"), user=user),
        ]

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [
            HeaderButton(
                _("Delegate a branch"), reverse("console:delegation_give"), icon_name="plus"
            )
        ]

    def get_base_queryset(self) -> QuerySet[Delegation]:
        return delegations_of(self.request.user)


def _person(given: Delegation) -> str:
    suspended = "" if given.user.is_active else f" ({_('suspended')})"
    name = f"{given.user} <{given.user.email}>" if given.user.first_name else given.user.email
    return name + suspended


class GiveForm(forms.Form):
    """To whom, which branch, for what, and why."""

    email = forms.EmailField(
        label=gettext_lazy("Email address"),
        help_text=gettext_lazy(
            "Of an account that exists; new people are invited to a site first."
        ),
    )
    site = SiteField(
        queryset=None,
        empty_label=None,
        label=gettext_lazy("Branch"),
        help_text=gettext_lazy("The site and all sites below it."),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=Delegation.Role.choices, widget=forms.RadioSelect
    )
    reason = reason_field()

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        choice: Any = self.fields["site"]
        choice.queryset = sites_of(by).exclude(kind=Kind.CONTROL).order_by("code")

    def clean_email(self) -> User:
        try:
            return delegation.account_for(self.cleaned_data["email"], self.by)
        except MembershipError as error:
            raise forms.ValidationError(str(error)) from None


class DelegationForm(ActForm):
    """What giving and ending have in common."""

    template_name = "console/site_form.html"
    header_icon = "group"
    serious = False
    done: Any = ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        way = [
            {"url": self.get_success_url(), "label": _("Delegations")},
            {"url": "", "label": self.get_page_title()},
        ]
        return [*self.breadcrumbs_items, *way]

    def get_success_url(self) -> str:
        return reverse("console:delegations")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {"back": self.get_success_url(), "submit": self.get_page_title()}
        return {**super().get_context_data(**kwargs), **more}


class Give(DelegationForm):
    """``console:delegation_give``."""

    page_title = gettext_lazy("Delegate a branch")
    form_class = GiveForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "by": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        wished = self.request.GET.get("site", "")
        site = self.sites().filter(pk=wished).first() if wished.isdecimal() else None
        email = self.request.GET.get("email", "")
        return {"site": site, "email": email, "role": Delegation.Role.MANAGER}

    def act(self, data: dict[str, Any]) -> str:
        user, site, by = data["email"], data["site"], self.request.user
        place = directory.record(site)
        delegation.give(user, place, data["role"], by=by, reason=data["reason"])  # type: ignore[arg-type]
        text = _("%(user)s has the branch %(site)s from now on.")
        return text % {"user": user, "site": site.name}


class End(DelegationForm):
    """``console:delegation_end``."""

    page_title = gettext_lazy("Take the branch back")
    form_class = ReasonForm
    template_name = "console/delegation_end.html"
    serious = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and request.user.is_active:
            user: Any = request.user
            if not delegation.may_end(user, self.given):
                raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def given(self) -> Delegation:
        """The delegation of the address; raises Http404 for one out of sight."""
        return get_object_or_404(delegations_of(self.request.user), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "given": self.given}

    def act(self, data: dict[str, Any]) -> str:
        user: Any = self.request.user
        delegation.end(self.given, by=user, reason=data["reason"])
        names = {"user": self.given.user, "site": self.given.tenant.name}
        return _("%(user)s doesn't run the branch %(site)s any more.") % names


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    every = DelegationList.as_view
    return [
        path("delegations/", every(), name="delegations"),
        path("delegations/results/", every(results_only=True), name="delegations_results"),
        path("delegations/give/", Give.as_view(), name="delegation_give"),
        path("delegations/<int:pk>/end/", End.as_view(), name="delegation_end"),
    ]
