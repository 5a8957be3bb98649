"""What of an entry a seal covers, as bytes. docs/audit.md describes it for other programs."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

FORM = 1  # another one when an entry gets a column; older entries keep theirs
COLUMNS = (
    "id",
    "at",
    "act",
    "actor_id",
    "actor_name",
    "actor_email",
    "site_id",
    "site_code",
    "subject",
    "before",
    "after",
    "reason",
    "document",
    "address",
    "origin",
)
# As the database prints them: JSON as text and addresses without a mask, so nothing is rounded.
PRINTED = {
    "before": "e.before::text",
    "after": "e.after::text",
    "address": "host(e.address)",
}
SELECTED = ", ".join(PRINTED.get(name, f"e.{name}") for name in COLUMNS)
BEGINNING = "0" * 64


def digest(values: Sequence[Any]) -> str:
    """The SHA-256, in hexadecimal, of an entry's values in the order of `COLUMNS`."""
    plain = [_utc(value) if isinstance(value, datetime) else value for value in values]
    text = json.dumps([FORM, *plain], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def chained(before: str, position: int, entry_id: int, digest: str) -> str:
    """The hash of the seal at ``position``, which follows on the hash ``before``."""
    return hashlib.sha256(f"{before} {position} {entry_id} {digest}".encode()).hexdigest()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
