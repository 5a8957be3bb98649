"""Work in forked processes: what becomes of it, and of the connection that they share at first."""

import os
import signal
import time
from itertools import accumulate
from pathlib import Path

import pytest

from tenants import forking
from tests.tenants.conftest import ask

pytestmark = pytest.mark.django_db


def work(item: str) -> None:
    if item == "fails":
        raise ValueError("no good\nin two lines")
    if item == "without words":
        raise ValueError
    if item == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if item == "exits":
        os._exit(3)


def test_each_piece_of_work_ends_in_its_own_way() -> None:
    items = ["good", "fails", "without words", "killed", "exits", "good too"]
    ended = {one.item: one for one in forking.each(work, items, 2)}
    assert list(ended) != []
    assert {name: one.error for name, one in ended.items()} == {
        "good": "",
        "fails": "no good\nin two lines",
        "without words": "ValueError",
        "killed": "Its process ended with the code -9.",
        "exits": "Its process ended with the code 3.",
        "good too": "",
    }
    assert "in work" in ended["fails"].trace


def test_the_session_of_the_parent_stays_its_own(tmp_path: Path) -> None:
    (before,) = ask("SELECT pg_backend_pid()")
    seen = tmp_path / "seen"

    def look(item: int) -> None:
        with seen.open("a") as file:
            file.write(f"{ask('SELECT pg_backend_pid()')[0][0]}\n")

    assert [one.error for one in forking.each(look, range(4), 2)] == [""] * 4
    sessions = set(map(int, seen.read_text().split()))
    assert len(sessions) == 4
    assert before[0] not in sessions
    assert ask("SELECT pg_backend_pid()") == [before]


@pytest.mark.parametrize("jobs", [1, 3])
def test_as_many_run_at_once_as_wanted(jobs: int, tmp_path: Path) -> None:
    log = tmp_path / "log"

    def rest(item: int) -> None:
        for change in ("+1", "-1"):
            with log.open("a") as file:
                file.write(f"{change}\n")
            if change == "+1":
                time.sleep(0.5)

    list(forking.each(rest, range(4), jobs))
    changes = [int(change) for change in log.read_text().split()]
    most = max(accumulate(changes))
    assert most == 1 if jobs == 1 else 1 < most <= jobs


def test_what_runs_is_terminated_when_the_caller_stops() -> None:
    began = time.monotonic()
    running = forking.each(lambda item: time.sleep(30 if item else 0), range(3), 2)
    assert next(running).item == 0
    running.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 10
