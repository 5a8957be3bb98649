"""Tables that people upload, CSV or XLSX: read into rows of named cells."""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

Headings = Mapping[str, Sequence[str]]

MOST_UNPACKED = 50_000_000  # bytes; a workbook is a ZIP archive
MOST_COLUMNS = 40
ENCODINGS = ("utf-8-sig", "gb18030")  # Chinese Excel saves plain CSV in the latter

# What openpyxl and the libraries below it raise for a file that isn't quite a workbook.
XLSX_ERRORS = (
    OSError,
    InvalidFileException,
    zipfile.BadZipFile,
    LookupError,
    ValueError,
    TypeError,
    ParseError,
)


class TableError(Exception):
    """The file as a whole can't be read; the message is one sentence."""


@dataclass(frozen=True)
class Line:
    """A line of the file that isn't empty: its number, and its cells by column, trimmed."""

    number: int
    cells: Mapping[str, str]


def lines(
    name: str, content: bytes, headings: Headings, required: Sequence[str], most: int = 0
) -> list[Line]:
    """The lines of the file called ``name`` below its headings, at most ``most`` if that is given.

    ``headings`` are the columns and what they may be called; they stand in any order, and columns
    of other headings are ignored. Raises `TableError`, also if one of ``required`` is missing.
    """
    table = _xlsx(name, content) if name.lower().endswith(".xlsx") else _csv(name, content)
    try:
        return _named(name, table, headings, required, most)
    except csv.Error as error:
        text = _("The file %(file)s is not valid CSV: %(error)s.")
        raise TableError(text % {"file": name, "error": error}) from None
    except XLSX_ERRORS:
        raise TableError(_unreadable(name)) from None


def _named(
    name: str,
    table: Iterator[tuple[int, list[str]]],
    headings: Headings,
    required: Sequence[str],
    most: int,
) -> list[Line]:
    first = next(table, None)
    if first is None:
        raise TableError(_("The file %(file)s is empty.") % {"file": name})
    header = [_column(cell, headings) for cell in first[1]]
    missing = [column for column in required if column not in header]
    if missing:
        names = [f"{column} ({headings[column][0]})" for column in missing]
        text = _("The file %(file)s has no column %(columns)s.")
        raise TableError(text % {"file": name, "columns": ", ".join(names)})
    found: list[Line] = []
    for number, cells in table:
        if any(cell.strip() for cell in cells):
            values = dict(zip(header, (cell.strip() for cell in cells), strict=False))
            found.append(Line(number, {column: values.get(column, "") for column in headings}))
        if most and len(found) > most:
            text = _("The file %(file)s has more than %(most)d rows; please split it.")
            raise TableError(text % {"file": name, "most": most})
    return found


def _column(heading: str, headings: Headings) -> str:
    plain = heading.strip().rstrip("*").strip().lower()
    for column, names in headings.items():
        if plain in names:
            return column
    return plain


def _csv(name: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(name, content)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return ((reader.line_num, cells) for cells in reader)


def _decoded(name: str, content: bytes) -> str:
    if b"\0" not in content:  # what no text in these encodings holds
        for encoding in ENCODINGS:
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
    text = _("The file %(file)s is neither CSV in UTF-8 or GB18030 nor XLSX.")
    raise TableError(text % {"file": name})


def _xlsx(name: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise TableError(_("The file %(file)s is too large.") % {"file": name})
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        rows = sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS)
    except XLSX_ERRORS:
        raise TableError(_unreadable(name)) from None
    return ((number, [_cell(cell) for cell in cells]) for number, cells in enumerate(rows, start=1))


def _unreadable(name: str) -> str:
    return _("The file %(file)s can't be read as XLSX.") % {"file": name}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
