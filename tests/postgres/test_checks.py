"""Each demand on a server of one's own, against a real server that doesn't meet it."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from sitecluster.postgres.checks import check_server
from sitecluster.postgres.embedded import Embedded
from sitecluster.postgres.errors import DatabaseUrlError, ServerUnfit
from sitecluster.postgres.owner import find_owner

Query = Callable[..., list[tuple[Any, ...]]]


def _url(embedded: Embedded, dbname: str = "sitecluster", user: str = "sitecluster") -> str:
    return f"postgres://{user}@/{dbname}?host={embedded.connection_info().socket_folder}"


@pytest.fixture(scope="module")
def scanty() -> Iterator[Embedded]:
    """A server with PostgreSQL's own default of locks."""
    folder = Path("/tmp") / f"sitecluster-test-scanty-{os.getpid()}"
    embedded = Embedded(folder, settings={"max_locks_per_transaction": "64"})
    embedded.ensure_running()
    yield embedded
    embedded.stop()
    shutil.rmtree(folder)


def test_good_server_passes_by_url_dsn_and_connection(server: Embedded) -> None:
    at = server.connection_info()

    check_server(_url(server))
    check_server(at.dsn())
    with closing(psycopg2.connect(**at.libpq())) as connection:
        check_server(connection)

        assert connection.autocommit is False
        assert connection.closed == 0


def test_old_version_is_named(server: Embedded) -> None:
    with pytest.raises(ServerUnfit, match=r"runs PostgreSQL \d+.*; the platform needs version 99"):
        check_server(_url(server), oldest_version=99)


@pytest.mark.parametrize(
    ("encoding", "ctype", "sentence"),
    [
        ("LATIN1", "C", "is encoded in LATIN1; create it with ENCODING 'UTF8'."),
        ("UTF8", "C", "has the LC_CTYPE (C|POSIX), with which search finds nothing in Chinese"),
        ("UTF8", "POSIX", "has the LC_CTYPE (C|POSIX), with which search finds nothing in Chinese"),
    ],
)
def test_unfit_database_is_named(
    server: Embedded, query: Query, encoding: str, ctype: str, sentence: str
) -> None:
    name = f"unfit_{encoding}_{ctype}".lower()
    query(
        server.connection_info(),
        f"CREATE DATABASE {name} TEMPLATE template0 "
        f"ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE '{ctype}'",
    )

    with pytest.raises(ServerUnfit, match=f"The database {name} {sentence}"):
        check_server(_url(server, name))


def test_lc_ctype_c_really_finds_nothing(server: Embedded, query: Query) -> None:
    at = server.connection_info()
    query(at, "CREATE DATABASE blind TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    query(at, "CREATE EXTENSION pg_trgm", dbname="blind")

    assert query(at, "SELECT cardinality(show_trgm('水利'))", dbname="blind") == [(0,)]
    with pytest.raises(ServerUnfit):
        check_server(_url(server, "blind"))


def test_few_locks_are_named_with_the_remedy(scanty: Embedded) -> None:
    with pytest.raises(
        ServerUnfit, match=r"max_locks_per_transaction is 64; set it to 256 or more"
    ):
        check_server(_url(scanty))


def test_role_without_create_is_named(server: Embedded, query: Query) -> None:
    query(server.connection_info(), "CREATE ROLE guest LOGIN")

    with pytest.raises(ServerUnfit, match="The role guest may not create schemas"):
        check_server(_url(server, user="guest"))


def test_unreachable_server_gets_one_sentence_without_the_password(folder: Path) -> None:
    with pytest.raises(ServerUnfit) as raised:
        check_server(f"postgres://amy:secret@/sites?host={folder}")

    assert str(raised.value).startswith("The database server cannot be reached: ")
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_unreadable_url_is_refused() -> None:
    with pytest.raises(DatabaseUrlError):
        check_server("postgres://amy:secret@db")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(100):
        assert process.poll() is None
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("pgbouncer does not listen")


@pytest.fixture
def pooler(server: Embedded, folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A URL that leads through PgBouncer in the mode that the test names."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("needs the program pgbouncer (Debian package pgbouncer)")
    mode, size = request.param
    port, at = _free_port(), server.connection_info()
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\nsitecluster = host={at.socket_folder} port={at.port} user={at.user}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = any\npool_mode = {mode}\ndefault_pool_size = {size}\n"
    )
    user = find_owner(server.home).uid if os.geteuid() == 0 else None
    process = subprocess.Popen(
        [program, "-q", settings], user=user, stderr=subprocess.DEVNULL, cwd="/"
    )
    try:
        _wait_for(process, port)
        yield f"postgres://sitecluster@127.0.0.1:{port}/sitecluster"
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.mark.parametrize("pooler", [("transaction", 1), ("transaction", 20)], indirect=True)
def test_pgbouncer_in_transaction_mode_is_refused(pooler: str) -> None:
    with pytest.raises(ServerUnfit, match="behind a pooler in transaction mode"):
        check_server(pooler)


@pytest.mark.parametrize("pooler", [("transaction", 20)], indirect=True)
def test_busy_pgbouncer_in_transaction_mode_is_refused(pooler: str) -> None:
    others = [psycopg2.connect(pooler) for _ in range(3)]
    for other in others:
        other.cursor().execute("SELECT 1")
    for other in others[1:]:
        other.rollback()

    with pytest.raises(ServerUnfit, match="behind a pooler in transaction mode"):
        check_server(pooler)
    for other in others:
        other.close()


@pytest.mark.parametrize("pooler", [("session", 20)], indirect=True)
def test_pgbouncer_in_session_mode_passes(pooler: str) -> None:
    check_server(pooler)
