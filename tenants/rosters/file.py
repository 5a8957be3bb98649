"""The file of a roster, CSV or XLSX: read into rows of named cells, and made as a template."""

import io
from collections.abc import Mapping

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

from tenants import orders
from tenants.models import Kind
from tenants.orders import Order

from . import table as table_file
from .table import Line, TableError

RosterError = TableError

REQUIRED = ("code", "name", "kind", "parent")
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


def lines(name: str, content: bytes, most: int = 0) -> list[Line]:
    """The lines of the roster called ``name``: `table_file.lines` with the columns of sites."""
    return table_file.lines(name, content, HEADINGS, REQUIRED, most)


def kind_named(text: str) -> str:
    """The kind of this name, Chinese or the platform's own; other texts come back as they are."""
    for kind, names in KINDS.items():
        if text in names:
            return str(kind)
    return text.lower()


def kind_faults(order: Order) -> list[str]:
    """As `orders.kind_faults`, with the names that the kinds have for people."""
    if order.kind in Kind.values:
        return orders.kind_faults(order)
    names = ", ".join(f"{kind.label} ({kind.value})" for kind in Kind if kind.value in KINDS)
    text = _("The kind %(kind)s is unknown; it is one of %(kinds)s.")
    return [text % {"kind": order.kind or "“”", "kinds": names}]


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
        sheet.column_dimensions[letter].number_format = "@"  # a text, also where it is all digits
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
