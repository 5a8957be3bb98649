"""Chaining what is committed: each seal's hash covers its entry and the hash before it.

Rows of acts under way are invisible and wait in the queue, whatever their ids, so no act waits
for another and none is passed over when it commits late.
"""

from django.db import connection, transaction
from psycopg2.extras import execute_values

from .canonical import BEGINNING, SELECTED, chained, digest

BATCH = 1000
WAITING = "SELECT EXISTS (SELECT FROM public.audit_unsealed)"
ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('sitecluster.audit.seal', 0))"
HEAD = "SELECT position, hash FROM public.audit_seal ORDER BY position DESC LIMIT 1"
# A queued id without an entry (cut out by force) stays for `verify_audit` to name.
NEXT = f"""
SELECT {SELECTED} FROM public.audit_unsealed q JOIN public.audit_entry e ON e.id = q.entry_id
WHERE q.entry_id > %s
    AND NOT EXISTS (SELECT FROM public.audit_seal s WHERE s.entry_id = q.entry_id)
ORDER BY q.entry_id LIMIT %s
"""
ADD = "INSERT INTO public.audit_seal (position, entry_id, act, at, digest, hash) VALUES %s"
DONE = "DELETE FROM public.audit_unsealed WHERE entry_id = ANY(%s)"


def seal() -> int:
    """Seal every committed entry that has no seal yet; returns how many this call sealed.

    The worker calls it once a second, outside a transaction; with nothing to do it is one
    statement. Of two calls at once one seals and the other returns 0.
    """
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        (waiting,) = cursor.fetchone()
    if not waiting:
        return 0
    total = last = 0
    while ids := _seal_some(last):
        total, last = total + len(ids), ids[-1]
    return total


def _seal_some(after: int) -> list[int]:
    """Seal up to `BATCH` of the waiting entries with a greater id than ``after``; their ids."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ALONE)
        if not cursor.fetchone()[0]:
            return []
        cursor.execute(HEAD)  # a statement after the lock, so it sees what its last holder wrote
        position, head = cursor.fetchone() or (0, BEGINNING)
        cursor.execute(NEXT, [after, BATCH])
        seals = []
        for values in cursor.fetchall():
            entry_id, at, act = values[:3]
            entry_digest = digest(values)
            position += 1
            head = chained(head, position, entry_id, entry_digest)
            seals.append((position, entry_id, act, at, entry_digest, head))
        ids = [entry_id for _position, entry_id, *_rest in seals]
        if ids:
            execute_values(cursor.cursor, ADD, seals, page_size=BATCH)
            cursor.execute(DONE, [ids])
        return ids
