"""What the register does: record what is published, withdraw what no longer is.

The library knows nothing of pages; whoever publishes hands in plain entries. Nothing here opens
a transaction: rows join the one that makes the page live.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from .models import Item

ROWS_A_STATEMENT = 500
# Where a page stands in its site changes without the page being published again.
MOVE = """
UPDATE library_item AS item SET path = new.path, column_path = new.column_path,
    column_title = new.column_title
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])
    AS new (page_id, path, column_path, column_title)
WHERE item.tenant_id = %s AND item.page_id = new.page_id
"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a page stands within its site; paths carry the language, not the site's prefix."""

    page_id: int
    path: str
    column_path: str = ""
    column_title: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry(Place):
    """A published page as the register keeps it."""

    kind: str
    language: str
    translation_key: UUID
    title: str
    summary: str = ""
    body_text: str = ""
    source: str = ""
    published_at: datetime
    updated_at: datetime
    revision_hash: str
    metadata: dict[str, Any] = field(default_factory=dict)
    payload: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The entry as JSON can hold it, for a blueprint."""
        return {
            **asdict(self),
            "translation_key": str(self.translation_key),
            "published_at": self.published_at.isoformat(),
            "updated_at": self.updated_at.isoformat(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Entry":
        """The entry that `as_json` made ``data`` from."""
        return cls(
            **{
                **data,
                "translation_key": UUID(data["translation_key"]),
                "published_at": parse_datetime(data["published_at"]),
                "updated_at": parse_datetime(data["updated_at"]),
            }
        )


@dataclass(frozen=True)
class Known:
    """What the register already says of a page."""

    path: str
    title: str
    live: bool


Paths = dict[int, str]
FIELDS = [part.name for part in fields(Entry)]
# A new site has dozens of pages: rows as JSON cost a fifth of what model instances do.
RECORD = f"""
INSERT INTO library_item (uuid, tenant_id, {", ".join(FIELDS)})
SELECT gen_random_uuid(), %s, {", ".join(FIELDS)}
FROM jsonb_populate_recordset(NULL::library_item, %s::jsonb)
ON CONFLICT (tenant_id, page_id) DO UPDATE SET withdrawn_at = NULL,
    {", ".join(f"{name} = excluded.{name}" for name in FIELDS if name != "page_id")}
"""


def record(tenant_id: int, entries: Sequence[Entry]) -> None:
    """Write the rows of pages that are live; a page withdrawn before keeps its uuid."""
    with connection.cursor() as cursor:
        for start in range(0, len(entries), ROWS_A_STATEMENT):
            rows = [_values(entry) for entry in entries[start : start + ROWS_A_STATEMENT]]
            text = json.dumps(rows, default=str, ensure_ascii=False)
            cursor.execute(RECORD, [tenant_id, text])


def withdraw(tenant_id: int, page_ids: Iterable[int]) -> int:
    """Mark the rows of pages that are no longer live; return how many were."""
    return Item.objects.filter(
        tenant_id=tenant_id, page_id__in=list(page_ids), withdrawn_at=None
    ).update(withdrawn_at=timezone.now())


def count(tenant_id: int) -> int:
    """How many items the site has published."""
    return Item.objects.filter(tenant_id=tenant_id, withdrawn_at=None).count()


def known(tenant_id: int, page_ids: Iterable[int]) -> dict[int, Known]:
    """What the register says of these pages, withdrawn ones included."""
    rows = Item.objects.filter(tenant_id=tenant_id, page_id__in=list(page_ids))
    return {
        page_id: Known(path, title, withdrawn_at is None)
        for page_id, path, title, withdrawn_at in rows.values_list(
            "page_id", "path", "title", "withdrawn_at"
        )
    }


def place(tenant_id: int, places: Sequence[Place]) -> Paths:
    """Correct where pages stand, in two statements however many they are.

    Pages the register doesn't know are left out. Returns the paths that rows had before, by
    page, where the path itself changed.
    """
    wanted = {spot.page_id: spot for spot in places}
    if not wanted:
        return {}
    rows = Item.objects.filter(tenant_id=tenant_id, page_id__in=list(wanted))
    before = {row[0]: row[1:] for row in rows.values_list(*_PLACE)}
    changed = [
        spot
        for page_id, spot in wanted.items()
        if page_id in before and before[page_id] != (spot.path, spot.column_path, spot.column_title)
    ]
    if changed:
        columns = [[getattr(spot, name) for spot in changed] for name in _PLACE]
        with connection.cursor() as cursor:
            cursor.execute(MOVE, [*columns, tenant_id])
    return {
        spot.page_id: before[spot.page_id][0]
        for spot in changed
        if before[spot.page_id][0] != spot.path
    }


def reconcile(tenant_id: int, entries: Sequence[Entry]) -> None:
    """Make the rows of a site say what ``entries``, all its live pages, say."""
    record(tenant_id, entries)
    Item.objects.filter(tenant_id=tenant_id, withdrawn_at=None).exclude(
        page_id__in=[entry.page_id for entry in entries]
    ).update(withdrawn_at=timezone.now())


def differences(tenant_id: int, entries: Iterable[Entry]) -> list[str]:
    """How the rows of a site differ from ``entries``, all its live pages; a line a difference."""
    rows = Item.objects.filter(tenant_id=tenant_id, withdrawn_at=None)
    recorded = {row["page_id"]: row for row in rows.values(*FIELDS)}
    lines = []
    for entry in entries:
        row = recorded.pop(entry.page_id, None)
        if row is None:
            lines.append(f"{entry.path}: live page {entry.page_id} has no row")
            continue
        lines += [
            f"{entry.path}: {name} is {row[name]!r}, the page has {value!r}"
            for name, value in _values(entry).items()
            if row[name] != value
        ]
    lines += [f"{row['path']}: page {page_id} isn't live" for page_id, row in recorded.items()]
    return lines


_PLACE = [part.name for part in fields(Place)]


def _values(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in FIELDS}
