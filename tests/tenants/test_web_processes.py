"""The real web server with several processes: what they learn of each other, and raw requests."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from pytest_django.plugin import DjangoDbBlocker

from tests.databases import database_copy, database_url

ROOT = Path(settings.THEMES_DIRS[0]).parent
START_SECONDS = 90
SECOND = 1.0
PORTAL = "www.alpha.localhost"
VIDEO = bytes(range(256)) * 4000


@dataclass
class Server:
    """A running server and the database behind it."""

    port: int
    database: str

    def get(self, host: str, path: str, method: str = "GET", **headers: str) -> "Answer":
        """What a client that resolves nothing gets."""
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            client.request(method, path, headers={"Host": host, **headers})
            response = client.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            client.close()

    def raw(self, data: bytes) -> bytes:
        """The answer to these bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as client:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: client.recv(65536), b""))

    def write(self, statement: str) -> float:
        """Change rows from outside; gives the moment after which every process must know."""
        connection = psycopg2.connect(database_url(self.database))
        connection.autocommit = True
        connection.cursor().execute(statement)
        connection.close()
        return time.monotonic() + SECOND


@dataclass
class Answer:
    """An answer over HTTP."""

    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="module")
def server(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    """Two processes of two threads over a copy of the test database."""
    var = tmp_path_factory.mktemp("var")
    folder = var / "media" / "sites" / "s_alpha" / "documents"
    folder.mkdir(parents=True)
    (folder / "a.mp4").write_bytes(VIDEO)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with django_db_blocker.unblock(), database_copy("web") as name:
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(name),
            "VAR_DIR": str(var),
            "WEB_WORKERS": "2",
            "WEB_THREADS": "2",
        }
        with (var / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{port}"],
                cwd=ROOT, env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            running = Server(port, name)
            _wait(running, process, var / "log")
            yield running
            assert "Traceback" not in (var / "log").read_text()
        finally:
            process.terminate()
            process.wait(30)


def _wait(server: Server, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if server.get(PORTAL, "/").status == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


def all_agree(server: Server, deadline: float, look: Callable[[], bool]) -> None:
    """From the deadline on, every process sees the change; before it, any may."""
    while time.monotonic() < deadline:
        look()
        time.sleep(0.05)
    assert [look() for _ in range(30)] == [True] * 30


def test_every_process_follows_a_change_within_a_second(server: Server) -> None:
    def township() -> int:
        return server.get(PORTAL, "/zz/beta/").status

    for _ in range(20):
        assert township() == 200
    offline = server.write("UPDATE tenants_tenant SET state = 'offline' WHERE code = 'beta'")
    all_agree(server, offline, lambda: township() == 503)
    online = server.write("UPDATE tenants_tenant SET state = 'live' WHERE code = 'beta'")
    all_agree(server, online, lambda: township() == 200)
    moved = server.write(
        "UPDATE tenants_domain SET host = 'beta.example', prefix = '' WHERE prefix = '/zz/beta'"
    )
    all_agree(
        server,
        moved,
        lambda: (
            (township(), server.get("beta.example", "/").status) == (404, 200)
            and b"http://beta.example:8000/" in server.get("beta.example", "/sitemap.xml").body
        ),
    )
    back = server.write(
        f"UPDATE tenants_domain SET host = '{PORTAL}', prefix = '/zz/beta'"
        " WHERE host = 'beta.example'"
    )
    all_agree(server, back, lambda: township() == 200)


def test_players_of_video_get_ranges(server: Server) -> None:
    path = "/media/documents/a.mp4"
    part = server.get(PORTAL, path, Range="bytes=1000-999999")
    assert (part.status, part.body) == (206, VIDEO[1000:1_000_000])
    assert server.get(PORTAL, path).body == VIDEO
    head = server.get(PORTAL, path, "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(VIDEO))


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET //admin/ HTTP/1.1",
        b"GET /%2561dmin/ HTTP/1.1",
        b"GET /zz/beta/../../admin/ HTTP/1.1",
        b"GET http://alpha.admin.localhost/admin/login/ HTTP/1.1",
        b"GET /admin/login/?next=/ HTTP/1.1",
        b"GET /admin%2flogin%2f HTTP/1.1",
        b"GET /\xe4\xbd\xb3/ HTTP/1.1",
        b"GET /%ff%fe/ HTTP/1.1",
        b"GET /\x00 HTTP/1.1",
        b"GET /media/..%2f..%2fsecret-key HTTP/1.1",
        b"GET /static/..%2f..%2fsecret-key HTTP/1.1",
    ],
)
def test_raw_requests_reach_no_admin_and_no_secret(server: Server, request_line: bytes) -> None:
    answer = server.raw(
        request_line + b"\r\nHost: www.alpha.localhost\r\nConnection: close\r\n\r\n"
    )
    status = int(answer.split(b" ", 2)[1])
    assert 400 <= status < 500
    assert b"set-cookie" not in answer.lower()
    assert b"password" not in answer


@pytest.mark.parametrize(
    "host",
    [b"", b"Host:\r\n", b"Host: a b\r\n", b"Host: \xff\xfe\r\n", b"Host: a,b\r\n", b"Host: a\r\nHost: b\r\n",
     b"Host: www.alpha.localhost@evil.example\r\n", b"Host: " + b"x" * 7000 + b"\r\n",
     b"Host: x\r\nX-Forwarded-Host: www.alpha.localhost\r\n"],
)  # fmt: skip
def test_raw_hosts_of_nobody_get_a_clean_refusal(server: Server, host: bytes) -> None:
    answer = server.raw(b"GET / HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n")
    assert int(answer.split(b" ", 2)[1]) in (400, 404)
    assert b"SiteName" not in answer


def test_a_request_without_a_host_gets_a_clean_refusal(server: Server) -> None:
    answer = server.raw(b"GET / HTTP/1.0\r\n\r\n")
    assert int(answer.split(b" ", 2)[1]) == 404
