"""A roster of sites: one row a site, in CSV or XLSX, read and checked row by row."""

import csv
import io
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from .models import Tenant
from .orders import Order, faults, split_domain

REQUIRED = ("code", "name", "kind", "parent")
OPTIONAL = ("level", "site_id_code", "domain")


class RosterError(Exception):
    """The file as a whole can't be read; the message is one sentence."""


@dataclass(frozen=True)
class Row:
    """A row of a roster: its number in the file, its order, and what is wrong with it."""

    number: int
    order: Order
    problems: tuple[str, ...] = ()


def read(path: Path, base_domain: str = "") -> list[Row]:
    """The rows of ``path``, checked; raises `RosterError` if the file can't be read at all.

    Columns: code, name, kind, parent, and optionally site_id_code and domain; level is ignored.
    Parents may stand below their children, or exist already.
    """
    table = _xlsx(path) if path.suffix.lower() == ".xlsx" else _csv(path)
    if not table:
        raise RosterError(_("The file %(file)s is empty.") % {"file": path.name})
    header = [cell.strip().lower() for cell in table[0][1]]
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise RosterError(
            _("The file %(file)s has no column %(columns)s.")
            % {"file": path.name, "columns": ", ".join(missing)}
        )
    known = (*REQUIRED, *OPTIONAL)
    rows = []
    for number, cells in table[1:]:
        if any(cell.strip() for cell in cells):
            values = dict(zip(header, (cell.strip() for cell in cells), strict=False))
            rows.append(_row(number, {name: values.get(name, "") for name in known}, base_domain))
    return _checked(rows)


def in_order(rows: list[Row]) -> list[list[Row]]:
    """The good rows in generations: each row's parent exists or stands in an earlier one."""
    waiting = {row.order.code: row for row in rows if not row.problems}
    generations = []
    while waiting:
        ready = [row for row in waiting.values() if row.order.parent not in waiting]
        generations.append(ready)
        for row in ready:
            del waiting[row.order.code]
    return generations


def _row(number: int, values: dict[str, str], base_domain: str) -> Row:
    order = Order(
        code=values["code"].lower(),
        name=values["name"],
        kind=values["kind"].lower(),
        parent=values["parent"].lower(),
        site_id_code=values["site_id_code"],
        domain=values["domain"],
        base_domain=base_domain,
    )
    return Row(number, order, tuple(faults(order)))


def _checked(rows: list[Row]) -> list[Row]:
    """The rows with the problems that show only beside the other rows and sites."""
    codes = Counter(row.order.code for row in rows)
    domains = Counter(split_domain(row.order.domain) for row in rows if row.order.domain)
    names = {row.order.code: row for row in rows}
    existing = set(Tenant.objects.values_list("code", flat=True))
    checked = []
    for row in rows:
        order, problems = row.order, list(row.problems)
        if order.code and codes[order.code] > 1:
            problems.append(
                _("The code %(code)s stands in more than one row.") % {"code": order.code}
            )
        if order.domain and domains[split_domain(order.domain)] > 1:
            problems.append(
                _("The domain %(domain)s stands in more than one row.") % {"domain": order.domain}
            )
        if order.parent and order.parent not in names and order.parent not in existing:
            problems.append(_("The site above, %(code)s, does not exist.") % {"code": order.parent})
        if _in_circle(order.code, names):
            problems.append(_("The site %(code)s stands above itself.") % {"code": order.code})
        checked.append(Row(row.number, order, tuple(problems)))
    return _orphans_marked(checked)


def _in_circle(code: str, rows: dict[str, Row]) -> bool:
    seen = set()
    above = rows[code].order.parent
    while above in rows and above not in seen:
        if above == code:
            return True
        seen.add(above)
        above = rows[above].order.parent
    return False


def _orphans_marked(rows: list[Row]) -> list[Row]:
    """A row below a bad row can't be opened either, unless the site above exists already."""
    existing = set(Tenant.objects.values_list("code", flat=True))
    bad = {row.order.code for row in rows if row.problems} - existing
    while True:
        orphans = [row for row in rows if not row.problems and row.order.parent in bad]
        if not orphans:
            return rows
        text = _("The row of the site above, %(code)s, is bad.")
        for row in orphans:
            bad.add(row.order.code)
        rows = [
            Row(row.number, row.order, (text % {"code": row.order.parent},))
            if row in orphans
            else row
            for row in rows
        ]


def _csv(path: Path) -> list[tuple[int, list[str]]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError:
        raise RosterError(_("The file %(file)s can't be read.") % {"file": path}) from None
    except UnicodeDecodeError:
        raise RosterError(
            _("The file %(file)s is not UTF-8; save it as “CSV UTF-8”.") % {"file": path.name}
        ) from None
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        return [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise RosterError(
            _("The file %(file)s is not valid CSV: %(error)s.")
            % {"file": path.name, "error": error}
        ) from None


def _xlsx(path: Path) -> list[tuple[int, list[str]]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (OSError, InvalidFileException, zipfile.BadZipFile, KeyError, ValueError):
        raise RosterError(
            _("The file %(file)s can't be read as XLSX.") % {"file": path.name}
        ) from None
    sheet = book.worksheets[0]
    return [
        (number, ["" if cell is None else str(cell) for cell in cells])
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1)
    ]
