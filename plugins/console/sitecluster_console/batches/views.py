"""The screens of batches: the list, one batch while it runs, its result file, stop and again."""

from collections import Counter
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
from django.views.generic import TemplateView, View
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, Table, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.widgets.button import HeaderButton

from sitecluster.spreadsheets import ExportMixin
from sitecluster_console.shared.models import Batch, BatchItem
from sitecluster_console.views import ConsoleMixin, ConsoleView
from tenants import directory

from . import work as batches
from .bulk import may_start
from .work import Item

SHOWN = 100  # rows on the page, those that failed first; the result file has them all
FRAGMENTS = {
    "progress": "console/batch_progress.html",
    "items": "console/batch_items.html",
}


def state_of(batch: Batch) -> str:
    """Where it stands, in a word."""
    if batch.finished_at:
        return _("Finished")
    if batch.stopped_at:
        return _("Stopped")
    return _("Running") if batch.started_at else _("Waiting for the worker")


class BatchMixin(ConsoleMixin):
    """The batch of the address, if the person may see it."""

    applicants = True

    @cached_property
    def batch(self) -> Batch:
        found = batches.visible_to(self.request.user).select_related("created_by")
        return get_object_or_404(found, pk=self.kwargs["pk"])

    @cached_property
    def counts(self) -> Counter[str]:
        """How many items there are in each state."""
        rows = self.batch.items.order_by().values_list("state")
        return Counter(dict(rows.annotate(Count("pk"))))


class BatchList(ConsoleMixin, BaseListingView):
    """Every batch that the person may see, the latest first."""

    applicants = True
    page_title = gettext_lazy("Batches")
    header_icon = "tasks"
    index_url_name = "console:batches"
    index_results_url_name = "console:batches_results"
    paginate_by = 50

    @property
    def columns(self) -> list[Column]:
        return [
            TitleColumn("title", label=_("Batch"), url_name="console:batch"),
            DateColumn("created_at", label=_("Started")),
            Column("created_by", label=_("Person")),
            Column("state", label=_("State"), accessor=state_of),
            Column("done", label=_("Done"), accessor=_share),
            Column("failed", label=_("Failed"), accessor="failed"),
        ]

    def get_base_queryset(self) -> "QuerySet[Batch]":
        failed, waiting = Q(items__state=Item.FAILED), Q(items__state=Item.WAITING)
        return (
            batches.visible_to(self.request.user)
            .select_related("created_by")
            .annotate(
                total=Count("items"),
                failed=Count("items", failed),
                left=Count("items", waiting),
            )
            .order_by("-created_at")
        )


def _share(batch: Any) -> str:
    return f"{batch.total - batch.left} / {batch.total}"


class SiteColumn(Column):
    """The code of an item; a link to the site's page where there is one to show."""

    def render_cell_html(self, instance: Any, parent_context: Any) -> SafeString:
        if not instance.shown:
            return format_html("<td>{}</td>", instance.code)
        address = reverse("console:site", args=[instance.site_id])
        return format_html('<td><a href="{}">{}</a></td>', address, instance.code)


class BatchPage(BatchMixin, ConsoleView, TemplateView):
    """One batch: how far it is, and what has become of each item."""

    template_name = "console/batch.html"
    header_icon = "tasks"

    def get_page_title(self) -> str:
        return self.batch.title

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        trail = [
            {"url": reverse("console:batches"), "label": _("Batches")},
            {"url": "", "label": self.batch.title},
        ]
        return [*self.breadcrumbs_items, *trail]

    def get_header_buttons(self) -> list[HeaderButton]:
        address = reverse("console:batch_file", args=[self.batch.pk])
        return [
            HeaderButton(_("Result as XLSX"), f"{address}?export=xlsx", icon_name="download"),
            HeaderButton(_("Result as CSV"), f"{address}?export=csv", icon_name="download"),
        ]

    def get_template_names(self) -> list[str]:
        part = FRAGMENTS.get(self.request.GET.get("part", ""))
        return [part] if part else [self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counts, batch = self.counts, self.batch
        total, waiting = sum(counts.values()), counts[Item.WAITING]
        return super().get_context_data(
            batch=batch,
            counts=counts,
            total=total,
            ended=total - waiting,
            waiting=waiting,
            failed=counts[Item.FAILED],
            state=state_of(batch),
            going=not (batch.finished_at or batch.stopped_at),
            left=_left(batch, total, waiting),
            startable=may_start(batch),
            table=Table(_columns(), self._items()),
            shown=min(total, SHOWN),
            left_out=batch.wishes.get("left_out", ()),
            **kwargs,
        )

    def _items(self) -> list[Any]:
        """Failed ones first, then what has ended last."""
        rows = self.batch.items.select_related("site")
        failed = list(rows.filter(state=Item.FAILED).order_by("number")[:SHOWN])
        ended = rows.exclude(state__in=(Item.FAILED, Item.WAITING)).order_by("-finished_at")
        waiting = rows.filter(state=Item.WAITING).order_by("number")
        items: list[Any] = [*failed, *ended[:SHOWN], *waiting[:SHOWN]][:SHOWN]
        return _with_links(items, self)


def _with_links(items: list[Any], view: ConsoleMixin) -> list[Any]:
    """The items with `shown`: whether the person may see the page of the item's site."""
    ids = {item.site_id for item in items if item.site_id}
    seen = set(view.sites().filter(pk__in=ids).values_list("pk", flat=True))
    for item in items:
        item.shown = item.site_id in seen
    return items


def _columns() -> list[Column]:
    return [
        Column("number", label=_("Row"), width="6%"),
        SiteColumn("code", label=_("Code"), width="14%"),
        Column("name", label=pgettext("site", "Name"), width="24%"),
        StatusTagColumn(
            "state",
            label=_("State"),
            accessor="get_state_display",
            primary=lambda item: item.state == Item.DONE,
            width="12%",
        ),
        Column("outcome", label=_("Result"), accessor=outcome, classname="console-long"),
    ]


def outcome(item: BatchItem) -> str:
    """What has become of the item, in its own words."""
    return " ".join(item.problems) if item.problems else item.result


def _left(batch: Batch, total: int, waiting: int) -> str:
    """How much longer it will take, as far as its own speed so far tells."""
    ended = total - waiting
    if not (batch.started_at and ended and waiting) or batch.stopped_at:
        return ""
    seconds = (timezone.now() - batch.started_at).total_seconds() / ended * waiting
    minutes = round(seconds / 60)
    if minutes < 1:
        return _("Less than a minute to go.")
    return ngettext("About %d minute to go.", "About %d minutes to go.", minutes) % minutes


class BatchFile(BatchMixin, ExportMixin, View):
    """The result file: a row for each item."""

    export_filename = "batch"
    list_export = ("number", "code", "name", "outcome", "text", "finished_at", "public", "admin")

    @property
    def export_headings(self) -> dict[str, str]:
        return {
            "number": _("Row"),
            "code": _("Code"),
            "name": pgettext("site", "Name"),
            "outcome": _("State"),
            "text": _("Result"),
            "finished_at": _("Time"),
            "public": _("Public address"),
            "admin": _("Admin"),
        }

    def get_filename(self) -> str:
        return f"{super().get_filename()}-{self.batch.pk}"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.is_export = True
        export_format = request.GET.get("export", self.FORMAT_XLSX)
        if export_format not in self.FORMATS:
            export_format = self.FORMAT_XLSX
        items: list[Any] = list(self.batch.items.select_related("site").order_by("number"))
        for item in items:
            item.outcome, item.text = item.get_state_display(), outcome(item)
            item.public, item.admin = _links(item)
        items += map(_left_out, self.batch.wishes.get("left_out", ()))
        response: HttpResponse = self.as_spreadsheet(items, export_format)
        return response


def _left_out(row: list[Any]) -> dict[str, Any]:
    """A row of the file that was not part of the batch: number, code, name, problems."""
    number, code, name, problems = row
    empty = {"finished_at": None, "public": "", "admin": ""}
    told = {"outcome": _("Left out"), "text": " ".join(problems)}
    return {"number": number, "code": code, "name": name, **told, **empty}


def _links(item: BatchItem) -> tuple[str, str]:
    """Public address and admin of the item's site, as far as there are any."""
    if item.site is None:
        return "", ""
    site = directory.record(item.site)
    return site.address.url() if site.address else "", site.admin_url


class BatchAct(BatchMixin, View):
    """Stop, go on, or try what failed again."""

    http_method_names = ("post",)
    act = ""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        batch = self.batch
        if self.act == "stop":
            if batches.stop(batch, by=request.user):
                messages.success(request, _("Stopped; what is under way is finished first."))
            else:
                messages.warning(request, _("The batch had ended already."))
        elif count := batches.resume(batch, by=request.user, failed=self.act == "retry"):
            text = ngettext("%d item goes on.", "%d items go on.", count)
            messages.success(request, text % count)
        else:
            messages.warning(request, _("Nothing is left to do."))
        return redirect("console:batch", batch.pk)


def urls() -> list[URLPattern]:
    """The addresses below ``/admin/cluster/``."""
    return [
        path("batches/", BatchList.as_view(), name="batches"),
        path("batches/results/", BatchList.as_view(results_only=True), name="batches_results"),
        path("batches/<int:pk>/", BatchPage.as_view(), name="batch"),
        path("batches/<int:pk>/file/", BatchFile.as_view(), name="batch_file"),
        path("batches/<int:pk>/stop/", BatchAct.as_view(act="stop"), name="batch_stop"),
        path("batches/<int:pk>/resume/", BatchAct.as_view(act="resume"), name="batch_resume"),
        path("batches/<int:pk>/retry/", BatchAct.as_view(act="retry"), name="batch_retry"),
    ]
