"""The sealer chains what is committed, whatever the order in which it was committed."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.db import connection, connections, transaction

from sitecluster.audit.canonical import BEGINNING, chained
from sitecluster.audit.models import Entry, Seal, Unsealed
from sitecluster.audit.sealing import ALONE, seal
from sitecluster.audit.trail import record
from sitecluster.audit.verifying import Verification
from tests.audit.conftest import last, run, sealed_ids
from tests.databases import database_url

ADD = (
    "INSERT INTO public.audit_entry (act, actor_name, actor_email, site_code, subject, reason,"
    " document, origin) SELECT 'x.done', '', '', '', n::text, '', '', ''"
    " FROM generate_series(1, %s) n RETURNING id"
)


def faults() -> list[str]:
    return [str(fault) for fault in Verification().faults()]


@contextmanager
def another(database: str) -> Iterator[Any]:
    """A cursor of a second connection, in a transaction of its own."""
    own = psycopg2.connect(database_url(database))
    try:
        yield own.cursor()
    finally:
        own.rollback()  # answered when its locks are gone; closing isn't waited for
        own.close()


def test_entries_are_chained_in_order(shared: None) -> None:
    seal()
    before = Seal.objects.order_by("position").last()
    record("a.done")
    record("b.done")
    assert seal() == 2
    second, first = Seal.objects.order_by("-position")[:2]
    start = (before.position, before.hash) if before else (0, BEGINNING)
    assert (first.position, first.act, second.act) == (start[0] + 1, "a.done", "b.done")
    assert first.hash == chained(start[1], first.position, first.entry_id, first.digest)
    assert second.hash == chained(first.hash, second.position, second.entry_id, second.digest)
    assert not Unsealed.objects.exists()


def test_with_nothing_to_do_it_is_one_statement(
    shared: None, django_assert_num_queries: Any
) -> None:
    seal()
    with django_assert_num_queries(1):
        assert seal() == 0


def test_what_was_queued_again_is_not_sealed_again(shared: None) -> None:
    record("a.done")
    seal()
    Unsealed.objects.create(entry_id=last().pk)
    record("b.done")
    assert seal() == 1
    assert sealed_ids()[-1] == last().pk


def test_an_act_that_commits_late_is_sealed_late(committed: str) -> None:
    seal()
    with another(committed) as slow:
        slow.execute(ADD, [1])
        (late,) = slow.fetchone()
        record("quick.done")
        assert late < last().pk
        assert seal() == 1
        assert sealed_ids()[-1] == last().pk
        slow.connection.commit()
        assert seal() == 1
        assert sealed_ids()[-2:] == [last().pk, late]
    assert faults() == []


def test_an_act_that_is_rolled_back_leaves_nothing(committed: str) -> None:
    seal()
    with another(committed) as other:
        other.execute(ADD, [3])
        other.connection.rollback()
    assert seal() == 0
    assert faults() == []


def test_recording_waits_for_no_other_act_and_no_sealer(committed: str) -> None:
    with another(committed) as other, another(committed) as sealer:
        other.execute(ADD, [1])
        sealer.execute(ALONE)
        run("SET lock_timeout = '1s'")
        record("quick.done")
        run("RESET lock_timeout")


def test_of_two_sealers_one_seals(committed: str) -> None:
    seal()
    record("a.done")
    with another(committed) as other:
        other.execute(ALONE)
        assert seal() == 0
        other.connection.rollback()
        assert seal() == 1


def test_many_writers_and_sealers_make_one_chain(committed: str) -> None:
    seal()
    position = Seal.objects.count()
    done = threading.Event()
    failures: list[BaseException] = []

    def guarded(work: Any) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    def write() -> None:
        for number in range(40):
            with transaction.atomic():
                record("x.done", subject=str(number))
                time.sleep(0.001 * (number % 3))

    def keep_sealing() -> None:
        while not done.is_set():
            seal()

    writers = [threading.Thread(target=guarded, args=[write]) for _ in range(4)]
    sealers = [threading.Thread(target=guarded, args=[keep_sealing]) for _ in range(2)]
    for thread in (*writers, *sealers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in sealers:
        thread.join()
    seal()
    assert failures == []
    assert Seal.objects.count() == position + 160
    assert faults() == []


def test_a_sealer_that_ends_halfway_leaves_the_queue(committed: str) -> None:
    record("a.done")
    waiting = Unsealed.objects.count()
    with transaction.atomic():
        seal()
        transaction.set_rollback(True)
    assert Unsealed.objects.count() == waiting
    assert seal() == waiting
    assert faults() == []


def test_ten_thousand_entries_take_seconds(shared: None) -> None:
    seal()
    with connection.cursor() as cursor:
        cursor.execute(ADD, [10_000])
    began = time.monotonic()
    assert seal() == 10_000
    sealed = time.monotonic()
    assert faults() == []
    assert sealed - began < 10
    assert time.monotonic() - sealed < 10
    assert Entry.objects.count() == Seal.objects.count()
