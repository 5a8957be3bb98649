"""Who reads which entries, and what is shown of them.

A site's report holds the entries of that site alone. Of platform admins, and of whoever runs a
branch to which the site belongs, it shows the name and neither address nor email. Who never was a
member is shown like somebody without an account: an invitation that was declined must not tell
whether its receiver has one elsewhere. The control site's report holds everything for platform
admins (design, Identity), and for a delegate the entries of the branch, shown as a site shows its
own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from sitecluster.tenancy import above, current_tenant, sees_all_sites

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
    """Account ids of whom the reader may know all, and of whom the name alone; ``whole`` readers
    may know everything of everyone."""

    people: set[int]
    admins: set[int]
    whole: bool = False


def may_read(user: Any) -> bool:
    """May ``user`` read the report of the active site?"""
    return may(user, PERMISSION)


def may(user: Any, permission: str) -> bool:
    """May ``user`` do with the rows of the active site what ``permission`` names?

    On the control site, where they are those of all sites, platform admins may, and delegates
    with the rows of their branch.
    """
    if current_tenant() is None or not user.is_active:
        return False
    return bool(runs_any(user) if sees_all_sites() else user.has_perm(permission))


def runs_any(user: Any) -> bool:
    """Does ``user`` run the cluster or a branch of it?"""
    branch = user.branch()
    return branch is None or bool(branch)


def sites_read_by(user: Any) -> frozenset[int] | None:
    """Ids of the sites whose rows the reports of the active site hold for ``user``; None is all
    rows, those of no site as well."""
    tenant = current_tenant()
    if tenant is None:
        return frozenset()
    branch: frozenset[int] | None = user.branch() if sees_all_sites() else frozenset({tenant.id})
    return branch


def entries(user: Any) -> QuerySet[Entry]:
    """What ``user`` may read on the active site, the latest first."""
    if not may_read(user):
        return Entry.objects.none()
    found, sites = Entry.objects.order_by("-at", "-id"), sites_read_by(user)
    return found if sites is None else found.filter(site_id__in=sites)


def people(found: QuerySet[Entry], user: Any) -> list[tuple[int, str]]:
    """Account id and shown name of everyone who acted in ``found`` and whom ``user`` may know, by
    name."""
    latest = found.exclude(actor_id=None).order_by().values("actor_id").annotate(last=Max("id"))
    everyone = list(Entry.objects.filter(pk__in=[row["last"] for row in latest]))
    known = _known(everyone, sites_read_by(user))
    names = {entry.actor_id or 0: _person(entry, known) for entry in everyone}
    return sorted(((pk, name) for pk, name in names.items() if name), key=lambda pair: pair[1])


def lines(some: Iterable[Entry], user: Any) -> Iterator[Line]:
    """The entries as ``user`` sees them in the active site's report; one query for people."""
    some = list(some)
    known = _known(some, sites_read_by(user))
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
            origin=_origin(entry.origin, known.whole),
            address="" if hidden else entry.address or "",
        )


def _known(some: Iterable[Entry], sites: frozenset[int] | None) -> Known:
    ids = {entry.actor_id for entry in some if entry.actor_id is not None}
    if sites is None:
        return Known(ids, set(), whole=True)
    accounts = get_user_model().everyone.filter(pk__in=ids)
    here = accounts.filter(memberships__tenant_id__in=sites)
    running = Q(is_superuser=True) | Q(delegations__tenant_id__in=above(sites))
    return Known(_ids(here), _ids(accounts.filter(running)))


def _ids(accounts: Any) -> set[int]:
    return set(accounts.values_list("pk", flat=True))


def _person(entry: Entry, known: Known) -> str:
    if entry.actor_id is None:
        return entry.actor_name if known.whole else ""
    if entry.actor_id in known.people:
        if entry.actor_name and known.whole:
            return f"{entry.actor_name} <{entry.actor_email}>"
        return entry.actor_name or entry.actor_email
    if entry.actor_id in known.admins:
        return entry.actor_name or _("Platform administration")
    return ""


def _origin(origin: str, whole: bool) -> str:
    if origin == WEB:
        return _("Web")
    if not whole:
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
