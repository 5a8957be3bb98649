"""What stands against the rows of a roster beyond their form, for the person who uploads it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from tenants import opening_rules
from tenants.domain_rules import Level, forbidding
from tenants.models import Clearance, Kind, Tenant
from tenants.opening_rules import ENDED, GATE, same_organ
from tenants.orders import Order, split_domain
from tenants.rosters import roster
from tenants.rosters.roster import Fault, Row


def judged(rows: list[Row], user: Any) -> list[Row]:
    """The rows with everything that is wrong with them, a fault at its column, and with notes.

    A delegate opens sites below their own alone, and learns nothing of others'. A handful of
    queries for all rows, some more for each that names a domain.
    """
    branch = user.branch()
    checked = roster.check(rows, branch)
    beside = Neighbours(checked, branch)
    found = []
    for row in checked:
        faults: list[Fault] = []
        notes: list[Fault] = []
        if not row.faults:
            faults = list(beside.faults(row))
        if not (row.faults or faults or row.exists) and row.order.domain:
            faults, notes = beside.findings(row.order)
        found.append(replace(row, faults=(*row.faults, *faults), notes=tuple(notes)))
    return roster.orphans_marked(found)


class Neighbours:
    """The other rows and the sites that stand, asked for once for all rows."""

    def __init__(self, rows: list[Row], branch: frozenset[int] | None) -> None:
        self.branch = branch
        self.rows = {row.order.code: row for row in rows}
        self.sites = {site.code: site for site in Tenant.objects.all()}
        standing = [
            site
            for site in self.sites.values()
            if not site.is_blueprint and site.state not in ENDED
        ]
        self.organs = {same_organ(site.name): site for site in standing}
        new = [row.order for row in rows if not row.exists]
        self.names = Counter(same_organ(order.name) for order in new)
        self.id_codes = Counter(order.site_id_code for order in new)
        given = Clearance.objects.filter(gate_id=GATE).exclude(tenant__state__in=ENDED)
        self.given = {each.number: each.tenant for each in given.select_related("tenant")}

    def faults(self, row: Row) -> Iterator[Fault]:
        """What stands against a row that is good by itself."""
        order = row.order
        if order.kind == Kind.CONTROL:
            yield Fault("kind", _("The control site is not opened here."))
        elif row.exists:
            if not self._runs(self.sites[order.code]):
                yield Fault("code", _("The code %(code)s is taken.") % {"code": order.code})
        else:
            yield from self._about_parent(order)
            yield from self._about_organ(order)

    def findings(self, order: Order) -> tuple[list[Fault], list[Fault]]:
        """What the rules forbid about the domain of a row, and what they advise against."""
        parent = self.sites.get(order.parent)
        found = opening_rules.domain_findings(order.kind, order.code, order.domain, parent)
        faults: list[Fault] = []
        notes: list[Fault] = []
        for finding in found:
            forbidden = finding.level is Level.ERROR
            (faults if forbidden else notes).append(Fault("domain", finding.text))
        above = self.rows.get(order.parent)
        if parent is None and above and above.address:
            place = split_domain(above.address)
            texts = opening_rules.subsite_problems(order.kind, order.code, order.domain, place)
            faults += [Fault("domain", text) for text in texts]
        return faults, notes

    def _runs(self, site: Tenant) -> bool:
        return self.branch is None or site.pk in self.branch

    def _about_parent(self, order: Order) -> Iterator[Fault]:
        if not self._ends_in_branch(order):
            yield Fault("parent", _("You open sites below those that you run."))
            return
        parent = self.sites.get(order.parent)
        if parent is None and order.parent:  # it stands in the file
            above = self.rows[order.parent].order
            parent = Tenant(name=above.name, kind=above.kind)
        for text in opening_rules.parent_problems(order.kind, parent):
            yield Fault("parent", text)

    def _ends_in_branch(self, order: Order) -> bool:
        if self.branch is None:
            return True
        while order.parent in self.rows and order.parent not in self.sites:
            order = self.rows[order.parent].order  # no circle: those have faults already
        site = self.sites.get(order.parent)
        return site is not None and self._runs(site)

    def _about_organ(self, order: Order) -> Iterator[Fault]:
        organ = same_organ(order.name)
        owner = self.organs.get(organ)
        if owner:
            text = _("%(name)s has a site already, %(code)s: an organ has one site at most.")
            yield Fault("name", text % {"name": owner.name, "code": owner.code})
        if self.names[organ] > 1:
            text = _("%(name)s stands in more than one row: an organ has one site at most.")
            yield Fault("name", text % {"name": order.name})
        code = order.site_id_code
        holder = self.given.get(code) if code else None
        if holder:
            text = _("The site identification code %(code)s is that of %(name)s.")
            yield Fault("site_id_code", text % {"code": code, "name": holder.name})
        if code and self.id_codes[code] > 1:
            text = _("The site identification code %(code)s stands in more than one row.")
            yield Fault("site_id_code", text % {"code": code})


def problems_now(order: Order, user: Any) -> list[str]:
    """Why ``user`` may not open the site of ``order`` at this moment, a sentence each.

    For a site that exists already there is nothing to open, hence nothing to say but whose it is.
    """
    existing = Tenant.objects.filter(code=order.code).select_related("parent").first()
    parent = Tenant.objects.filter(code=order.parent).first() if order.parent else None
    if not _runs_above(existing or parent, user):
        return [_("You open sites below those that you run.")]
    if existing:
        return []
    problems = opening_rules.parent_problems(order.kind, parent)
    problems += opening_rules.name_problems(order.name)
    problems += opening_rules.site_id_problems(order.site_id_code)
    if order.domain and not problems:
        found = opening_rules.domain_findings(order.kind, order.code, order.domain, parent)
        problems = forbidding(found)
    return problems


def _runs_above(site: Tenant | None, user: Any) -> bool:
    """Whether the person runs ``site``, asked of the table: it may have been opened just now."""
    branch = user.branch()
    while branch is not None and site is not None and site.pk not in branch:
        site = site.parent
    return branch is None or site is not None
