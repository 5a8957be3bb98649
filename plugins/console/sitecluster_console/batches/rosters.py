"""Many new sites at once: an uploaded roster, its preview and its batch."""

import json
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
from django.views.generic import TemplateView, View
from wagtail.admin.ui.tables import Column, Table
from wagtail.admin.widgets.button import HeaderButton

from sitecluster_console.shared.models import Batch, BatchItem
from sitecluster_console.views import ConsoleMixin, ConsoleView
from tenants import provisioning
from tenants.models import Kind
from tenants.orders import Order
from tenants.rosters import file as roster_file, roster
from tenants.rosters.roster import Row

from .roster_rules import judged, problems_now
from .work import BatchProblem, NewItem, kind, start

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 2000
SHOWN = 500  # rows of each table of the preview
FIELDS = ("code", "name", "kind", "parent", "site_id_code", "domain")
TYPES = {
    "csv": ("text/csv; charset=utf-8", roster_file.template_csv),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        roster_file.template_xlsx,
    ),
}


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


class UploadForm(forms.Form):
    """The file; what is wrong with it as a whole is said at its field."""

    file = forms.FileField(
        label=gettext_lazy("Roster"),
        help_text=format_lazy(
            gettext_lazy("CSV or XLSX, one row a site, at most {rows} rows and {size} MB."),
            rows=MOST_ROWS,
            size=MOST_BYTES // 1024**2,
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )

    def clean_file(self) -> list[Row]:
        """Its rows, each checked by itself."""
        upload: Any = self.cleaned_data["file"]
        if (upload.size or 0) > MOST_BYTES:
            text = _("The file %(file)s is too large.")
            raise ValidationError(text % {"file": upload.name})
        try:
            lines = roster_file.lines(upload.name or "", upload.read(), MOST_ROWS)
        except roster.RosterError as error:
            raise ValidationError(str(error)) from None
        if not lines:
            raise ValidationError(_("The file holds no row below its headings."))
        self.file_name = upload.name or ""
        return [roster.row_of(line.number, line.cells) for line in lines]


class StartForm(forms.Form):
    """The rows as they were previewed, and why the sites are opened."""

    rows = forms.CharField(
        widget=forms.HiddenInput,
        strip=False,
        error_messages={"required": gettext_lazy("Upload the file again.")},
    )
    file_name = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea({"rows": 2}), max_length=1000
    )
    document = forms.CharField(
        label=gettext_lazy("Document number"), required=False, max_length=100
    )

    def clean_rows(self) -> list[Row]:
        """The rows; the browser may send anything."""
        try:
            rows = [_unpacked(number, cells) for number, cells in json.loads(self.data["rows"])]
        except (ValueError, TypeError):
            raise ValidationError(_("Upload the file again.")) from None
        if not 0 < len(rows) <= MOST_ROWS or len({row.number for row in rows}) < len(rows):
            raise ValidationError(_("Upload the file again."))
        return rows


def _unpacked(number: Any, cells: Any) -> Row:
    if not isinstance(number, int) or len(cells) != len(FIELDS) or not 0 < number < 2**31:
        raise ValueError(number)
    if not all(isinstance(cell, str) and len(cell) < 1000 for cell in cells):
        raise ValueError(cells)
    return roster.row_of(number, dict(zip(FIELDS, cells, strict=True)))


def _packed(rows: Iterable[Row]) -> str:
    cells = ([row.number, [getattr(row.order, name) for name in FIELDS]] for row in rows)
    return json.dumps(list(cells), ensure_ascii=False, separators=(",", ":"))


class CellColumn(Column):
    """A cell of the file, and below it what is wrong with it."""

    def render_cell_html(self, instance: Row, parent_context: Any) -> SafeString:
        faults = [fault.text for fault in instance.faults if fault.column == self.name]
        notes = [fault.text for fault in instance.notes if fault.column == self.name]
        return format_html(
            '<td class="{}">{}{}{}</td>',
            "console-faulty console-long" if faults else "",
            self.get_value(instance),
            _messages("console-fault", faults),
            _messages("console-note", notes),
        )

    def get_value(self, instance: Row) -> str:
        value: str = getattr(instance.order, self.name)
        if self.name == "kind" and value in Kind.values:
            return str(Kind(value).label)
        if self.name == "domain" and not value and instance.address:
            return instance.address
        return value


def _messages(css: str, texts: list[str]) -> SafeString:
    return format_html_join("", '<p class="{}">{}</p>', ((css, text) for text in texts))


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
        self.packed = _packed(rows)

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


class RosterTemplate(ConsoleMixin, View):
    """An empty roster to fill in."""

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        content_type, made = TYPES[name]
        disposition = f'attachment; filename="roster-template.{name}"'
        headers = {"Content-Disposition": disposition}
        return HttpResponse(made(), content_type=content_type, headers=headers)


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    template = RosterTemplate.as_view()
    return [
        path("rosters/", RosterView.as_view(), name="rosters"),
        path("rosters/template.csv", template, {"name": "csv"}, name="rosters_csv"),
        path("rosters/template.xlsx", template, {"name": "xlsx"}, name="rosters_xlsx"),
    ]
