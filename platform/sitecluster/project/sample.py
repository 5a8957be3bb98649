"""The sample county: the data of deploy/demo made into sites, articles and accounts."""

import json
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connections
from django.utils.translation import gettext as _

from sitecluster.accounts import membership
from sitecluster.accounts.models import User
from sitecluster.accounts.profiles import make_platform_admin
from sitecluster.tenancy import tenant_context
from tenants import directory
from tenants.rosters import batch, roster

from . import sample_homes
from .config import config
from .sample_pages import FOLDER, Writer

Say = Callable[[str], None]


@dataclass(frozen=True)
class Account:
    """A person of the sample: where they work and as what."""

    email: str
    name: str
    site: str
    role: str
    title: str


PEOPLE = (
    Account("admin@jiaxian.example", "平台管理员", "control", "site_admin", _("platform admin")),
    Account("editor@jiaxian.example", "木头峪镇编辑", "mutouyu", "editor", _("editor")),
    Account("reviewer@jiaxian.example", "佳县政府网审核员", "jiaxian", "reviewer", _("reviewer")),
)


class SampleError(Exception):
    """The sample can't be loaded; the message is one sentence."""


def load(say: Say) -> list[tuple[Account, str]]:
    """Open the county's sites, fill them, make three accounts.

    Returns the accounts with their passwords. Running it again changes nothing that exists.
    Raises `SampleError`.
    """
    codes = open_sites(say)
    with ThreadPoolExecutor(2) as pool:
        for code, number in zip(codes, pool.map(fill, codes), strict=True):
            if number:
                name = directory.snapshot().by_code[code].name
                say(_("%(site)s: %(number)d articles") % {"site": name, "number": number})
    return open_accounts()


def fill(code: str) -> int:
    """Write what the site lacks, in a thread of its own; returns the number of articles."""
    try:
        with tenant_context(directory.snapshot().by_code[code]):
            number = Writer(code).write()
            sample_homes.compose()
            return number
    finally:
        connections.close_all()


def open_sites(say: Say) -> list[str]:
    """Open the sites of the county's roster and return their codes."""
    rows = roster.read(FOLDER / "jiaxian.csv")
    opened = 0
    for result in batch.run(rows, jobs=2):
        if result.problems:
            raise SampleError(" ".join(result.problems))
        opened += result.outcome is not None and result.outcome.created
    directory.forget()
    say(_("%d sites opened.") % opened)
    return [row.order.code for row in rows]


def open_accounts() -> list[tuple[Account, str]]:
    """Make the accounts; passwords are drawn once and kept in VAR_DIR, readable by its owner."""
    path = settings.VAR_DIR / "demo-passwords.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    for person in PEOPLE:
        password = known.setdefault(person.email, draw_password())
        if not User.objects.filter(email=person.email).exists():
            site = directory.snapshot().by_code[person.site]
            user, _created = membership.add_member(
                person.email, site, [person.role], name=person.name, password=password
            )
            if person.site == "control":
                make_platform_admin(user)
    path.touch(mode=0o600)
    path.write_text(json.dumps(known))
    return [(person, known[person.email]) for person in PEOPLE]


def draw_password() -> str:
    """One that keeps the rules, whatever the settings make of them."""
    while True:
        password = secrets.token_urlsafe(max(9, config.password_min_length))
        try:
            validate_password(password)
        except ValidationError:
            continue
        return password
