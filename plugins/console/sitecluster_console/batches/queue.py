"""What waits in the queue of the whole cluster, whether somebody works it off, and what failed."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin.ui.tables import Column, DateColumn, Table

from sitecluster.plugins.registry import installed
from sitecluster.tasks import failures
from sitecluster.tasks.claiming import Status
from sitecluster.tasks.models import QueuedTask
from sitecluster.tasks.overview import Overview, Place, Recurrence, overview
from sitecluster.tenancy import find_sites
from sitecluster_console.views import ConsoleView

SHOWN = 100
LONG = timedelta(minutes=5)  # a task that waits longer than this deserves a look


class ChooseTaskColumn(Column):
    """A box to choose a task that failed for good."""

    def render_cell_html(self, instance: Any, parent_context: Any) -> SafeString:
        label = _("Choose %(name)s") % {"name": f"{instance.shown_title} {instance.site_code}"}
        return format_html(
            '<td><input type="checkbox" name="task" value="{}" aria-label="{}"></td>',
            instance.pk,
            label,
        )


class ReportColumn(Column):
    """Arguments and traceback."""

    def render_cell_html(self, instance: Any, parent_context: Any) -> SafeString:
        address = reverse("tasks_details", args=[instance.pk])
        return format_html('<td><a href="{}">{}</a></td>', address, _("Error report"))


class QueueView(ConsoleView, TemplateView):
    """How many tasks wait, for whom and since when; the worker; what recurs; what failed."""

    platform_only = True
    template_name = "console/queue.html"
    page_title = gettext_lazy("Background tasks")
    header_icon = "cogs"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = overview()
        failed = failures.all_failures().filter(status=Status.FAILED)
        return super().get_context_data(
            overview=now,
            figures=_figures(now),
            late=bool(now.oldest and timezone.now() - now.oldest > LONG),
            oldest=timesince(now.oldest) if now.oldest else "",
            places=Table(_place_columns(), now.places[:SHOWN]),
            recurrences=Table(_recurrence_columns(), now.recurrences),
            failed=now.counts[Status.FAILED],
            failures=Table(_failure_columns(), _shown(failed[:SHOWN])),
            shown=SHOWN,
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Let the chosen tasks run again, or all that failed for good."""
        rows = failures.all_failures().filter(status=Status.FAILED)
        ids = list(rows.values_list("pk", flat=True)) if "all" in request.POST else _chosen(request)
        again = 0
        for pk in ids:
            try:
                failures.retry(pk, rows, by=request.user)
                again += 1
            except QueuedTask.DoesNotExist:  # somebody else was quicker
                continue
        if again:
            text = ngettext("%d task runs again.", "%d tasks run again.", again)
            messages.success(request, text % again)
        else:
            messages.warning(request, _("No task was chosen that has failed for good."))
        return redirect("console:queue")


def _chosen(request: HttpRequest) -> list[UUID]:
    found = []
    for text in request.POST.getlist("task"):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _shown(rows: Any) -> list[Any]:
    """The tasks with title and code of the site."""
    found: list[Any] = list(rows)
    codes = {site.id: site.code for site in find_sites(row.tenant_id for row in found)}
    for row in found:
        row.site_code = codes.get(row.tenant_id, "")
        row.shown_title = failures.title(row)
    return found


def _figures(now: Overview) -> list[tuple[str, int]]:
    ready = now.counts[Status.READY]
    return [
        (_("Waiting"), ready - now.later),
        (_("Waiting for their time"), now.later),
        (_("Running"), now.counts[Status.RUNNING]),
        (_("Done"), now.counts[Status.SUCCESSFUL]),
        (_("Failed"), now.counts[Status.FAILED]),
    ]


def _place_columns() -> list[Column]:
    return [
        Column("site", label=_("Site"), accessor=_place),
        Column("plugin", label=_("Plugin"), accessor=_plugin),
        Column("count", label=_("Waiting"), accessor="count"),
        Column("oldest", label=_("Oldest since"), accessor=lambda place: _ago(place.oldest)),
        Column("held", label=_("Waits for"), accessor=_waits_for),
    ]


def _place(place: Place) -> str:
    return f"{place.site.name} ({place.site.code})" if place.site else _("The cluster")


def _plugin(place: Place) -> str:
    plugin = installed().get(place.plugin)
    return str(plugin.manifest.title) if plugin else place.plugin or "–"


def _waits_for(place: Place) -> str:
    if not place.held:
        return _("a worker")
    if place.site is None:
        return _("a site that is not there any more")
    return _("the site's upgrade") if place.site.behind else _("the plugin, which is off")


def _recurrence_columns() -> list[Column]:
    return [
        Column("title", label=_("Task")),
        Column("period", label=_("Every"), accessor=lambda each: _period(each.period)),
        Column("next_run", label=_("Next run"), accessor=_next),
    ]


def _period(period: timedelta) -> str:
    now = timezone.now()
    return timesince(now - period, now)


def _next(each: Recurrence) -> str:
    moment = each.next_run
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else "–"


def _ago(moment: Any) -> str:
    return _("%(time)s ago") % {"time": timesince(moment)}


def _failure_columns() -> list[Column]:
    return [
        ChooseTaskColumn("choose", label=_("Choose")),
        Column("shown_title", label=_("Task")),
        Column("site_code", label=_("Site code")),
        Column("problem", label=_("Problem"), classname="console-long"),
        Column("attempts", label=_("Attempts"), accessor="attempts"),
        DateColumn("started_at", label=_("Last attempt")),
        ReportColumn("report", label=_("Error report")),
    ]


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return [path("queue/", QueueView.as_view(), name="queue")]
