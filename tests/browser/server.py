"""The platform as it runs in production, with its own database and folder, for a browser."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from django.conf import settings

from sitecluster.project.config import ROOT

START_SECONDS = 60
STOP_SECONDS = 10


@dataclass(frozen=True)
class Server:
    """Where the sites of the test session are served."""

    port: int
    database_url: str = ""

    def admin(self, code: str, path: str = "") -> str:
        """The address of ``path`` below the admin of a site."""
        return f"http://{code}.admin.localhost:{self.port}/admin/{path}"

    def public(self, path: str = "/", host: str = "www.alpha.localhost") -> str:
        """The address of ``path`` on a public host."""
        return f"http://{host}:{self.port}{path}"

    def town(self, path: str = "/") -> str:
        """The address of ``path`` on the site of the township, below its portal."""
        return self.public(f"/zz/beta{path}")


def free_port() -> int:
    """A port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serve(database_url: str, web_database_url: str, folder: Path, port: int) -> Iterator[Server]:
    """Run ``manage.py serve`` on ``port`` for the length of the block.

    ``folder`` is its VAR_DIR. Raises RuntimeError, with what the server said, if it doesn't
    answer within START_SECONDS, or if an exception was logged meanwhile.
    """
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "WEB_DATABASE_URL": web_database_url,
        "VAR_DIR": str(folder),
        "SECRET_KEY": settings.SECRET_KEY,  # second factors enrolled by the tests hang on it
        "PUBLIC_PORT": str(port),
        "WEB_WORKERS": "2",
    }
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", f"--bind=127.0.0.1:{port}"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        _wait(process, port, log)
        yield Server(port, database_url)
    finally:
        _stop(process)
    said = log.read_text(errors="replace")
    if "Traceback" in said:
        raise RuntimeError(f"The server met an error:\n{said}")


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if _answers(port):
            return
        time.sleep(0.1)
    raise RuntimeError(f"The server did not start:\n{log.read_text(errors='replace')}")


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    try:
        connection.request("GET", "/", headers={"Host": "www.alpha.localhost"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGINT)  # gunicorn then waits for nobody
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
