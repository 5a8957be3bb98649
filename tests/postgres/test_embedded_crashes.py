"""The embedded server when several start it at once, and when any of them is killed."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from sitecluster.postgres.embedded import Embedded
from sitecluster.postgres.owner import find_owner

START = """
server = Embedded(Path(sys.argv[1]))
server.ensure_running()
print(server.status().pid, flush=True)
"""

Query = Callable[..., list[tuple[Any, ...]]]
Spawn = Callable[..., subprocess.Popen[str]]


def _pid(embedded: Embedded) -> int:
    status = embedded.status()
    assert status is not None
    return status.pid


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def test_four_processes_start_one_server(fresh: Embedded, spawn: Spawn) -> None:
    starters = [spawn(START, fresh.var_dir) for _ in range(4)]

    results = [starter.communicate(timeout=60) for starter in starters]

    assert [errors for _, errors in results] == [""] * 4
    assert {output for output, _ in results} == {f"{_pid(fresh)}\n"}


def test_four_processes_restart_a_killed_server(embedded: Embedded, spawn: Spawn) -> None:
    embedded.ensure_running()
    killed = _pid(embedded)
    _kill(killed)

    starters = [spawn(START, embedded.var_dir) for _ in range(4)]
    results = [starter.communicate(timeout=60) for starter in starters]

    assert [errors for _, errors in results] == [""] * 4
    assert {output for output, _ in results} == {f"{_pid(embedded)}\n"}
    assert _pid(embedded) != killed


def test_killed_postmaster_is_replaced_and_commits_are_kept(
    embedded: Embedded, query: Query
) -> None:
    at = embedded.ensure_running()
    for number in range(3):
        query(at, f"CREATE TABLE kept_{number} AS SELECT {number} AS number")
        _kill(_pid(embedded))

        at = embedded.ensure_running()

        assert query(at, f"SELECT number FROM kept_{number}") == [(number,)]


def test_killed_postmaster_with_a_busy_client_is_replaced(embedded: Embedded, query: Query) -> None:
    at = embedded.ensure_running()
    client = psycopg2.connect(**at.libpq())
    client.cursor().execute("SELECT 1")

    _kill(_pid(embedded))

    assert query(embedded.ensure_running(), "SELECT 1") == [(1,)]
    client.close()


def test_killed_backend_leaves_a_usable_server(embedded: Embedded, query: Query) -> None:
    at = embedded.ensure_running()
    client = psycopg2.connect(**at.libpq())

    _kill(client.info.backend_pid)
    deadline = time.monotonic() + 20
    while client.closed == 0 and time.monotonic() < deadline:
        try:
            client.cursor().execute("SELECT pg_sleep(0.05)")
        except psycopg2.OperationalError:
            break

    rows = _retried(embedded, query)
    assert rows == [(1,)]


def _retried(embedded: Embedded, query: Query) -> list[tuple[Any, ...]]:
    """The crash restart of PostgreSQL may begin between the call and the connection."""
    for _ in range(50):
        try:
            return query(embedded.ensure_running(), "SELECT 1")
        except psycopg2.OperationalError:
            time.sleep(0.1)
    return []


@pytest.mark.parametrize("seconds", [0.3, 0.6, 0.9, 1.2])
def test_killed_starter_leaves_nothing_that_hinders_the_next(
    fresh: Embedded, spawn: Spawn, query: Query, seconds: float
) -> None:
    starter = spawn(START, fresh.var_dir)
    time.sleep(seconds)
    starter.kill()
    starter.communicate()

    at = fresh.ensure_running()

    assert query(at, "SELECT current_database()") == [("sitecluster",)]
    assert sorted(path.name for path in fresh.home.iterdir()) == ["data", "log", "socket"]


def test_killed_starter_in_initdb_is_redone(fresh: Embedded, spawn: Spawn, query: Query) -> None:
    starter = spawn(START, fresh.var_dir)
    draft = fresh.home / "data.new" / "base"
    deadline = time.monotonic() + 20
    while not draft.exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    starter.kill()
    starter.communicate()
    assert not fresh.data.exists()

    at = fresh.ensure_running()

    assert query(at, "SELECT current_database()") == [("sitecluster",)]
    assert not (fresh.home / "data.new").exists()


def test_killed_starter_releases_its_lock(embedded: Embedded, spawn: Spawn) -> None:
    starter = spawn(START + "input()", embedded.var_dir)
    starter.kill()
    starter.communicate()
    began = time.monotonic()

    embedded.ensure_running()

    assert time.monotonic() - began < 10


def _foreign_process(embedded: Embedded) -> subprocess.Popen[bytes]:
    """A process of the server's own account that is no server."""
    owner = find_owner(embedded.home)
    user = owner.uid if os.geteuid() == 0 else None
    return subprocess.Popen(["sleep", "60"], user=user, cwd="/")


@pytest.mark.parametrize("zombie", [False, True])
def test_pid_of_a_killed_server_that_lives_on_does_not_hinder(
    embedded: Embedded, query: Query, zombie: bool
) -> None:
    at = embedded.ensure_running()
    pid_file = embedded.data / "postmaster.pid"
    lock_file = at.socket_folder / ".s.PGSQL.5432.lock"
    killed = str(_pid(embedded))
    other = _foreign_process(embedded)
    try:
        _kill(int(killed))
        _wait_until_gone(int(killed))
        if zombie:
            other.kill()
        for path in (pid_file, lock_file):
            path.write_text(path.read_text().replace(killed, str(other.pid), 1))

        assert embedded.status() is None
        assert query(embedded.ensure_running(), "SELECT 1") == [(1,)]
    finally:
        other.kill()
        other.wait()


def test_copied_folder_is_not_taken_for_the_running_server(
    folder: Path, server: Embedded, query: Query
) -> None:
    """`postmaster.pid` of the copy names the original's process and socket."""
    copy = Embedded(folder / "var")
    subprocess.run(["cp", "-a", server.var_dir, copy.var_dir], check=True)

    assert copy.status() is None
    at = copy.ensure_running()

    assert at.socket_folder != server.connection_info().socket_folder
    assert _pid(copy) != _pid(server)


def _wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}/cmdline").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
