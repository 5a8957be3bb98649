"""Real servers for the tests of `sitecluster.postgres`."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

import sitecluster.postgres
from sitecluster.postgres.connection import ConnectionInfo
from sitecluster.postgres.embedded import Embedded
from sitecluster.postgres.errors import PostgresError

PLATFORM = Path(sitecluster.postgres.__file__).parents[2]
INHERITED = os.environ.get("PYTHONPATH", "")

IMPORTS = """
import sys
from pathlib import Path
from sitecluster.postgres.embedded import Embedded
"""
BECOME = """
import os, pwd
account = pwd.getpwnam({user!r})
os.setgroups([])
os.setgid(account.pw_gid)
os.setuid(account.pw_uid)
"""
Query = Callable[..., list[tuple[Any, ...]]]


def _fast_folder() -> Path | None:
    """Memory, where there is enough: a dozen new clusters keep a disk busy for long."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2**30
    return memory if roomy and os.access(memory, os.W_OK) else None


def _open_folder() -> Path:
    """A folder that every account may enter; pytest's own `tmp_path` is closed to all but one."""
    folder = Path(tempfile.mkdtemp(prefix="sitecluster-test-", dir=_fast_folder()))
    folder.chmod(0o755)
    return folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder; a server left running on `var` in it is stopped."""
    path = _open_folder()
    yield path
    _stop(Embedded(path / "var"))
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def fresh(folder: Path) -> Embedded:
    """The server of a VAR_DIR that doesn't exist yet."""
    return Embedded(folder / "var")


@pytest.fixture(scope="session")
def _cluster() -> Iterator[Path]:
    path = _open_folder()
    embedded = Embedded(path / "var")
    embedded.ensure_running()
    embedded.stop()
    yield embedded.var_dir
    shutil.rmtree(path)


@pytest.fixture
def embedded(folder: Path, _cluster: Path) -> Embedded:
    """A server that has run before and stands still."""
    subprocess.run(["cp", "-a", _cluster, folder / "var"], check=True)
    return Embedded(folder / "var")


@pytest.fixture(scope="session")
def server() -> Iterator[Embedded]:
    """A running server for tests that neither stop nor damage it."""
    path = _open_folder()
    embedded = Embedded(path / "var")
    embedded.ensure_running()
    yield embedded
    _stop(embedded)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def query() -> Query:
    """Run one statement on a server and return its rows."""

    def run(at: ConnectionInfo, sql: str, **parameters: str) -> list[tuple[Any, ...]]:
        with closing(psycopg2.connect(**{**at.libpq(), **parameters})) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture(scope="session")
def spawn() -> Callable[..., subprocess.Popen[str]]:
    """Start Python on a program text with arguments, as another account if one is named.

    It changes accounts after its imports: the interpreter may lie in a home folder of root.
    """

    def run(
        program: str, *arguments: object, user: str | None = None, path: Path | None = None
    ) -> subprocess.Popen[str]:
        search = os.pathsep.join(str(part) for part in (path, PLATFORM, INHERITED) if part)
        lines = [IMPORTS, BECOME.format(user=user) if user else "", program]
        return subprocess.Popen(
            [sys.executable, "-c", "\n".join(lines), *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": search, "PYTHONDONTWRITEBYTECODE": "1"},
            cwd="/",
        )

    return run


def _stop(embedded: Embedded) -> None:
    try:
        embedded.stop()
    except PostgresError:
        # A test left it damaged on purpose; its process must not outlive the run.
        status = embedded.status()
        if status:
            os.kill(status.pid, 9)
