"""Reading the whole trail and naming every row that isn't as it was sealed.

Found: a sealed entry that was changed, an entry or a seal that was taken out, a row that was put
in past the triggers, and guards that are switched off. Whoever owns the database can rewrite the
chain from a row to its end, or cut its end off with the entries: only a head that is kept
elsewhere shows that (`Head`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .canonical import BEGINNING, COLUMNS, SELECTED, chained, digest

# One statement, so one moment: what is sealed meanwhile can't be half seen.
EVERYTHING = f"""
SELECT s.position, s.entry_id, s.act, s.at, s.digest, s.hash, q.entry_id, {SELECTED}
FROM public.audit_seal s
FULL JOIN public.audit_entry e ON e.id = s.entry_id
FULL JOIN public.audit_unsealed q ON q.entry_id = coalesce(e.id, s.entry_id)
ORDER BY s.position NULLS LAST, e.id
"""
GUARDS = """
SELECT count(*) FROM pg_trigger
WHERE tgrelid IN ('public.audit_entry'::regclass, 'public.audit_seal'::regclass)
    AND tgname IN ('audit_stamp', 'audit_queue', 'audit_refuse', 'audit_refuse_truncate')
    AND tgenabled IN ('O', 'A')
"""
GUARD_COUNT = 6
CHUNK = 2000
NOTHING = (None,) * len(COLUMNS)


@dataclass(frozen=True)
class Head:
    """The last seal: as long as a chain holds it, all before it is as it was then."""

    position: int
    hash: str

    def __str__(self) -> str:
        return f"{self.position}:{self.hash}"


@dataclass(frozen=True)
class Fault:
    """Something that isn't as it was: what the row was, where known, and what is wrong."""

    what: str
    entry_id: int | None = None
    act: str = ""
    at: datetime | None = None

    def __str__(self) -> str:
        if self.entry_id is None:
            return self.what
        when = f", {timezone.localtime(self.at):%Y-%m-%d %H:%M:%S}" if self.at else ""
        act = f", {self.act}" if self.act else ""
        return f"{self.entry_id}{act}{when}: {self.what}"


class Verification:
    """One pass over the trail; iterate `faults` to the end, then read the rest."""

    def __init__(self, expected: list[Head] | None = None) -> None:
        self.expected = {head.position: head for head in expected or () if head.position}
        self.head = Head(0, BEGINNING)
        self.sealed = 0
        self.waiting = 0
        self.oldest_seconds = 0.0

    def faults(self) -> Iterator[Fault]:
        """Every fault, in the order of the chain; reads a million rows without holding them."""
        yield from self._guards()
        now = timezone.now()
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            cursor.execute(EVERYTHING)
            while rows := cursor.fetchmany(CHUNK):
                for row in rows:
                    if row[0] is None:
                        yield from self._unsealed(row[6], row[7:], now)
                    else:
                        yield from self._sealed(row[:6], row[6], row[7:])
        yield from self._missing_heads()

    def _guards(self) -> Iterator[Fault]:
        with connection.cursor() as cursor:
            cursor.execute(GUARDS)
            if cursor.fetchone()[0] != GUARD_COUNT:
                yield Fault(_("The triggers that guard the trail are switched off or gone."))

    def _sealed(self, seal: Any, queued: int | None, entry: Any) -> Iterator[Fault]:
        position, entry_id, act, at, entry_digest, hashed = seal
        known = entry_id, act, at
        gone = tuple(entry) == NOTHING
        lost = position - self.head.position - 1
        if lost:
            text = _("%(count)d seals are gone before this one, at position %(position)d.")
            yield Fault(text % {"count": lost, "position": position}, *known)
        elif hashed != chained(self.head.hash, position, entry_id, entry_digest):
            yield Fault(_("Its seal doesn't follow on the one before."), *known)
        if gone:
            yield Fault(_("The entry was taken out; this is what its seal says of it."), *known)
        elif digest(entry) != entry_digest or known != _name(entry):
            yield Fault(_("The entry or its seal was changed after the sealing."), *_name(entry))
        if queued is not None:
            yield Fault(_("It has a seal and waits for one: the queue was changed."), *known)
        expected = self.expected.pop(position, None)
        if expected and expected.hash != hashed:
            text = _("The chain up to position %(position)d is another than the one expected.")
            yield Fault(text % {"position": position}, *known)
        self.sealed, self.head = self.sealed + 1, Head(position, hashed)

    def _unsealed(self, queued: int | None, entry: Any, now: datetime) -> Iterator[Fault]:
        if tuple(entry) == NOTHING:
            yield Fault(_("The entry was taken out before it was sealed."), queued)
        elif queued is None:
            text = _("The entry was put in past the triggers, or its seal was taken out.")
            yield Fault(text, *_name(entry))
        else:
            self.waiting += 1
            self.oldest_seconds = max(self.oldest_seconds, (now - entry[1]).total_seconds())

    def _missing_heads(self) -> Iterator[Fault]:
        for position in self.expected:
            text = _("The chain ends before the expected position %(position)d.")
            yield Fault(text % {"position": position})


def _name(entry: Any) -> tuple[int, str, datetime]:
    """The id, the act and the time of an entry's values."""
    return entry[0], entry[2], entry[1]
