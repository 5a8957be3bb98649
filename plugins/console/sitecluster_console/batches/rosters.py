"""Many new sites at once: an uploaded roster, its preview and its batch."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
from django.views.generic import TemplateView
from wagtail.admin.ui.tables import Column, Table
from wagtail.admin.widgets.button import HeaderButton

from sitecluster_console.shared.models import Batch, BatchItem
from sitecluster_console.views import ConsoleView
from tenants import provisioning
from tenants.models import Kind
from tenants.orders import Order
from tenants.rosters import file as roster_file, roster
from tenants.rosters.roster import Row
from tenants.rosters.table import Line

from . import uploads
from .roster_rules import judged, problems_now
from .uploads import MOST_BYTES, MOST_ROWS, SHOWN, RowsForm, TableForm, judged_cell, packed
from .work import BatchProblem, NewItem, kind, start

FIELDS = ("code", "name", "kind", "parent", "site_id_code", "domain")
MADE = {"csv": roster_file.template_csv, "xlsx": roster_file.template_xlsx}


@kind("site.open", title=gettext_lazy("Open sites"))
def open_site(item: BatchItem, batch: Batch) -> str | None:
    """Open the site of one row; it is being built at first, as those of the wizard."""
    order = Order(**item.wishes, live=False)
    problems = problems_now(order, batch.created_by)
    if problems:
        raise BatchProblem(*problems)
    outcome = provisioning.provision(
        order, by=batch.created_by, reason=batch.reason, document=batch.document
    )
    item.site_id = outcome.site.id
    if not outcome.created:
        return None
    address = outcome.site.address
    if address is None:
        return _("Opened.")
    return _("Opened at %(address)s.") % {"address": address.host + address.prefix}


class UploadForm(TableForm):
    """A roster of sites."""

    file = forms.FileField(
        label=gettext_lazy("Roster"),
        help_text=format_lazy(
            gettext_lazy("CSV or XLSX, one row a site, at most {rows} rows and {size} MB."),
            rows=MOST_ROWS,
            size=MOST_BYTES // 1024**2,
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )

    def lines(self, name: str, content: bytes) -> list[Line]:
        return roster_file.lines(name, content, MOST_ROWS)

    def row(self, line: Line) -> Row:
        return roster.row_of(line.number, line.cells)


class StartForm(RowsForm):
    """The rows as they were previewed, and why the sites are opened."""

    columns = FIELDS
    longest_cell = 999

    rows = forms.CharField(
        widget=forms.HiddenInput,
        strip=False,
        error_messages={"required": gettext_lazy("Upload the file again.")},
    )
    document = forms.CharField(
        label=gettext_lazy("Document number"), required=False, max_length=100
    )

    def row(self, number: int, cells: Sequence[str]) -> Row:
        return roster.row_of(number, dict(zip(FIELDS, cells, strict=True)))


class CellColumn(Column):
    """A cell of the file, and below it what is wrong with it."""

    def render_cell_html(self, instance: Row, parent_context: Any) -> SafeString:
        value, css = self.get_value(instance), "console-faulty console-long"
        return judged_cell(self.name, value, instance.faults, instance.notes, css)

    def get_value(self, instance: Row) -> str:
        value: str = getattr(instance.order, self.name)
        if self.name == "kind" and value in Kind.values:
            return str(Kind(value).label)
        if self.name == "domain" and not value and instance.address:
            return instance.address
        return value


class Preview:
    """A roster as it was judged: what is good, what isn't, what exists already."""

    def __init__(self, rows: list[Row], file_name: str) -> None:
        self.file_name = file_name
        self.bad = [row for row in rows if row.faults]
        self.good = [row for row in rows if not row.faults]
        self.existing = [row for row in self.good if row.exists]
        self.new = [row for row in self.good if not row.exists]
        self.total = len(rows)
        self.shown = SHOWN
        self.packed = packed(rows, lambda row: [getattr(row.order, name) for name in FIELDS])

    @cached_property
    def bad_table(self) -> Table:
        return Table(_columns(), self.bad[:SHOWN])

    @cached_property
    def good_table(self) -> Table:
        return Table(_columns(), self.good[:SHOWN])

    def items(self) -> list[NewItem]:
        """The good rows, each after that of the site above if it is in the file."""
        new = {row.order.code for row in self.new}
        return [
            NewItem(
                row.order.code,
                row.order.name,
                wishes={name: getattr(row.order, name) for name in FIELDS},
                number=row.number,
                after=row.order.parent if row.order.parent in new else "",
            )
            for row in self.good
        ]

    def left_out(self) -> list[list[Any]]:
        """The bad rows, for the result."""
        return [
            [row.number, row.order.code, row.order.name, list(row.problems)] for row in self.bad
        ]


def _columns() -> list[Column]:
    labels = {
        "code": _("Code"),
        "name": pgettext("site", "Name"),
        "kind": _("Kind"),
        "parent": _("Site above"),
        "site_id_code": _("Site identification code"),
        "domain": _("Address"),
    }
    columns: list[Column] = [Column("number", label=_("Row"))]
    return [*columns, *(CellColumn(name, label=label) for name, label in labels.items())]


class RosterView(ConsoleView, TemplateView):
    """Upload, preview with each error at its cell, start."""

    template_name = "console/roster.html"
    page_title = gettext_lazy("Open many sites")
    header_icon = "upload"
    preview: Preview | None = None

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_header_buttons(self) -> list[HeaderButton]:
        return [
            HeaderButton(text, reverse(f"console:rosters_{name}"), icon_name="download")
            for name, text in (("xlsx", _("Template (XLSX)")), ("csv", _("Template (CSV)")))
        ]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "rows" in request.POST:
            return self._start(request)
        upload = UploadForm(request.POST, request.FILES)
        if not upload.is_valid():
            return self.render_to_response(self.get_context_data(upload=upload))
        self.preview = self._judged(upload.cleaned_data["file"], upload.file_name)
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        preview = self.preview
        if preview and "form" not in kwargs:
            initial = {"rows": preview.packed, "file_name": preview.file_name}
            kwargs["form"] = StartForm(initial=initial)
        kwargs.setdefault("upload", UploadForm())
        return super().get_context_data(preview=preview, **kwargs)

    def _judged(self, rows: list[Row], file_name: str) -> Preview:
        return Preview(judged(rows, self.request.user), file_name)

    def _start(self, request: HttpRequest) -> HttpResponse:
        form = StartForm(request.POST)
        valid = form.is_valid()
        if "rows" not in form.cleaned_data:
            upload = UploadForm(request.POST)
            upload.add_error("file", form.errors["rows"])
            return self.render_to_response(self.get_context_data(upload=upload))
        preview = self._judged(form.cleaned_data["rows"], form.cleaned_data.get("file_name", ""))
        items = preview.items()
        if valid and items:
            return redirect("console:batch", self._batch(preview, items, form).pk)
        self.preview = preview
        return self.render_to_response(self.get_context_data(form=form))

    def _batch(self, preview: Preview, items: list[NewItem], form: StartForm) -> Batch:
        text = ngettext("Open %d site", "Open %d sites", len(items)) % len(items)
        name = preview.file_name
        return start(
            "site.open",
            f"{text}: {name}"[:200] if name else text,
            items,
            by=self.request.user,
            wishes={"file": name, "left_out": preview.left_out()},
            reason=form.cleaned_data["reason"],
            document=form.cleaned_data["document"],
        )


class RosterTemplate(uploads.EmptyTableView):
    """An empty roster of sites."""

    file_name = "roster-template"
    made = MADE


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    template = RosterTemplate.as_view()
    return [
        path("rosters/", RosterView.as_view(), name="rosters"),
        path("rosters/template.csv", template, {"name": "csv"}, name="rosters_csv"),
        path("rosters/template.xlsx", template, {"name": "xlsx"}, name="rosters_xlsx"),
    ]
