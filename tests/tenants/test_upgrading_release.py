"""A release with a migration more comes to a cluster that serves, and one site can't take it."""

import json
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg2
import pytest
from pytest_django.plugin import DjangoDbBlocker

from sitecluster.tenancy import connection
from tenants import directory
from tenants.migrating import migration_state
from tenants.orders import Order
from tenants.provisioning import provision
from tests.databases import connected_to, database_copy, database_url
from tests.tenants.conftest import ROOT, ask, environment
from tests.tenants.test_batch_kill import Forker, wait_for_servers
from tests.tenants.test_web_processes import Server
from tests.tenants.wholeness import flaws

LATER = {"DJANGO_SETTINGS_MODULE": "tests.tenants.later.settings"}
TORN = {"LATER_MIGRATIONS": "tests.tenants.later.torn"}
PORTAL, TOWNSHIP = "www.alpha.localhost", "/zz/beta/"
FILE = "media/documents/a.txt"
NEW = ["later.0001_initial", "later.0002_notes", "later.0003_longer", "later.0004_sign"]
START_SECONDS = 120
KILLS = 9


@dataclass
class Release:
    """The database of this test, and commands and servers of either release on it."""

    database: str
    folder: Path
    seen: dict[str, set[int]] = field(default_factory=dict)
    """What a process of the older release answered while the newer one upgraded."""
    first: "subprocess.CompletedProcess[str] | None" = None

    def run(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """manage.py of the newer release."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**environment(self.database, self.folder), **LATER, **more},
            capture_output=True,
            text=True,
            check=False,
        )

    @contextmanager
    def server(self, **more: str) -> Iterator[Server]:
        """The web server of the older release, or with `LATER` of the newer."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        log = self.folder / f"log-{port}"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{port}"],
                cwd=ROOT,
                env={**environment(self.database, self.folder), "WEB_WORKERS": "1", **more},
                stdout=output,
                stderr=output,
            )
        server = Server(port, self.database)
        try:
            _wait(server, process, log)
            yield server
            assert "Traceback" not in log.read_text()
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


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def state_of(schema: str) -> str:
    """ "old" or "new" if the schema, its applied migrations and its mark agree, or what differs."""
    tables = ask(
        "SELECT count(*) FROM pg_tables WHERE schemaname = %s AND tablename LIKE 'later%%'", schema
    )[0][0]
    applied = ask(f"SELECT count(*) FROM {schema}.django_migrations WHERE app = 'later'")[0][0]
    mark = ask("SELECT migration_state FROM public.tenants_tenant WHERE schema_name = %s", schema)
    if tables == 2:
        pages = ask(f"SELECT (SELECT count(*) FROM {schema}.later_note) - count(*)"
                    f" FROM {schema}.wagtailcore_page")  # fmt: skip
    else:
        pages = [(0,)]
    marked = mark[0][0] not in ("", migration_state())
    if (tables, applied, pages) == (2, 4, [(0,)]) and marked:
        return "new"
    return (
        "old"
        if (tables, applied, marked) == (0, 0, False)
        else f"{tables} {applied} {pages} {marked}"
    )


def hammer(server: Server, seen: dict[str, set[int]], stop: threading.Event) -> None:
    places = {
        "portal": (PORTAL, "/"),
        "township": (PORTAL, TOWNSHIP),
        "department": ("gamma.alpha.localhost", "/"),
        "admin": ("beta.admin.localhost", "/admin/login/"),
    }
    while not stop.is_set():
        for name, (host, path) in places.items():
            seen.setdefault(name, set()).add(server.get(host, path).status)
        time.sleep(0.1)


def keep_opening(numbers: list[int], stop: threading.Event) -> None:
    """Open sites with the older release, whose blueprints the newer one is replacing."""
    try:
        while not stop.is_set() and len(numbers) < 6:
            code = f"opened-{len(numbers)}"
            provision(Order(code=code, name="某镇人民政府", kind="township", parent="alpha"))
            numbers.append(len(numbers))
            stop.wait(2)
    finally:
        connection.close()


@pytest.fixture(scope="module")
def release(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Release]:
    """Before the upgrade: what the newer release would do."""
    folder = tmp_path_factory.mktemp("var")
    path = folder / "media" / "sites" / "s_beta" / "documents" / "a.txt"
    path.parent.mkdir(parents=True)
    path.write_text("notice")
    with django_db_blocker.unblock():
        with database_copy("later") as name, connected_to(name):
            directory.forget()
            yield Release(name, folder)
        directory.forget()


@pytest.fixture(scope="module")
def upgraded(release: Release) -> Release:
    """After the upgrade, during which the older release served and opened sites; beta failed."""
    execute("CREATE TABLE s_beta.later_sign (id bigint)")
    stop, opened = threading.Event(), list[int]()
    with release.server() as server:
        others = [
            threading.Thread(target=hammer, args=(server, release.seen, stop)),
            threading.Thread(target=keep_opening, args=(opened, stop)),
        ]
        for thread in others:
            thread.start()
        release.first = release.run("upgrade", "--jobs", "2")
        stop.set()
        for thread in others:
            thread.join()
    assert len(opened) > 3
    return release


def test_a_check_says_what_would_be_done_and_does_nothing(release: Release) -> None:
    done = release.run("upgrade", "--check")
    assert done.returncode == 1
    for word in ("department", "alpha", "beta", "gamma", "control"):
        assert word in done.stdout
    assert done.stdout.count(", ".join(NEW)) == 4
    assert state_of("s_alpha") == state_of("s_beta") == "old"
    assert ask("SELECT 1 FROM public.django_migrations WHERE app = 'later'") == []


def test_a_release_can_not_serve_before_its_upgrade(release: Release) -> None:
    done = release.run("serve", "--bind", "127.0.0.1:1", LATER="shared")
    assert done.returncode == 1
    assert "manage.py upgrade" in done.stderr


def test_a_migration_that_is_not_atomic_is_refused_before_anything_begins(release: Release) -> None:
    versions = ask("SELECT kind, max(version) FROM public.tenants_blueprint GROUP BY 1 ORDER BY 1")
    for arguments in (("upgrade",), ("upgrade", "--check")):
        done = release.run(*arguments, **TORN)
        assert done.returncode == 1
        assert "later.0001_initial" in done.stderr
        assert "Traceback" not in done.stderr
    again = ask("SELECT kind, max(version) FROM public.tenants_blueprint GROUP BY 1 ORDER BY 1")
    assert again == versions
    assert state_of("s_alpha") == "old"


def test_a_migration_of_the_shared_schema_alone_leaves_the_sites(release: Release) -> None:
    done = release.run("upgrade", "--check", LATER="shared")
    assert done.returncode == 1
    assert "later.0001_initial" in done.stdout
    assert "beta" not in done.stdout


def test_a_site_that_fails_is_named_marked_and_skipped(upgraded: Release) -> None:
    assert upgraded.first is not None
    assert upgraded.first.returncode == 1
    assert "Traceback" not in upgraded.first.stderr
    assert upgraded.first.stderr.rstrip().endswith("beta")
    assert re.search(r"beta.*later\.0004_sign: .*already exists", upgraded.first.stdout)
    assert [state_of(f"s_{code}") for code in ("alpha", "gamma", "control")] == ["new"] * 3
    execute("ALTER TABLE s_beta.later_sign RENAME TO sign")
    assert state_of("s_beta") == "old"
    execute("ALTER TABLE s_beta.sign RENAME TO later_sign")
    errors = dict(ask("SELECT code, upgrade_error FROM public.tenants_tenant"))
    assert "later.0004_sign" in errors.pop("beta")
    assert set(errors.values()) == {""}
    entries = ask("SELECT site_code, reason FROM public.audit_entry WHERE act = 'upgrade.failed'")
    assert [code for code, reason in entries if "0004_sign" in reason] == ["beta"]


def test_the_older_release_serves_every_site_meanwhile(upgraded: Release) -> None:
    places = ("portal", "township", "department", "admin")
    assert upgraded.seen == {place: {200} for place in places}
    directory.forget()
    assert not any(site.behind for site in directory.sites())


def test_sites_that_were_opened_meanwhile_are_upgraded_too(upgraded: Release) -> None:
    codes = [code for (code,) in ask("SELECT code FROM public.tenants_tenant")]
    opened = [code for code in codes if code.startswith("opened")]
    assert {state_of("s_" + code.replace("-", "_")) for code in opened} == {"new"}
    check = upgraded.run("upgrade", "--check")
    assert re.findall(r"([\w-]+)\W+later\.0001_initial", check.stdout) == ["beta"]


def test_the_newer_release_serves_what_is_upgraded(upgraded: Release) -> None:
    with upgraded.server(**LATER) as server:
        assert server.get(PORTAL, "/").status == 200
        assert server.get("alpha.admin.localhost", "/admin/login/").status == 200

        public = server.get(PORTAL, TOWNSHIP)
        assert (public.status, public.headers["Retry-After"]) == (503, "60")
        assert public.headers["Cache-Control"] == "no-store"
        assert "贝镇人民政府" in public.body.decode()
        assert b"later" not in public.body
        assert server.get(PORTAL, TOWNSHIP + "nowhere/").status == 503
        assert server.get(PORTAL, TOWNSHIP, "POST").status == 503

        admin = server.get("beta.admin.localhost", "/admin/", **{"Accept-Language": "en"})
        assert (admin.status, admin.headers["Retry-After"]) == (503, "60")
        assert "did not succeed" in admin.body.decode()
        assert b"later" not in admin.body
        chinese = server.get("beta.admin.localhost", "/admin/pages/").body.decode()
        assert 'lang="zh-hans"' in chinese
        assert server.get("beta.admin.localhost", "/api/v3/pages/").status == 503

        for host, path in ((PORTAL, TOWNSHIP + FILE), ("beta.uploads.localhost", "/" + FILE)):
            assert server.get(host, path).body == b"notice"
            missing = server.get(host, path + "x")
            assert (missing.status, missing.body) == (404, b"404")

        listed = json.loads(upgraded.run("sites", "--json").stdout)
        behind = {site["code"]: site["upgrade_error"] for site in listed if site["behind"]}
        assert list(behind) == ["beta"]
        assert "0004_sign" in behind["beta"]

        _fails_again_where_a_table_is_in_use(upgraded)
        _is_repaired(upgraded)

        deadline = time.monotonic() + 2
        while time.monotonic() < deadline and server.get(PORTAL, TOWNSHIP).status != 200:
            time.sleep(0.1)
        assert server.get(PORTAL, TOWNSHIP).status == 200
        assert server.get("beta.admin.localhost", "/admin/login/").status == 200


def _fails_again_where_a_table_is_in_use(release: Release) -> None:
    execute("DROP TABLE s_beta.later_sign")
    user = psycopg2.connect(database_url(release.database))
    user.cursor().execute("LOCK TABLE s_beta.wagtailcore_page")
    failed = release.run("upgrade")
    user.close()
    assert failed.returncode == 1
    assert "lock timeout" in failed.stdout
    assert state_of("s_beta") == "old"


def _is_repaired(release: Release) -> None:
    done = release.run("upgrade")
    assert (done.returncode, done.stderr) == (0, "")
    assert state_of("s_beta") == "new"
    assert ask("SELECT 1 FROM public.tenants_tenant WHERE upgrade_error <> ''") == []
    check = release.run("upgrade", "--check")
    assert (check.returncode, len(check.stdout.splitlines())) == (0, 1)
    assert flaws(["alpha", "beta", "gamma"]) == []


# --- Kills -----------------------------------------------------------------------------------


@pytest.fixture
def forker(upgraded: Release, tmp_path: Path) -> Iterator[Forker]:
    """Runs commands of the newer release, whose second migration takes its time."""
    more = {**LATER, "LATER_SECONDS": "0.3"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.tenants.forking"],
        cwd=ROOT,
        env={**environment(upgraded.database, upgraded.folder), **more},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield Forker(process, tmp_path / "output")
    process.kill()
    process.communicate()


def take_back(schemas: list[str]) -> None:
    """As the older release had left them."""
    for schema in schemas:
        execute(f"DROP TABLE IF EXISTS {schema}.later_note, {schema}.later_sign")
        execute(f"DELETE FROM {schema}.django_migrations WHERE app = 'later'")
    execute(
        f"UPDATE public.tenants_tenant SET upgrade_error = '', migration_state = '{migration_state()}'"
    )


def strike(process_id: int, way: str) -> None:
    """End the command: alone, so that what it forked goes on, or with all of it, or by Ctrl-C."""
    if not psutil.pid_exists(process_id):
        return
    command = psutil.Process(process_id)
    family = command.children(recursive=True) if way == "all" else []
    for process in [command, *family]:
        try:
            process.send_signal(signal.SIGINT if way == "Ctrl-C" else signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue


def test_kills_leave_every_site_as_it_was_or_upgraded(upgraded: Release, forker: Forker) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print("seed", seed)  # noqa: T201 -- shown when the test fails
    chance = random.Random(seed)
    schemas = [name for (name,) in ask("SELECT schema_name FROM public.tenants_tenant")]
    take_back(schemas)
    began = time.monotonic()
    forker.start("upgrade", "--jobs", "2")
    assert forker.wait() == 0, forker.output.read_text()
    seconds = time.monotonic() - began
    ways = ("alone", "all", "Ctrl-C")
    ended = dict.fromkeys(ways, 0)
    for number in range(KILLS):
        way = ways[number % 3]
        take_back(schemas)
        child = forker.start("upgrade", "--jobs", str(2 + number % 2))
        time.sleep((number + chance.random()) / KILLS * seconds)
        strike(child, way)
        code = forker.wait()
        ended[way] += code != 0  # on a quick machine some come when everything is done
        wait_for_servers()
        states = {state_of(schema) for schema in schemas}
        assert states <= {"old", "new"}, (number, way)
    assert sum(ended.values()) >= 3, ended

    forker.start("upgrade")

    assert forker.wait() == 0, forker.output.read_text()
    assert {state_of(schema) for schema in schemas} == {"new"}
    assert flaws(["alpha", "beta", "gamma"]) == []


def test_two_upgrades_at_once_do_each_site_once(upgraded: Release, forker: Forker) -> None:
    schemas = [name for (name,) in ask("SELECT schema_name FROM public.tenants_tenant")]
    take_back(schemas)
    forker.start("upgrade")
    other = upgraded.run("upgrade")
    assert (forker.wait(), other.returncode) == (0, 0)
    assert {state_of(schema) for schema in schemas} == {"new"}
    done = [int(re.findall(r"\d+", text.splitlines()[-1])[-1])
            for text in (forker.output.read_text(), other.stdout)]  # fmt: skip
    assert sum(done) == len(schemas)
