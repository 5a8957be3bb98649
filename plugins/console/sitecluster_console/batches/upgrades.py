"""What needs an upgrade, and the upgrade of sites in the background."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin.ui.tables import Column, Table

from sitecluster.audit.trail import record
from sitecluster_console.shared.models import Batch, BatchItem
from sitecluster_console.views import ConsoleView
from tenants import directory, migrating, upgrading
from tenants.migrating import Migration, MigrationFailed
from tenants.models import State, Tenant

from . import queue as background
from .work import BatchProblem, Item, NewItem, kind, start

KIND = "site.upgrade"
SHOWN = 200
NAMED = 5  # migrations that are named before the rest is counted


def note_failure(item: BatchItem, batch: Batch) -> None:
    """Mark the site as the command does."""
    if item.site_id:
        upgrading.mark_failed(item.code, " ".join(item.problems), by=batch.created_by)


@kind(KIND, title=gettext_lazy("Upgrade sites"), platform_only=True, failed=note_failure)
def upgrade(item: BatchItem, batch: Batch) -> str | None:
    """Apply to the site's schema what it lacks, in the worker's own process."""
    if item.site is None or item.site.state == State.REMOVED:
        raise BatchProblem(_("The site is not there any more."))
    if migrating.shared_lacking():
        raise BatchProblem(upgrading.UPGRADE_FIRST)
    schema = item.site.schema_name
    lacks = migrating.lacking([schema]).get(schema, frozenset())
    if problems := upgrading.refusals(lacks):
        raise BatchProblem(*problems)
    try:
        if not upgrading.upgrade_site(item.code):
            return None
    except MigrationFailed as error:
        raise BatchProblem(str(error)) from error
    names = sorted(".".join(migration) for migration in lacks)
    site = directory.record(item.site)
    record("upgrade.finished", by=batch.created_by, site=site, after={"migrations": names})
    text = ngettext("Upgraded by %d migration.", "Upgraded by %d migrations.", len(names))
    return text % len(names)


class ChooseColumn(Column):
    """A box to choose the site."""

    def render_cell_html(self, instance: Any, parent_context: Any) -> SafeString:
        label = _("Choose %(name)s") % {"name": instance.name}
        return format_html(
            '<td><input type="checkbox" name="site" value="{}" aria-label="{}"></td>',
            instance.pk,
            label,
        )


class PlaceColumn(Column):
    """The site, with a link to its page; what new sites are made from has none."""

    def render_cell_html(self, instance: Any, parent_context: Any) -> SafeString:
        if instance.is_blueprint:
            return format_html("<td>{} ({})</td>", instance.name, instance.code)
        address = reverse("console:site", args=[instance.pk])
        return format_html(
            '<td><a href="{}">{}</a> ({})</td>', address, instance.name, instance.code
        )


class UpgradeView(ConsoleView, TemplateView):
    """What this code would do to the installation, and what of it the browser can start."""

    platform_only = True
    template_name = "console/upgrades.html"
    page_title = gettext_lazy("Upgrades")
    header_icon = "resubmit"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = upgrading.plan()
        behind: list[Any] = list(_behind(plan.sites))
        for site in behind:
            site.lacks = _named(plan.sites[site.code])
        batches = _batches()
        return super().get_context_data(
            plan=plan,
            shared=sorted(".".join(migration) for migration in plan.shared),
            needs_command=bool(plan.shared or plan.blueprints or plan.control or plan.rights),
            can_start=bool(behind) and not plan.shared and not plan.refused,
            behind=behind,
            failed=[site for site in behind if site.upgrade_error],
            shown=SHOWN,
            table=Table(_columns(), behind[:SHOWN]),
            batches=batches,
            running=[batch for batch in batches if not (batch.finished_at or batch.stopped_at)],
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        plan = upgrading.plan()
        if plan.shared or plan.refused:
            messages.error(request, plan.refused[0] if plan.refused else upgrading.UPGRADE_FIRST)
            return redirect("console:upgrades")
        sites = _behind(plan.sites)
        if "all" not in request.POST:
            chosen = {int(pk) for pk in request.POST.getlist("site") if pk.isdecimal()}
            sites = sites.filter(pk__in=[pk for pk in chosen if pk < 2**63])
        items = [NewItem(site.code, site.name, site) for site in sites]
        if not items:
            messages.warning(request, _("No site was chosen that needs an upgrade."))
            return redirect("console:upgrades")
        text = ngettext("Upgrade %d site", "Upgrade %d sites", len(items)) % len(items)
        return redirect("console:batch", start(KIND, text, items, by=request.user).pk)


def _behind(lacking: dict[str, frozenset[Migration]]) -> "QuerySet[Tenant]":
    """The sites of these codes, those that failed first."""
    found = Tenant.objects.filter(code__in=lacking).exclude(state=State.REMOVED)
    return found.order_by("-upgrade_error", "code")


def _named(migrations: frozenset[Migration]) -> str:
    names = sorted(".".join(migration) for migration in migrations)
    text = ", ".join(names[:NAMED])
    more = len(names) - NAMED
    if more <= 0:
        return text
    return ngettext("%(names)s and %(more)d more", "%(names)s and %(more)d more", more) % {
        "names": text,
        "more": more,
    }


def _columns() -> list[Column]:
    return [
        ChooseColumn("choose", label=_("Choose")),
        PlaceColumn("name", label=_("Site")),
        Column("state", label=_("State"), accessor="get_state_display"),
        Column("lacks", label=_("Missing migrations"), classname="console-long"),
        Column("upgrade_error", label=_("Error of the last attempt"), classname="console-long"),
    ]


def _batches() -> list[Batch]:
    """The last ones, with how many items failed."""
    found = Batch.objects.filter(kind=KIND).select_related("created_by")
    failed = Count("items", filter=Q(items__state=Item.FAILED))
    left = Count("items", filter=Q(items__state=Item.WAITING))
    return list(found.annotate(failed=failed, left=left, total=Count("items"))[:5])


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return [path("upgrades/", UpgradeView.as_view(), name="upgrades"), *background.urls()]
