"""gunicorn with one application, as `manage.py serve` runs it, and what it costs in CPU time."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from . import child, databases

WORKERS, THREADS = 2, 2
START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A running web server on one database."""

    port: int
    process: psutil.Process
    database: str

    def cpu_seconds(self) -> float:
        """CPU seconds so far of its processes and of its connections' backends on this machine."""
        own = [self.process, *self.process.children(recursive=True)]
        return sum(map(_cpu, [*own, *self._backends()]))

    def _backends(self) -> list[psutil.Process]:
        rows = databases.rows(
            "SELECT pid FROM pg_stat_activity WHERE datname = %s", [self.database]
        )
        found = [psutil.Process(pid) for (pid,) in rows if psutil.pid_exists(pid)]
        return [process for process in found if process.name().startswith("postgres")]


@contextmanager
def serve(database: str, folder: Path, settings_module: str) -> Iterator[Server]:
    """A web server for the length of the block."""
    port = _free_port()
    (folder / "static").mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "sitecluster.project.wsgi:application"),
            *(f"--bind=127.0.0.1:{port}", "--worker-class=gthread", "--log-level=warning"),
            *(f"--workers={WORKERS}", f"--threads={THREADS}"),
        ],
        env=child.environment(database, folder, settings_module),
        cwd=child.ROOT,
    )
    try:
        _await(port, process)
        yield Server(port, psutil.Process(process.pid), database)
    finally:
        process.terminate()
        process.wait(30)


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port: int = listener.getsockname()[1]
        return port


def _await(port: int, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("gunicorn did not start.")
