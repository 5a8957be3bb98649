"""Rows that people upload, see judged and start as a batch: the forms, a cell, the template.

Between preview and start the rows travel through the browser, so they are checked again.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.generic import View

from sitecluster_console.fields import reason_field
from sitecluster_console.views import ConsoleMixin
from tenants.rosters.table import Line, TableError

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 2000
SHOWN = 500  # rows of each table of the preview
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Fault(Protocol):
    """Something to say of a column's cell."""

    @property
    def column(self) -> str: ...
    @property
    def text(self) -> str: ...


class TableForm(forms.Form):
    """The file, in the field ``file``; what is wrong with it as a whole is said there."""

    def clean_file(self) -> list[Any]:
        """Its rows, as `row` makes them."""
        upload: Any = self.cleaned_data["file"]
        self.file_name = upload.name or ""
        if (upload.size or 0) > MOST_BYTES:
            raise ValidationError(_("The file %(file)s is too large.") % {"file": upload.name})
        try:
            lines = self.lines(self.file_name, upload.read())
        except TableError as error:
            raise ValidationError(str(error)) from None
        if not lines:
            raise ValidationError(_("The file holds no row below its headings."))
        return [self.row(line) for line in lines]

    def lines(self, name: str, content: bytes) -> list[Line]:
        """The lines of the file; raises `TableError`."""
        raise NotImplementedError

    def row(self, line: Line) -> Any:
        """A line as a row of this upload."""
        raise NotImplementedError


class RowsForm(forms.Form):
    """The rows as they were previewed, and why they are started."""

    columns: ClassVar[Sequence[str]] = ()
    longest_cell: ClassVar[int] = 0

    rows = forms.CharField(widget=forms.HiddenInput, strip=False)
    file_name = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)
    reason = reason_field(longest=1000)

    def clean_rows(self) -> list[Any]:
        """The rows; the browser may send anything."""
        try:
            rows = [
                self._unpacked(number, cells) for number, cells in json.loads(self.data["rows"])
            ]
        except (ValueError, TypeError):
            raise ValidationError(_("Upload the file again.")) from None
        if not 0 < len(rows) <= MOST_ROWS or len({row.number for row in rows}) < len(rows):
            raise ValidationError(_("Upload the file again."))
        return rows

    def _unpacked(self, number: Any, cells: Any) -> Any:
        if not isinstance(number, int) or len(cells) != len(self.columns) or not 0 < number < 2**31:
            raise ValueError(number)
        if not all(isinstance(cell, str) and len(cell) <= self.longest_cell for cell in cells):
            raise ValueError(cells)
        return self.row(number, cells)

    def row(self, number: int, cells: Sequence[str]) -> Any:
        """A row of these cells, which are in the order of `columns`."""
        raise NotImplementedError


def packed(rows: Iterable[Any], cells: Callable[[Any], list[str]]) -> str:
    """The rows as `RowsForm` takes them back."""
    return json.dumps(
        [[row.number, cells(row)] for row in rows], ensure_ascii=False, separators=(",", ":")
    )


def judged_cell(
    column: str, value: Any, faults: Iterable[Fault], notes: Iterable[Fault], css: str
) -> SafeString:
    """A cell of the file, below it what is wrong with it and what else is to be said; ``css`` is
    the class of a faulty one."""
    wrong = [fault.text for fault in faults if fault.column == column]
    said = [note.text for note in notes if note.column == column]
    return format_html(
        '<td class="{}">{}{}{}</td>',
        css if wrong else "",
        value,
        _messages("console-fault", wrong),
        _messages("console-note", said),
    )


def _messages(css: str, texts: list[str]) -> SafeString:
    return format_html_join("", '<p class="{}">{}</p>', ((css, text) for text in texts))


class EmptyTableView(ConsoleMixin, View):
    """An empty table to fill in."""

    file_name = ""
    made: Mapping[str, Callable[[], bytes]] = {}

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        disposition = f'attachment; filename="{self.file_name}.{name}"'
        headers = {"Content-Disposition": disposition}
        return HttpResponse(self.made[name](), content_type=CONTENT_TYPES[name], headers=headers)
