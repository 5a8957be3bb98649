"""The tree of sites: the console's home."""

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _, gettext_lazy
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton

from sitecluster.spreadsheets import ExportMixin
from sitecluster_console.site import usage_card
from sitecluster_console.views import ConsoleMixin
from tenants.models import Tenant

from .columns import columns
from .filters import SiteFilterSet, searched
from .rows import rows
from .summary import figures
from .tree import Spot, seen, spots


class SiteListing(ConsoleMixin, ExportMixin, generic.IndexView):
    """Every site that the person runs, in the order of the tree; search and filters narrow it."""

    model = Tenant
    page_title = gettext_lazy("Sites")
    header_icon = "site"
    template_name = "console/home.html"
    results_template_name = "console/home_results.html"
    index_url_name = "console:home"
    index_results_url_name = "console:home_results"
    filterset_class = SiteFilterSet
    is_searchable = True
    paginate_by = 50
    table_classname = "listing console-sites"
    export_filename = "sites"

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        url = reverse("console:opening_new")
        return [HeaderButton(_("Open a site"), url=url, icon_name="plus")]

    def get_base_queryset(self) -> QuerySet[Tenant]:
        return self.sites()

    def order_queryset(self, queryset: QuerySet[Tenant]) -> QuerySet[Tenant]:
        """Left to `found`, since the tree is the directory's and not the database's."""
        return queryset

    def search_queryset(self, queryset: QuerySet[Tenant]) -> QuerySet[Tenant]:
        return searched(queryset, self.search_query.strip())

    @cached_property
    def spots(self) -> dict[int, Spot]:
        """The places of the sites, in the order of the tree."""
        return self.filters.spots if self.filters else spots(seen(self.request.user))

    def found(self, queryset: QuerySet[Tenant]) -> list[int]:
        """Ids of the sites that were found, in the order of the tree; one query."""
        ids = set(queryset.order_by().values_list("pk", flat=True))
        return [site_id for site_id in self.spots if site_id in ids]

    def paginate_queryset(self, queryset: QuerySet[Tenant], page_size: int) -> Any:
        paginator, page, ids, several = super().paginate_queryset(self.found(queryset), page_size)
        page.object_list = list(rows(self.sites(), list(ids), self.spots))
        return paginator, page, page.object_list, several

    @cached_property
    def columns(self) -> list[Column]:
        return columns(bool(self.is_searching or self.is_filtering))

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        if self.is_export:
            return {"object_list": self.object_list}
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        context["wishes"] = [
            (name, value)
            for name, values in self.request.GET.lists()
            if name in {"q", *SiteFilterSet.base_filters}
            for value in values
        ]
        if not self.results_only:
            context["figures"] = figures(self.request.user)
        return context

    def as_spreadsheet(self, queryset: QuerySet[Tenant], spreadsheet_format: str) -> Any:
        found = rows(self.sites(), self.found(queryset), self.spots)
        return super().as_spreadsheet(found, spreadsheet_format)

    @property
    def list_export(self) -> list[str]:
        return list(self.export_headings)

    @property
    def export_headings(self) -> dict[str, str]:
        return {
            "site.code": _("Code"),
            "site.name": _("Site"),
            "spot.above": _("Site above"),
            "site.get_kind_display": _("Kind"),
            "site.get_state_display": _("State"),
            "address": _("Address"),
            "theme": _("Theme"),
            "plugins": _("Plugins"),
            "items": _("Published items"),
            "this_week": _("Published this week"),
            "updated_at": _("Last update"),
            "members": _("Members"),
            "used_bytes": _("Storage in bytes"),
            "site.max_bytes": _("Most bytes of uploads"),
            "behind": _("Upgrade pending"),
            "site.upgrade_error": _("Why its upgrade failed"),
            "failed_tasks": _("Failed tasks"),
        }


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return [
        path("sites/", SiteListing.as_view(), name="home"),
        path("sites/results/", SiteListing.as_view(results_only=True), name="home_results"),
        *usage_card.urls(),
    ]
