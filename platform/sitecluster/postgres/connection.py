"""How to reach the embedded server, and what its `postmaster.pid` says about it."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg2.extensions import make_dsn

PORT = 5432
USER = "sitecluster"
DATABASE = "sitecluster"
# kill() answers "no such process" for it on every system.
IMPOSSIBLE_PID = 2**31 - 1


@dataclass(frozen=True)
class ConnectionInfo:
    """Where the embedded server listens: a Unix socket in a private folder, no password."""

    socket_folder: Path
    port: int = PORT
    user: str = USER
    dbname: str = DATABASE

    def libpq(self) -> dict[str, Any]:
        """Return the parameters for `psycopg2.connect(**…)`."""
        return {
            "host": str(self.socket_folder),
            "port": str(self.port),
            "user": self.user,
            "dbname": self.dbname,
        }

    def dsn(self) -> str:
        """Return the same as one string for libpq programs (`psql -d …`)."""
        dsn: str = make_dsn(**self.libpq())
        return dsn

    def as_settings(self) -> dict[str, Any]:
        """Return an entry for Django's DATABASES."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": self.dbname,
            "USER": self.user,
            "PASSWORD": "",
            "HOST": str(self.socket_folder),
            "PORT": str(self.port),
            "OPTIONS": {},
        }


@dataclass(frozen=True)
class Postmaster:
    """The main process of a running server; `connection` is None until it listens."""

    pid: int
    connection: ConnectionInfo | None


def read_postmaster(data: Path) -> Postmaster | None:
    """Return the living server of the folder `data`, or None."""
    lines = _lines(data / "postmaster.pid")
    pid = _pid(lines)
    if pid is None or not _serves(pid, data):
        return None
    # Lines: pid, data folder, start time, port, socket folder (PostgreSQL's miscadmin.h).
    if len(lines) < 5 or not lines[3] or not lines[4]:
        return Postmaster(pid, None)
    return Postmaster(pid, ConnectionInfo(Path(lines[4]), int(lines[3])))


def clear_traces(data: Path, socket_folder: Path) -> None:
    """Make the remains of a killed server harmless. Callers hold the start lock.

    PostgreSQL takes its old pid for a running server when that number lives on as a zombie or as
    another process (common in containers) and then refuses to start. The number is replaced, not
    the file removed: its last line still lets PostgreSQL see orphans on the old shared memory.
    """
    for path in socket_folder.glob(".s.PGSQL.*.lock"):
        pid = _pid(_lines(path))
        if pid is None or not _serves(pid, data):
            path.with_suffix("").unlink(missing_ok=True)
            path.unlink(missing_ok=True)
    path = data / "postmaster.pid"
    lines = _lines(path)
    pid = _pid(lines)
    if pid is None or not _exists(pid) or _serves(pid, data):
        return
    handle = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join([str(IMPOSSIBLE_PID), *lines[1:]]) + "\n")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except FileNotFoundError:
        return []


def _pid(lines: list[str]) -> int | None:
    text = lines[0].strip() if lines else ""
    return int(text) if text.isdigit() else None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _serves(pid: int, data: Path) -> bool:
    """Say whether process `pid` is a postmaster of the folder `data` (no zombie, no namesake)."""
    if not Path("/proc/self/cmdline").exists():
        return _exists(pid)
    try:
        command = os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
    if Path(command[0]).name != "postgres" or "-D" not in command[:-1]:
        return False
    try:
        return data.samefile(command[command.index("-D") + 1])
    except OSError:
        return False
