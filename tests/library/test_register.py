"""The register by itself: rows of plain entries, whatever a page may be."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sitecluster.library import register
from sitecluster.library.models import Item
from sitecluster.library.register import Entry, Place
from tenants.directory import Site

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
FIRST_ID = 90_000  # beyond the pages that the blueprints bring


def entry(number: int, **changes: Any) -> Entry:
    """An article of its own; ``number`` keeps it apart from the others."""
    values: dict[str, Any] = {
        "page_id": FIRST_ID + number,
        "kind": "article",
        "language": "zh-hans",
        "translation_key": uuid.UUID(int=number),
        "path": f"/tzgg/{number}/",
        "column_path": "/tzgg/",
        "column_title": "通知公告",
        "title": f"通知 {number}",
        "published_at": NOON,
        "updated_at": NOON,
        "revision_hash": f"{number:064}",
        "payload": {"title": f"通知 {number}"},
    }
    return Entry(**(values | changes))


def rows(site: Site) -> dict[int, Item]:
    """The rows of the entries above, withdrawn ones included, by number."""
    items = Item.objects.filter(tenant_id=site.id, page_id__gte=FIRST_ID)
    return {item.page_id - FIRST_ID: item for item in items}


def test_recording_twice_updates_the_row_and_keeps_its_uuid(alpha: Site) -> None:
    register.record(alpha.id, [entry(1)])
    before = rows(alpha)[1]
    register.record(alpha.id, [entry(1, title="改名")])
    after = rows(alpha)[1]
    assert (after.pk, after.uuid, after.title) == (before.pk, before.uuid, "改名")


def test_publishing_again_revives_the_withdrawn_row(alpha: Site) -> None:
    register.record(alpha.id, [entry(1)])
    before = rows(alpha)[1]
    assert register.withdraw(alpha.id, [entry(1).page_id]) == 1
    assert rows(alpha)[1].withdrawn_at is not None
    assert register.withdraw(alpha.id, [entry(1).page_id]) == 0
    register.record(alpha.id, [entry(1)])
    assert rows(alpha)[1].withdrawn_at is None
    assert rows(alpha)[1].uuid == before.uuid


def test_the_same_page_number_of_two_sites_is_two_items(alpha: Site, beta: Site) -> None:
    register.record(alpha.id, [entry(1)])
    register.record(beta.id, [entry(1, title="贝镇的")])
    register.withdraw(alpha.id, [entry(1).page_id])
    assert rows(alpha)[1].withdrawn_at is not None
    assert (rows(beta)[1].withdrawn_at, rows(beta)[1].title) == (None, "贝镇的")


def test_placing_a_branch_takes_two_statements_and_tells_the_old_paths(
    alpha: Site, beta: Site, django_assert_num_queries: Any
) -> None:
    many = [entry(number) for number in range(300)]
    register.record(alpha.id, many)
    register.record(beta.id, many[:2])
    places = [
        Place(
            page_id=one.page_id,
            path=f"/zwgk{one.path}",
            column_path="/zwgk/tzgg/",
            column_title="通知公告",
        )
        for one in many
    ]
    with django_assert_num_queries(2):
        before = register.place(alpha.id, places)
    assert before == {one.page_id: one.path for one in many}
    assert rows(alpha)[7].path == "/zwgk/tzgg/7/"
    assert rows(alpha)[7].column_path == "/zwgk/tzgg/"
    assert rows(beta)[1].path == "/tzgg/1/"


def test_placing_where_a_page_is_already_writes_nothing(
    alpha: Site, django_assert_num_queries: Any
) -> None:
    register.record(alpha.id, [entry(1)])
    place = Place(
        page_id=entry(1).page_id, path="/tzgg/1/", column_path="/tzgg/", column_title="通知公告"
    )
    with django_assert_num_queries(1):
        assert register.place(alpha.id, [place]) == {}


def test_a_renamed_column_changes_rows_without_a_new_path(alpha: Site) -> None:
    register.record(alpha.id, [entry(1)])
    place = Place(
        page_id=entry(1).page_id, path="/tzgg/1/", column_path="/tzgg/", column_title="公告"
    )
    assert register.place(alpha.id, [place]) == {}
    assert rows(alpha)[1].column_title == "公告"


def test_known_tells_what_is_live(alpha: Site) -> None:
    register.record(alpha.id, [entry(1), entry(2)])
    register.withdraw(alpha.id, [entry(2).page_id])
    known = register.known(alpha.id, [entry(number).page_id for number in (1, 2, 3)])
    assert {page_id - FIRST_ID: one.live for page_id, one in known.items()} == {1: True, 2: False}


def test_reconciling_withdraws_what_is_not_among_the_entries(alpha: Site, beta: Site) -> None:
    register.record(beta.id, [entry(1)])
    register.record(alpha.id, [entry(1), entry(2)])
    register.reconcile(alpha.id, [entry(2), entry(3)])
    assert {number: row.withdrawn_at is None for number, row in rows(alpha).items()} == {
        1: False,
        2: True,
        3: True,
    }
    assert rows(beta)[1].withdrawn_at is None
    assert register.differences(alpha.id, [entry(2), entry(3)]) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "别的"),
        ("path", "/xw/1/"),
        ("revision_hash", "0"),
        ("payload", {}),
        ("published_at", NOON.replace(year=2025)),
        ("metadata", {"index": "1"}),
    ],
)
def test_differences_name_the_field(alpha: Site, field: str, value: Any) -> None:
    register.reconcile(alpha.id, [entry(1)])
    (line,) = register.differences(alpha.id, [entry(1, **{field: value})])
    assert field in line


def test_differences_name_missing_and_superfluous_rows(alpha: Site) -> None:
    register.reconcile(alpha.id, [entry(1)])
    missing, superfluous = register.differences(alpha.id, [entry(2)])
    assert "has no row" in missing
    assert "isn't live" in superfluous


def test_an_entry_survives_json() -> None:
    whole = replace(entry(1), metadata={"index": "1"}, summary="摘要", source="县政府办")
    assert Entry.from_json(whole.as_json()) == whole
