"""A roster of sites: one row a site, in CSV or XLSX, read and checked row by row."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from tenants import orders
from tenants.models import Domain, Tenant
from tenants.naming import default_address
from tenants.orders import Order, domain_faults, split_domain
from tenants.provisioning import contradictions

from . import file as roster_file
from .file import RosterError

__all__ = ["Fault", "RosterError", "Row", "check", "in_order", "read", "row_of"]
Place = tuple[str, str]  # host and prefix


@dataclass(frozen=True)
class Fault:
    """What is wrong with a cell: the name of its column and a sentence."""

    column: str
    text: str


@dataclass(frozen=True)
class Row:
    """A row of a roster: its number in the file, its order, and what is wrong with it.

    ``address`` is the one that its site would get, empty for a site that exists already; ``notes``
    are what should be known of cells that are good all the same.
    """

    number: int
    order: Order
    faults: tuple[Fault, ...] = ()
    exists: bool = False
    address: str = ""
    notes: tuple[Fault, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """The sentences alone."""
        return tuple(fault.text for fault in self.faults)


def read(path: Path, base_domain: str = "") -> list[Row]:
    """The rows of ``path``, checked; raises `RosterError` if the file can't be read at all.

    Columns: code, name, kind, parent, and optionally site_id_code and domain, or their Chinese
    names (`roster_file.HEADINGS`); level is ignored. Parents may stand below their children, or
    exist already.
    """
    try:
        content = path.read_bytes()
    except OSError:
        text = _("The file %(file)s can't be read.")
        raise RosterError(text % {"file": path}) from None
    lines = roster_file.lines(path.name, content)
    return check([row_of(line.number, line.cells, base_domain) for line in lines])


def row_of(number: int, cells: Mapping[str, str], base_domain: str = "") -> Row:
    """The row of these cells, checked by itself alone."""
    order = Order(
        code=cells.get("code", "").lower(),
        name=cells.get("name", ""),
        kind=roster_file.kind_named(cells.get("kind", "")),
        parent=cells.get("parent", "").lower(),
        site_id_code=cells.get("site_id_code", ""),
        domain=cells.get("domain", ""),
        base_domain=base_domain,
    )
    found = {
        "code": orders.code_faults(order.code, order.kind),
        "name": orders.name_faults(order.name),
        "kind": roster_file.kind_faults(order),
        "site_id_code": orders.site_id_faults(order.site_id_code),
        "domain": domain_faults(order.domain) if order.domain else [],
    }
    faults = (Fault(column, text) for column, texts in found.items() for text in texts)
    return Row(number, order, tuple(faults))


def check(rows: list[Row], visible: Collection[int] | None = None) -> list[Row]:
    """The rows with the problems too that show only beside the other rows and sites.

    Names of sites whose ids aren't in ``visible`` stay out of the sentences; None is all.
    """
    standing = Standing(visible)
    codes = Counter(row.order.code for row in rows)
    by_code = {row.order.code: row for row in rows}
    checked = [
        replace(
            row,
            faults=(*row.faults, *_faults_beside_others(row.order, codes, by_code, standing)),
            exists=row.order.code in standing.sites,
        )
        for row in rows
    ]
    return orphans_marked(_addresses_checked(checked, standing))


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


class Standing:
    """The sites that exist already, and their addresses."""

    def __init__(self, visible: Collection[int] | None) -> None:
        self.visible = visible
        tenants = Tenant.objects.select_related("parent")
        self.sites = {tenant.code: tenant for tenant in tenants}
        domains = Domain.objects.select_related("tenant")
        self.owners = {(each.host, each.prefix): each.tenant for each in domains}
        self.primary = {
            each.tenant.code: (each.host, each.prefix) for each in domains if each.is_primary
        }

    def may_name(self, tenant: Tenant) -> bool:
        """Whether the tenant's name may stand in a sentence."""
        return self.visible is None or tenant.pk in self.visible


def _faults_beside_others(
    order: Order, codes: Counter[str], rows: dict[str, Row], standing: Standing
) -> list[Fault]:
    found = []
    names = {"code": order.code}
    if order.code and codes[order.code] > 1:
        text = _("The code %(code)s stands in more than one row.")
        found.append(Fault("code", text % names))
    if order.parent and order.parent not in rows and order.parent not in standing.sites:
        text = _("The site above, %(code)s, does not exist.")
        found.append(Fault("parent", text % {"code": order.parent}))
    if _in_circle(order.code, rows):
        text = _("The site %(code)s stands above itself.")
        found.append(Fault("parent", text % names))
    existing = standing.sites.get(order.code)
    if existing:
        against = contradictions(existing, order)
        if against and not standing.may_name(existing):
            against = [_("The code %(code)s is taken.") % names]
        found += [Fault("code", text) for text in against]
    return found


def _addresses_checked(rows: list[Row], standing: Standing) -> list[Row]:
    """The rows with their addresses, and what stands against these."""
    good = {row.order.code: row.order for row in rows if not row.faults}
    places = {code: _address(order, good, standing) for code, order in good.items()}
    times = Counter(places.values())
    return [
        replace(
            row,
            address="".join(place),
            faults=tuple(
                Fault("domain", text) for text in _problems_of_place(place, times[place], standing)
            ),
        )
        if not row.faults and (place := places[row.order.code])
        else row
        for row in rows
    ]


def _problems_of_place(place: Place, times: int, standing: Standing) -> list[str]:
    address = {"domain": "".join(place)}
    problems = domain_faults(address["domain"])
    if times > 1:
        problems.append(_("The domain %(domain)s stands in more than one row.") % address)
    owner = standing.owners.get(place)
    if owner and standing.may_name(owner):
        text = _("The address %(domain)s is taken by %(name)s.")
        problems.append(text % {**address, "name": owner.name})
    elif owner:
        problems.append(_("The address %(domain)s is taken.") % address)
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


def orphans_marked(rows: list[Row]) -> list[Row]:
    """A row below a bad row can't be opened either, unless the site above exists already."""
    bad = {row.order.code for row in rows if row.faults and not row.exists}
    text = _("The row of the site above, %(code)s, is bad.")
    while True:
        orphans = {row.number for row in rows if not row.faults and row.order.parent in bad}
        if not orphans:
            return rows
        bad |= {row.order.code for row in rows if row.number in orphans}
        rows = [
            replace(row, faults=(Fault("parent", text % {"code": row.order.parent}),))
            if row.number in orphans
            else row
            for row in rows
        ]
