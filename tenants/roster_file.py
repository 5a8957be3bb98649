"""The file of a roster, CSV or XLSX: read into rows of named cells, and made as a template."""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from .models import Kind

REQUIRED = ("code", "name", "kind", "parent")
OPTIONAL = ("level", "site_id_code", "domain")
COLUMNS = (*REQUIRED, *OPTIONAL)
# What the columns are called in Chinese; the first name is that of the template.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "code": ("代码", "站点代码", "网站代码"),
    "name": ("名称", "站点名称", "网站名称", "单位名称"),
    "kind": ("类型", "站点类型", "网站类型"),
    "parent": ("上级", "上级代码", "上级站点", "上级站点代码"),
    "level": ("层级", "级别"),
    "site_id_code": ("网站标识码", "标识码"),
    "domain": ("域名", "网址", "地址"),
}
KINDS: Mapping[str, tuple[str, ...]] = {
    Kind.PORTAL: ("政府门户", "门户", "门户网站", "政府门户网站"),
    Kind.DEPARTMENT: ("部门", "政府部门"),
    Kind.PARTY: ("党群政法机关", "党群机关", "政法机关", "党政机关"),
    Kind.DISTRICT: ("区县", "区", "县", "县区"),
    Kind.TOWNSHIP: ("乡镇街道", "乡镇", "街道", "镇", "乡"),
}
TEMPLATE = ("code", "name", "kind", "parent", "site_id_code", "domain")
EXPLAINED: Mapping[str, str] = {
    "code": "必填。小写字母、数字和连字符，不超过40个字符，开通后不可更改。例：shuiliju",
    "name": "必填。单位的规范名称。例：某县水利局",
    "kind": "必填。政府门户、部门、党群政法机关、区县、乡镇街道之一。",
    "parent": "上级站点的代码；上级可以已经开通，也可以在本表中。顶级站点留空。",
    "site_id_code": "选填。10位网站标识码。",
    "domain": "选填。例：slj.example.gov.cn 或 www.example.gov.cn/zz/xx；留空时按规则自动确定。",
}
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


class RosterError(Exception):
    """The file as a whole can't be read; the message is one sentence."""


@dataclass(frozen=True)
class Line:
    """A line of the file that isn't empty: its number, and its cells by column, trimmed."""

    number: int
    cells: Mapping[str, str]


def lines(name: str, content: bytes, most: int = 0) -> list[Line]:
    """The lines of the file called ``name`` below its headings, at most ``most`` if that is given.

    Headings are English or Chinese, in any order; columns of other headings are ignored. Raises
    `RosterError`.
    """
    table = _xlsx(name, content) if name.lower().endswith(".xlsx") else _csv(name, content)
    try:
        return _named(name, table, most)
    except csv.Error as error:
        text = _("The file %(file)s is not valid CSV: %(error)s.")
        raise RosterError(text % {"file": name, "error": error}) from None
    except XLSX_ERRORS:
        raise RosterError(_unreadable(name)) from None


def _named(name: str, table: Iterator[tuple[int, list[str]]], most: int) -> list[Line]:
    first = next(table, None)
    if first is None:
        raise RosterError(_("The file %(file)s is empty.") % {"file": name})
    header = [_column(cell) for cell in first[1]]
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        names = [f"{column} ({HEADINGS[column][0]})" for column in missing]
        text = _("The file %(file)s has no column %(columns)s.")
        raise RosterError(text % {"file": name, "columns": ", ".join(names)})
    found: list[Line] = []
    for number, cells in table:
        if any(cell.strip() for cell in cells):
            values = dict(zip(header, (cell.strip() for cell in cells), strict=False))
            found.append(Line(number, {column: values.get(column, "") for column in COLUMNS}))
        if most and len(found) > most:
            text = _("The file %(file)s has more than %(most)d rows; please split it.")
            raise RosterError(text % {"file": name, "most": most})
    return found


def kind_named(text: str) -> str:
    """The kind of this name, Chinese or the platform's own; other texts come back as they are."""
    for kind, names in KINDS.items():
        if text in names:
            return str(kind)
    return text.lower()


def _column(heading: str) -> str:
    plain = heading.strip().rstrip("*").strip().lower()
    for column, names in HEADINGS.items():
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
    raise RosterError(text % {"file": name})


def _xlsx(name: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise RosterError(_("The file %(file)s is too large.") % {"file": name})
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        rows = sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS)
    except XLSX_ERRORS:
        raise RosterError(_unreadable(name)) from None
    return ((number, [_cell(cell) for cell in cells]) for number, cells in enumerate(rows, start=1))


def _unreadable(name: str) -> str:
    return _("The file %(file)s can't be read as XLSX.") % {"file": name}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def template_csv() -> bytes:
    """An empty roster, with the mark without which Excel takes Chinese for Latin letters."""
    return ("\ufeff" + ",".join(HEADINGS[column][0] for column in TEMPLATE) + "\r\n").encode()


def template_xlsx() -> bytes:
    """An empty roster as a workbook: kinds to choose from, and a second sheet that explains."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "站点"
    sheet.append([HEADINGS[column][0] for column in TEMPLATE])
    sheet.freeze_panes = "A2"
    for letter in "ABCDEF":
        sheet[f"{letter}1"].font = Font(bold=True)
        sheet.column_dimensions[letter].width = 24
    for column in "ADEF":  # texts, also where they look like numbers
        for row in range(2, 502):
            sheet[f"{column}{row}"].number_format = "@"
    choice = ",".join(names[0] for names in KINDS.values())
    kinds = DataValidation(type="list", formula1=f'"{choice}"', allow_blank=True)
    kinds.add("C2:C2001")
    sheet.add_data_validation(kinds)
    notes = book.create_sheet("填写说明")
    for column in TEMPLATE:
        notes.append([HEADINGS[column][0], EXPLAINED[column]])
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 16, 90
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()
