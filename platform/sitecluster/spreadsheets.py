"""Lists as CSV and XLSX that a Chinese Excel or WPS opens as they stand on the screen."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from wagtail.admin.views.mixins import SpreadsheetExportMixin

from .tenancy import Tenant, required_tenant, tenant_context

BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # or spreadsheets take Chinese for Latin letters
FORMULA = ("=", "+", "-", "@", "\t", "\r")
MOMENT, DAY = "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"  # of cells


class ExportMixin(SpreadsheetExportMixin):
    """To be named before any of Wagtail's listing views, most of which export by themselves.

    Name the columns in ``list_export`` and what stands above them in ``export_headings``. Times
    are local ones, dates real dates in XLSX, and no text is taken for a formula. The file is
    named after ``export_filename``, the site and the day.
    """

    export_headings: Any = {}

    def get_filename(self) -> str:
        return f"{self.export_filename}-{required_tenant().code}-{timezone.localdate()}"

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        """What the cell holds: a number, a local moment or day, or a text."""
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if isinstance(value, int | float):
            return value
        if isinstance(value, datetime):
            value = _local(value)
        if isinstance(value, date):
            return value if export_format == self.FORMAT_XLSX else str(value)
        return _safe("" if value is None else _text(value), export_format == self.FORMAT_XLSX)

    def stream_csv(self, queryset: Any) -> Iterator[bytes]:
        """Read while it is sent, when the request is over: in its own site and language."""
        rows = super().stream_csv(queryset)
        return _kept(rows, required_tenant(), translation.get_language())

    def write_xlsx(self, queryset: Any, output: Any) -> None:
        """Dates as the numbers that every program knows (Wagtail's are ISO 8601 texts)."""
        workbook = Workbook(write_only=True)
        sheet = workbook.create_sheet()
        sheet.freeze_panes = "A2"
        sheet.append([self.get_heading(queryset, field) for field in self.list_export])
        for item in queryset:
            sheet.append(self.generate_xlsx_row(sheet, self.to_row_dict(item)))
        workbook.save(output)

    def generate_xlsx_row(
        self, worksheet: Any, row_dict: dict[str, Any], date_format: str | None = None
    ) -> Iterator[Any]:
        """The cells of a row."""
        for cell in super().generate_xlsx_row(worksheet, row_dict):
            if cell.is_date:
                cell.number_format = MOMENT if isinstance(cell.value, datetime) else DAY
            yield cell


def _kept(rows: Iterator[bytes], site: Tenant, language: str) -> Iterator[bytes]:
    with tenant_context(site), translation.override(language):
        yield BYTE_ORDER_MARK
        yield from rows


def _local(value: datetime) -> datetime:
    moment = timezone.make_naive(value) if timezone.is_aware(value) else value
    return moment.replace(microsecond=0)


def _text(value: Any) -> str:
    several = isinstance(value, list | tuple | set | frozenset)
    return ", ".join(map(str, value)) if several else str(value)


def _safe(text: str, in_xlsx: bool) -> str:
    if in_xlsx:
        return ILLEGAL_CHARACTERS_RE.sub("", text)
    return f"'{text}" if text.startswith(FORMULA) else text
