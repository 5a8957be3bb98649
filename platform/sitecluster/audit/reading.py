"""Who reads which entries, and what is shown of them.

A site's report holds the entries of that site alone. Of platform admins it shows the name and
neither address nor email. Who never was a member is shown like somebody without an account: an
invitation that was declined must not tell whether its receiver has one elsewhere. The control
site's report is for platform admins and holds everything (design, Identity).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from sitecluster.tenancy import current_tenant, required_tenant, sees_all_sites

from . import acts
from .models import Entry
from .origin import COMMAND, TASK, WEB

PERMISSION = "audit.view_entry"


@dataclass(frozen=True)
class Line:
    """An entry as a reader sees it."""

    at: datetime
    site: str
    act: str
    subject: str
    changes: str
    person: str
    reason: str
    document: str
    origin: str
    address: str


@dataclass(frozen=True)
class Known:
    """Account ids of whom the reader may know all, and of whom the name alone."""

    people: set[int]
    admins: set[int]


def may_read(user: Any) -> bool:
    """May ``user`` read the report of the active site?"""
    return may(user, PERMISSION)


def may(user: Any, permission: str) -> bool:
    """May ``user`` do with the rows of the active site what ``permission`` names?

    On the control site, where they are those of all sites, platform admins alone.
    """
    if current_tenant() is None or not user.is_active:
        return False
    return bool(user.is_superuser if sees_all_sites() else user.has_perm(permission))


def entries(user: Any) -> QuerySet[Entry]:
    """What ``user`` may read on the active site, the latest first."""
    tenant = current_tenant()
    if tenant is None or not may_read(user):
        return Entry.objects.none()
    found = Entry.objects.order_by("-at", "-id")
    return found if sees_all_sites() else found.filter(site_id=tenant.id)


def people(found: QuerySet[Entry]) -> list[tuple[int, str]]:
    """Account id and shown name of everyone who acted in ``found`` and may be named, by name."""
    latest = found.exclude(actor_id=None).order_by().values("actor_id").annotate(last=Max("id"))
    everyone = list(Entry.objects.filter(pk__in=[row["last"] for row in latest]))
    known = _known(everyone)
    names = {entry.actor_id or 0: _person(entry, known) for entry in everyone}
    return sorted(((pk, name) for pk, name in names.items() if name), key=lambda pair: pair[1])


def lines(some: Iterable[Entry]) -> Iterator[Line]:
    """The entries as the reader of the active site's report sees them; one query for people."""
    some = list(some)
    known = _known(some)
    for entry in some:
        hidden = entry.actor_id in known.admins - known.people
        yield Line(
            at=entry.at,
            site=entry.site_code,
            act=acts.title(entry.act),
            subject=entry.subject,
            changes=_changes(entry.before or {}, entry.after or {}),
            person=_person(entry, known),
            reason=entry.reason,
            document=entry.document,
            origin=_origin(entry.origin),
            address="" if hidden else entry.address or "",
        )


def _known(some: Iterable[Entry]) -> Known:
    ids = {entry.actor_id for entry in some if entry.actor_id is not None}
    if sees_all_sites():
        return Known(ids, set())
    accounts = get_user_model().everyone.filter(pk__in=ids)
    here = accounts.filter(memberships__tenant_id=required_tenant().id)
    admins = accounts.filter(is_superuser=True)
    return Known(*(set(found.values_list("pk", flat=True)) for found in (here, admins)))


def _person(entry: Entry, known: Known) -> str:
    if entry.actor_id is None:
        return entry.actor_name if sees_all_sites() else ""
    if entry.actor_id in known.people:
        if entry.actor_name and sees_all_sites():
            return f"{entry.actor_name} <{entry.actor_email}>"
        return entry.actor_name or entry.actor_email
    if entry.actor_id in known.admins:
        return entry.actor_name or _("Platform administration")
    return ""


def _origin(origin: str) -> str:
    if origin == WEB:
        return _("Web")
    if not sees_all_sites():
        origin = next((kind for kind in (COMMAND, TASK) if origin.startswith(kind)), "")
    kind, _space, name = origin.partition(" ")
    title = {COMMAND: _("Command"), TASK: _("Task")}.get(f"{kind} ", _("System"))
    return f"{title} {name}".rstrip()


def _changes(before: dict[str, Any], after: dict[str, Any]) -> str:
    """What changed, a line a value: "state: live → closed"."""
    return "\n".join(
        f"{acts.key(name)}: {_change(name, before, after)}"
        for name in dict.fromkeys([*before, *after])
        if name not in before or name not in after or before[name] != after[name]
    )


def _change(name: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    old, new = _value(before.get(name)), _value(after.get(name))
    if name not in before:
        return new
    return f"{old} → {new}" if name in after else f"{old} → –"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_value, value)) or "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "–" if value in (None, "") else str(value)
