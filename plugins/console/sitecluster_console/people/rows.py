"""A roster of people, CSV or XLSX: one row a person and site, read and judged cell by cell."""

import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

from sitecluster.accounts.membership import valid_email
from sitecluster.accounts.models import Membership, User
from sitecluster.accounts.refusals import MembershipError
from sitecluster.rights.roles import CODES, ROLES
from sitecluster_console.policy import sites_of
from tenants.models import Tenant
from tenants.rosters.roster import Fault
from tenants.rosters.table import Line

from . import scope as scope

# What the columns may be called; the first name is that of the template.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "name": ("姓名", "名字"),
    "email": ("邮箱", "电子邮箱", "电子邮件", "邮件"),
    "site": ("站点代码", "站点", "网站代码", "代码"),
    "roles": ("角色", "权限角色"),
}
FIELDS = tuple(HEADINGS)
EXPLAINED: Mapping[str, str] = {
    "name": "必填。人员姓名；已有账号的，保留账号原有姓名。例：张三",
    "email": "必填。登录用的电子邮箱，一人一个。例：zhangsan@example.gov.cn",
    "site": "必填。站点的代码；一人在多个站点的，每个站点一行。例：shuiliju",
    "roles": "必填。" + "、".join(CODES) + "；多个角色用顿号分隔。",
}
LONGEST_NAME = 100
BETWEEN = re.compile(r"[、，,；;/\s]+")  # roles


@dataclass(frozen=True)
class Row:
    """A row: its number in the file, its cells as they were written, and what is to be said of
    them. ``site_id`` is None while the site isn't known."""

    number: int
    name: str
    email: str
    site: str
    roles: str
    faults: tuple[Fault, ...] = ()
    notes: tuple[Fault, ...] = ()
    site_id: int | None = None

    @property
    def address(self) -> str:
        """The email address as accounts have it."""
        return self.email.strip().lower()

    @property
    def codes(self) -> list[str]:
        """The codes of the roles; raises KeyError for one that there isn't."""
        names = [name for name in BETWEEN.split(self.roles) if name]
        return [name if name in ROLES else CODES[name] for name in dict.fromkeys(names)]


def row_of(line: Line) -> Row:
    """The row of a line of the file."""
    cells = line.cells
    return Row(line.number, cells["name"], cells["email"], cells["site"], cells["roles"])


def judged(rows: list[Row], actor: User) -> list[Row]:
    """The rows with what is wrong with each cell, and what should be known of it.

    Nothing is said of accounts that ``actor`` doesn't know of; a delegate can't tell an address
    that has one elsewhere from an address that has none.
    """
    sites = {
        site.code: site
        for site in sites_of(actor).filter(code__in={row.site.lower() for row in rows})
    }
    times = Counter((row.address, row.site.lower()) for row in rows)
    names: dict[str, set[str]] = {}
    for row in rows:
        names.setdefault(row.address, set()).add(row.name)
    known = _known(rows, actor)
    found = [replace(row, faults=tuple(_faults(row, sites, times, known))) for row in rows]
    return [
        replace(
            row,
            notes=tuple(_notes(row, sites, names, known, actor)),
            site_id=sites[row.site.lower()].pk if row.site.lower() in sites else None,
        )
        for row in found
    ]


def _known(rows: list[Row], actor: User) -> dict[str, tuple[User, set[int]]]:
    """Accounts by address, with the sites of their memberships; as far as ``actor`` knows."""
    people = scope.people_of(actor).filter(email__in={row.address for row in rows})
    found: dict[int, tuple[User, set[int]]] = {user.pk: (user, set()) for user in people}
    held = Membership.objects.filter(user_id__in=found, ended_at=None)
    for user_id, tenant_id in held.values_list("user_id", "tenant_id"):
        found[user_id][1].add(tenant_id)
    return {user.email: (user, places) for user, places in found.values()}


def _faults(
    row: Row,
    sites: Mapping[str, Tenant],
    times: Counter[tuple[str, str]],
    known: Mapping[str, tuple[User, set[int]]],
) -> Iterable[Fault]:
    if not row.name:
        yield Fault("name", _("The name is missing."))
    elif len(row.name) > LONGEST_NAME:
        yield Fault("name", _("The name is too long."))
    try:
        valid_email(row.email)
    except MembershipError as error:
        yield Fault("email", str(error) if row.email else _("The email address is missing."))
    user, _places = known.get(row.address, (None, None))
    if user and not user.is_active:
        yield Fault("email", _("The account %(user)s is suspended.") % {"user": user.email})
    if not row.site:
        yield Fault("site", _("The code of the site is missing."))
    elif row.site.lower() not in sites:
        yield Fault("site", _("There is no site %(code)s.") % {"code": row.site})
    elif row.email and times[row.address, row.site.lower()] > 1:
        text = _("%(email)s stands in more than one row with this site.")
        yield Fault("email", text % {"email": row.email})
    yield from _faults_of_roles(row)


def _faults_of_roles(row: Row) -> Iterable[Fault]:
    names = [name for name in BETWEEN.split(row.roles) if name]
    if not names:
        yield Fault("roles", _("The role is missing."))
    unknown = [name for name in names if name not in ROLES and name not in CODES]
    if unknown:
        text = _("There is no role %(role)s; choose from %(roles)s.")
        yield Fault("roles", text % {"role": "、".join(unknown), "roles": "、".join(CODES)})


def _notes(
    row: Row,
    sites: Mapping[str, Tenant],
    names: Mapping[str, set[str]],
    known: Mapping[str, tuple[User, set[int]]],
    actor: User,
) -> Iterable[Fault]:
    user, places = known.get(row.address, (None, set()))
    if len(names[row.address]) > 1:
        yield Fault("name", _("Other rows with this address have another name."))
    if user and user.first_name and user.first_name != row.name:
        yield Fault("name", _("The account keeps its name, %(name)s.") % {"name": user.first_name})
    if actor.is_superuser and not any(fault.column == "email" for fault in row.faults):
        yield Fault("email", _("Has an account.") if user else _("Gets a new account."))
    site = sites.get(row.site.lower())
    if site:
        yield Fault("site", site.name)
    if site and site.pk in (places or ()):
        yield Fault("roles", _("Is a member already; the roles are added."))


def template_csv() -> bytes:
    """An empty roster, with the mark without which Excel takes Chinese for Latin letters."""
    return ("\ufeff" + ",".join(HEADINGS[field][0] for field in FIELDS) + "\r\n").encode()


def template_xlsx() -> bytes:
    """An empty roster as a workbook: roles to choose from, and a second sheet that explains."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "人员"
    sheet.append([HEADINGS[field][0] for field in FIELDS])
    sheet.freeze_panes = "A2"
    for letter in "ABCD":
        sheet[f"{letter}1"].font = Font(bold=True)
        sheet.column_dimensions[letter].width = 28
        for row in range(2, 502):  # texts, also where they look like numbers
            sheet[f"{letter}{row}"].number_format = "@"
    # Several roles may be typed: the list proposes and doesn't insist.
    choice = DataValidation(type="list", formula1=f'"{",".join(CODES)}"', showErrorMessage=False)
    choice.add("D2:D2001")
    sheet.add_data_validation(choice)
    notes = book.create_sheet("填写说明")
    for field in FIELDS:
        notes.append([HEADINGS[field][0], EXPLAINED[field]])
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 16, 90
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()
