"""A roster of sites: one row a site, in CSV or XLSX, read and checked row by row."""

import csv
import io
import zipfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree.ElementTree import ParseError

from django.conf import settings
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from .models import Domain, Tenant
from .naming import default_address
from .orders import Order, domain_faults, faults, split_domain
from .provisioning import contradictions

REQUIRED = ("code", "name", "kind", "parent")
Place = tuple[str, str]  # host and prefix
OPTIONAL = ("level", "site_id_code", "domain")


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
    standing = Standing()
    codes = Counter(row.order.code for row in rows)
    by_code = {row.order.code: row for row in rows}
    for number, row in enumerate(rows):
        problems = _problems_beside_others(row.order, codes, by_code, standing)
        rows[number] = replace(row, problems=(*row.problems, *problems))
    return _orphans_marked(_addresses_checked(rows, standing), set(standing.sites))


class Standing:
    """The sites that exist already, and their addresses."""

    def __init__(self) -> None:
        tenants = Tenant.objects.select_related("parent")
        self.sites = {tenant.code: tenant for tenant in tenants}
        domains = Domain.objects.select_related("tenant")
        self.owners = {(each.host, each.prefix): each.tenant.name for each in domains}
        self.primary = {
            each.tenant.code: (each.host, each.prefix) for each in domains if each.is_primary
        }


def _problems_beside_others(
    order: Order, codes: Counter[str], rows: dict[str, Row], standing: Standing
) -> list[str]:
    problems = []
    if order.code and codes[order.code] > 1:
        problems.append(_("The code %(code)s stands in more than one row.") % {"code": order.code})
    if order.parent and order.parent not in rows and order.parent not in standing.sites:
        problems.append(_("The site above, %(code)s, does not exist.") % {"code": order.parent})
    if _in_circle(order.code, rows):
        problems.append(_("The site %(code)s stands above itself.") % {"code": order.code})
    if order.code in standing.sites:
        problems += contradictions(standing.sites[order.code], order)
    return problems


def _addresses_checked(rows: list[Row], standing: Standing) -> list[Row]:
    """The rows with what stands against the addresses that their sites would get."""
    good = {row.order.code: row.order for row in rows if not row.problems}
    places = {code: _address(order, good, standing) for code, order in good.items()}
    times = Counter(places.values())
    return [
        replace(row, problems=tuple(_problems_of_place(place, times[place], standing)))
        if not row.problems and (place := places[row.order.code])
        else row
        for row in rows
    ]


def _problems_of_place(place: Place, times: int, standing: Standing) -> list[str]:
    address = {"domain": "".join(place)}
    problems = domain_faults(address["domain"])
    if times > 1:
        problems.append(_("The domain %(domain)s stands in more than one row.") % address)
    if place in standing.owners:
        text = _("The address %(domain)s is taken by %(name)s.")
        problems.append(text % {**address, "name": standing.owners[place]})
    return problems


def _address(order: Order, good: dict[str, Order], standing: Standing) -> Place | None:
    """Host and prefix that the order's site would get; None if it exists or has no address."""
    if order.code in standing.sites:
        return None
    if order.domain:
        return split_domain(order.domain)
    above = standing.primary.get(order.parent)
    if above is None and order.parent in good:
        above = _address(good[order.parent], good, standing)
    base = order.base_domain or settings.BASE_DOMAIN
    domain = default_address(order.kind, order.code, above, base)
    return split_domain(domain) if domain else None


def _in_circle(code: str, rows: dict[str, Row]) -> bool:
    seen = set()
    above = rows[code].order.parent
    while above in rows and above not in seen:
        if above == code:
            return True
        seen.add(above)
        above = rows[above].order.parent
    return False


def _orphans_marked(rows: list[Row], existing: set[str]) -> list[Row]:
    """A row below a bad row can't be opened either, unless the site above exists already."""
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
        sheet = load_workbook(path, read_only=True, data_only=True).worksheets[0]
        return [
            (number, ["" if cell is None else str(cell) for cell in cells])
            for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1)
        ]
    except XLSX_ERRORS:
        raise RosterError(
            _("The file %(file)s can't be read as XLSX.") % {"file": path.name}
        ) from None
