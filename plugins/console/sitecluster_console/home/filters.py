"""By what the sites of the console's home are found; bulk acts find them by the same."""

from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy as _, ngettext, pgettext_lazy
from wagtail.admin.filters import WagtailFilterSet

from sitecluster.library.models import Item
from sitecluster.plugins.contract import Scope
from sitecluster.plugins.registry import installed
from sitecluster.tasks.claiming import Status
from sitecluster.tasks.models import QueuedTask
from sitecluster.tenancy import below
from sitecluster.theming.catalogue import themes
from sitecluster_console.policy import sites_of
from tenants import directory
from tenants.models import Domain, Kind, State, Tenant, Usage

from .rows import STRUCTURE
from .tree import Spot, seen, spots

STALE_DAYS = (7, 14, 30, 90, 180, 365)
ATTENTION = [
    ("upgrade", _("Needs an upgrade")),
    ("tasks", _("Has failed tasks")),
    ("quota", _("Over its quota")),
]
LEVELS = [
    (1, _("Top sites only")),
    (2, _("Two levels")),
    (3, _("Three levels")),
]
STANDING = [choice for choice in State.choices if choice[0] != State.REMOVED]


class SiteFilterSet(WagtailFilterSet):
    """Offers nothing beyond the sites that the person runs."""

    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=STANDING, widget=forms.CheckboxSelectMultiple
    )
    kind = django_filters.MultipleChoiceFilter(
        label=_("Kind"), choices=Kind.choices, widget=forms.CheckboxSelectMultiple
    )
    attention = django_filters.MultipleChoiceFilter(
        label=pgettext_lazy("sites", "Needs attention"),
        choices=ATTENTION,
        widget=forms.CheckboxSelectMultiple,
        method="needing",
    )
    stale = django_filters.ChoiceFilter(
        label=_("No update for"),
        choices=lambda: [(days, ngettext("%d day", "%d days", days) % days) for days in STALE_DAYS],
        widget=forms.RadioSelect,
        empty_label=_("All"),
        method="without_update",
    )
    branch = django_filters.ChoiceFilter(
        label=pgettext_lazy("sites", "Branch"),
        widget=forms.RadioSelect,
        empty_label=_("All"),
        method="within",
    )
    levels = django_filters.ChoiceFilter(
        label=pgettext_lazy("sites", "Levels"),
        choices=LEVELS,
        widget=forms.RadioSelect,
        empty_label=_("All"),
        method="down_to",
    )
    theme = django_filters.MultipleChoiceFilter(
        label=_("Theme"), widget=forms.CheckboxSelectMultiple
    )
    plugin = django_filters.ChoiceFilter(
        label=_("Plugin switched on"),
        widget=forms.RadioSelect,
        empty_label=_("All"),
        method="with_plugin",
    )

    class Meta:
        model = Tenant
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sites = seen(self.request.user)
        self.spots = spots(self.sites)
        choices = {"theme": _themes(self.sites), "plugin": _plugins(self.sites)}
        choices["branch"] = _branches(self.sites, self.spots)
        for name, offered in choices.items():
            self.filters[name].extra["choices"] = offered
            if len(offered) < 2 and not self.data.get(name):
                del self.filters[name]

    def needing(self, found: QuerySet[Tenant], name: str, wanted: list[str]) -> QuerySet[Tenant]:
        """Sites that need any of what is chosen."""
        needs = {"upgrade": self._upgrade, "tasks": failing, "quota": over_quota}
        condition = Q()
        for need in wanted:
            condition |= needs[need]()
        return found.filter(condition) if wanted else found

    def without_update(self, found: QuerySet[Tenant], name: str, days: str) -> QuerySet[Tenant]:
        """Nothing was published or renewed for so many days; sites without any too."""
        if not days:
            return found
        since = timezone.now() - timedelta(days=int(days))
        live = Item.objects.filter(tenant=OuterRef("pk"), withdrawn_at=None)
        fresh = live.filter(updated_at__gte=since).exclude(kind__in=STRUCTURE)
        return found.exclude(Exists(fresh))

    def within(self, found: QuerySet[Tenant], name: str, top: str) -> QuerySet[Tenant]:
        """The site and all below it."""
        return found.filter(pk__in=below([int(top)])) if top else found

    def down_to(self, found: QuerySet[Tenant], name: str, levels: str) -> QuerySet[Tenant]:
        """Not deeper than so many levels."""
        if not levels:
            return found
        near = [pk for pk, spot in self.spots.items() if spot.depth < int(levels)]
        return found.filter(pk__in=near)

    def with_plugin(self, found: QuerySet[Tenant], name: str, plugin: str) -> QuerySet[Tenant]:
        """Where the plugin is on."""
        return found.filter(plugins__contains=[plugin]) if plugin else found

    def _upgrade(self) -> Q:
        waiting = [site.id for site in self.sites if site.behind]
        return Q(pk__in=waiting) | ~Q(upgrade_error="")


def failing() -> Q:
    """Sites with tasks that failed for good."""
    failed = QueuedTask.objects.filter(status=Status.FAILED, tenant_id=OuterRef("pk"))
    return Q(Exists(failed))


def over_quota() -> Q:
    """Sites that take up more than they may, by the last measurement."""
    too_large = Usage.objects.filter(
        tenant=OuterRef("pk"),
        tenant__max_bytes__isnull=False,
        file_bytes__gte=F("tenant__max_bytes"),
    )
    return Q(Exists(too_large))


def searched(found: QuerySet[Tenant], query: str) -> QuerySet[Tenant]:
    """By parts of name and code, and of an address."""
    if not query:
        return found
    placed = Domain.objects.filter(tenant=OuterRef("pk"), host__icontains=query)
    return found.filter(Q(name__icontains=query) | Q(code__icontains=query) | Exists(placed))


def matching(request: HttpRequest, wishes: QueryDict | None = None) -> QuerySet[Tenant]:
    """The sites of the person that the home's search and filters find with ``wishes``, by default
    the request's own parameters: what "all that match" means."""
    wishes = request.GET if wishes is None else wishes
    filters = SiteFilterSet(wishes, sites_of(request.user), request=request)
    found: QuerySet[Tenant] = filters.qs if filters.is_valid() else filters.queryset.none()
    return searched(found, wishes.get("q", "").strip())


def _themes(sites: list[directory.Site]) -> list[tuple[str, str]]:
    known, language = themes(), get_language() or ""
    return [
        (name, known[name].title(language) if name in known else name)
        for name in sorted({site.theme for site in sites})
    ]


def _plugins(sites: list[directory.Site]) -> list[tuple[str, Any]]:
    found = {plugin for site in sites for plugin in site.plugins}
    known = installed()
    return [
        (label, known[label].manifest.title)
        for label in sorted(found)
        if label in known and known[label].manifest.scope is not Scope.PLATFORM
    ]


def _branches(sites: list[directory.Site], known: dict[int, Spot]) -> list[tuple[str, str]]:
    names = {site.id: site.name for site in sites}
    return [
        (str(site_id), f"{'　' * spot.depth}{names[site_id]}")
        for site_id, spot in known.items()
        if spot.below
    ]
