"""`verify_audit` names every row that isn't as it was sealed."""

import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from sitecluster.audit.canonical import COLUMNS, chained
from sitecluster.audit.models import Entry, Seal, Unsealed
from sitecluster.audit.sealing import seal
from sitecluster.audit.trail import record
from sitecluster.audit.verifying import Verification
from tenants.directory import Site
from tests.audit.conftest import Verify, by_force, last, run

pytestmark = pytest.mark.usefixtures("shared")
ANOTHER = {
    "id": "id + 1000000",
    "at": "at - interval '1 microsecond'",
    "actor_id": "coalesce(actor_id, 0) + 1",
    "site_id": "site_id + 1",
    "before": """'{"state": "live "}'""",
    "after": "NULL",
    "address": "'192.0.2.1'",
}
MIDDLE = 2


@pytest.fixture
def entries(alpha: Site) -> list[Entry]:
    """Five sealed entries in a row."""
    for number in range(5):
        record(
            f"act.number_{number}",
            site=alpha,
            subject=f"第{number}",
            before={"state": "live"},
            after={"state": "closed", "share": 0.1},
        )
    seal()
    return list(Entry.objects.order_by("-id")[:5])[::-1]


def named(entry: Entry, said: str) -> bool:
    """Do the output's lines name the entry by id, act and time, with what is wrong?"""
    pattern = rf"^{entry.pk}, {entry.act}, \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d: .+\.$"
    return re.search(pattern, said, re.MULTILINE) is not None


def test_a_whole_trail(entries: list[Entry], verify: Verify) -> None:
    seals = Seal.objects.order_by("position")
    assert verify() == (
        0,
        f"Sealed entries: {seals.count()}\nHead: {seals.last()}\n"
        "Not sealed yet: 0\nThe audit trail is whole.\n",
    )


@pytest.mark.parametrize("column", COLUMNS)
def test_a_change_of_any_column_is_found(entries: list[Entry], verify: Verify, column: str) -> None:
    entry = entries[MIDDLE]
    value = ANOTHER.get(column, f"{column} || 'x'")
    by_force(f"UPDATE public.audit_entry SET {column} = {value} WHERE id = %s", entry.pk)
    code, said = verify()
    assert code == 1
    if column != "act":  # by its new name then
        assert named(entry, said)
    assert f"act.number_{MIDDLE}" in said
    assert "The audit trail is broken" in said
    assert not named(entries[MIDDLE + 1], said)


def test_the_smallest_change_of_a_number_is_found(entries: list[Entry], verify: Verify) -> None:
    by_force(
        "UPDATE public.audit_entry SET after = %s WHERE id = %s",
        '{"state": "closed", "share": 0.10000000000000000001}',
        entries[MIDDLE].pk,
    )
    code, said = verify()
    assert code == 1
    assert "changed after the sealing" in said


def test_an_entry_that_was_taken_out_is_named(entries: list[Entry], verify: Verify) -> None:
    by_force("DELETE FROM public.audit_entry WHERE id = %s", entries[MIDDLE].pk)
    code, said = verify()
    assert code == 1
    assert named(entries[MIDDLE], said)
    assert "taken out" in said
    assert said.count("act.number") == 1


def test_an_entry_taken_out_with_its_seal(entries: list[Entry], verify: Verify) -> None:
    for table, column in (("audit_entry", "id"), ("audit_seal", "entry_id")):
        by_force(f"DELETE FROM public.{table} WHERE {column} = %s", entries[MIDDLE].pk)
    code, said = verify()
    assert code == 1
    assert named(entries[MIDDLE + 1], said)
    assert "1 seals are gone before this one" in said


def test_positions_closed_up_behind_it(entries: list[Entry], verify: Verify) -> None:
    gone = Seal.objects.get(entry_id=entries[MIDDLE].pk).position
    by_force("DELETE FROM public.audit_entry WHERE id = %s", entries[MIDDLE].pk)
    by_force("DELETE FROM public.audit_seal WHERE position = %s", gone)
    for position in range(gone + 1, Seal.objects.latest("position").position + 1):
        by_force(
            "UPDATE public.audit_seal SET position = position - 1 WHERE position = %s", position
        )
    code, said = verify()
    assert code == 1
    assert named(entries[MIDDLE + 1], said)
    assert "doesn't follow on the one before" in said


def test_a_seal_that_was_taken_out(entries: list[Entry], verify: Verify) -> None:
    by_force("DELETE FROM public.audit_seal WHERE entry_id = %s", entries[-1].pk)
    code, said = verify()
    assert code == 1
    assert named(entries[-1], said)
    assert "its seal was taken out" in said


@pytest.mark.parametrize("column", ["entry_id", "act", "at", "digest", "hash"])
def test_a_seal_that_was_changed(entries: list[Entry], verify: Verify, column: str) -> None:
    value = {"entry_id": "entry_id + 1000", "at": "at + interval '1s'"}.get(
        column, f"reverse({column})"
    )
    by_force(
        f"UPDATE public.audit_seal SET {column} = {value} WHERE entry_id = %s", entries[MIDDLE].pk
    )
    code, said = verify()
    assert code == 1
    assert f"{entries[MIDDLE].pk}, " in said


def test_a_row_that_was_put_in_past_the_triggers(alpha: Site, verify: Verify) -> None:
    by_force(
        "INSERT INTO public.audit_entry (at, act, actor_name, actor_email, site_code, subject,"
        " reason, document, origin) VALUES ('2020-01-01', 'x.forged', '', '', '', '', '', '', '')"
    )
    seal()
    code, said = verify()
    assert code == 1
    assert named(last(), said)
    assert "x.forged, 2020-01-01 " in said
    assert "put in past the triggers" in said


def test_a_row_put_in_with_a_seal_of_its_own(entries: list[Entry], verify: Verify) -> None:
    by_force(
        "UPDATE public.audit_seal SET position = position + 1 WHERE entry_id = %s", entries[-1].pk
    )
    by_force(
        "INSERT INTO public.audit_entry (at, act, actor_name, actor_email, site_code, subject,"
        " reason, document, origin) VALUES (now(), 'x.forged', '', '', '', '', '', '', '')"
    )
    forged = last()
    before = Seal.objects.get(entry_id=entries[-2].pk)
    position = before.position + 1
    by_force(
        "INSERT INTO public.audit_seal VALUES (%s, %s, %s, %s, %s, %s)",
        position,
        forged.pk,
        forged.act,
        forged.at,
        "0" * 64,
        chained(before.hash, position, forged.pk, "0" * 64),
    )
    code, said = verify()
    assert code == 1
    assert named(forged, said)
    assert named(entries[-1], said)


def test_an_end_that_was_cut_off_shows_by_a_head_kept_elsewhere(
    entries: list[Entry], verify: Verify
) -> None:
    head = str(Seal.objects.latest("position"))
    for table, column in (("audit_entry", "id"), ("audit_seal", "entry_id")):
        by_force(f"DELETE FROM public.{table} WHERE {column} = %s", entries[-1].pk)
    assert verify()[0] == 0
    code, said = verify("--expect", head)
    assert code == 1
    assert f"ends before the expected position {head.partition(':')[0]}." in said


def test_a_chain_written_anew_shows_by_a_head_kept_elsewhere(
    entries: list[Entry], verify: Verify
) -> None:
    head = str(Seal.objects.latest("position"))
    first = Seal.objects.get(entry_id=entries[0].pk).position
    by_force("UPDATE public.audit_entry SET subject = 'x' WHERE id = %s", entries[0].pk)
    by_force("DELETE FROM public.audit_seal WHERE position >= %s", first)
    for entry in entries:
        Unsealed.objects.create(entry_id=entry.pk)
    seal()
    assert verify()[0] == 0
    code, said = verify("--expect", head)
    assert code == 1
    assert "another than the one expected" in said


def test_an_older_head_still_holds(entries: list[Entry], verify: Verify) -> None:
    head = str(Seal.objects.latest("position"))
    record("later.done")
    seal()
    assert verify("--expect", head, "--expect", f"0:{'0' * 64}")[0] == 0


@pytest.mark.parametrize("head", ["", "1", "x:" + "0" * 64, "1:" + "0" * 63, "-1:" + "0" * 64])
def test_a_head_that_is_none(db: None, head: str) -> None:
    with pytest.raises(CommandError, match="POSITION:HASH"):
        call_command("verify_audit", f"--expect={head}")


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal"])
def test_guards_that_are_switched_off(db: None, verify: Verify, table: str) -> None:
    run(f"ALTER TABLE public.{table} DISABLE TRIGGER USER")
    code, said = verify()
    assert code == 1
    assert "triggers that guard the trail" in said


def test_the_tail_that_waits_for_its_seal(entries: list[Entry], verify: Verify) -> None:
    record("a.done")
    record("b.done")
    code, said = verify()
    assert code == 0
    seconds = re.search(r"Not sealed yet: 2, the oldest for (\d+\.\d) seconds\.", said)
    assert seconds
    assert 0 <= float(seconds[1]) < 60


def test_an_entry_taken_out_before_it_was_sealed(db: None, verify: Verify) -> None:
    seal()
    record("a.done")
    entry = last()
    by_force("DELETE FROM public.audit_entry WHERE id = %s", entry.pk)
    seal()
    code, said = verify()
    assert code == 1
    assert f"{entry.pk}: The entry was taken out before it was sealed." in said


def test_an_entry_whose_place_in_the_queue_was_taken(db: None, verify: Verify) -> None:
    seal()
    record("a.done")
    run("DELETE FROM public.audit_unsealed")
    code, said = verify()
    assert code == 1
    assert named(last(), said)


def test_an_entry_queued_again(entries: list[Entry], verify: Verify) -> None:
    Unsealed.objects.create(entry_id=entries[0].pk)
    code, said = verify()
    assert code == 1
    assert named(entries[0], said)
    assert "queue was changed" in said


def test_what_is_read_is_one_moment(entries: list[Entry], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(4):  # the guards, a savepoint's two ends, and all else
        assert list(Verification().faults()) == []
