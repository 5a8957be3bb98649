"""What a process remembers about the sites, and for how long it may be wrong."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections
from pytest_django.plugin import DjangoDbBlocker
from wagtail.models import Locale, Site as WagtailSite

from sitecluster import tenancy
from sitecluster.tenancy import tenant_context
from tenants import directory
from tenants.directory import Site
from tenants.models import Domain, Tenant
from tests.databases import connected_to, database_copy, database_url

SECOND = 1.0
POLL_SECONDS = 0.5


# --- One process -------------------------------------------------------------------------------


def test_sites_know_their_family_and_their_hosts(alpha: Site, beta: Site, gamma: Site) -> None:
    assert beta.parent == alpha
    assert alpha.children == (beta, gamma)
    assert alpha.parent is None
    assert beta.admin_url == "http://beta.admin.localhost:8000/admin/"
    assert beta.uploads_url == "http://beta.uploads.localhost:8000"
    assert beta.address is not None
    assert beta.address.url("/x/") == "http://www.alpha.localhost:8000/zz/beta/x/"
    assert [site.code for site in directory.sites()] == ["alpha", "beta", "control", "gamma"]


def test_the_primary_address_comes_first(alpha: Site) -> None:
    Domain.objects.create(tenant_id=alpha.id, host="a.example", is_primary=False)
    Domain.objects.create(tenant_id=alpha.id, host="zz.example", is_primary=False)
    directory.forget()
    hosts = [place.host for place in directory.snapshot().by_code["alpha"].addresses]
    assert hosts == ["www.alpha.localhost", "a.example", "zz.example"]
    assert (
        directory.record(Tenant.objects.get(code="alpha")) == directory.snapshot().by_code["alpha"]
    )


def test_reading_what_is_known_asks_nothing(
    alpha: Site, django_assert_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_num_queries(0):
        assert directory.snapshot().find("www.alpha.localhost", "/zz/beta/x/")
        assert alpha.children
        assert tenancy.find_sites([alpha.id]) == [alpha]


def change(statement: str) -> Callable[[], None]:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return run


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tenants_tenant SET state = 'offline' WHERE code = 'beta'",
        "UPDATE tenants_tenant SET theme = 'red' WHERE code = 'beta'",
        "UPDATE tenants_tenant SET plugins = '{surveys}' WHERE code = 'beta'",
        "UPDATE tenants_tenant SET name = 'x' WHERE code = 'beta'",
        "UPDATE tenants_domain SET host = 'b.example' WHERE prefix = '/zz/beta'",
        "DELETE FROM tenants_domain WHERE prefix = '/zz/beta'",
        "INSERT INTO tenants_domain (tenant_id, host, prefix, is_primary)"
        " SELECT id, 'new.example', '', false FROM tenants_tenant WHERE code = 'beta'",
    ],
)
def test_every_change_of_a_row_is_noticed(alpha: Site, statement: str) -> None:
    before = directory.snapshot()
    directory.refresh(connection)
    assert directory.snapshot() is before
    change(statement)()
    directory.refresh(connection)
    now = directory.snapshot()
    assert now is not before
    assert now.by_code["beta"] != before.by_code["beta"]
    assert now.by_code["beta"].version != before.by_code["beta"].version
    assert now.by_code["gamma"] == before.by_code["gamma"]


def test_two_changes_that_cancel_each_other_are_noticed(alpha: Site) -> None:
    """Sums of the rows' transaction numbers only grow while as many rows are there."""
    before = directory.snapshot()
    change(
        "DELETE FROM tenants_domain WHERE prefix = '/zz/beta';"
        "INSERT INTO tenants_domain (tenant_id, host, prefix, is_primary)"
        " SELECT id, 'www.alpha.localhost', '/zz/beta', true FROM tenants_tenant WHERE code = 'beta'"
    )()
    directory.refresh(connection)
    assert directory.snapshot() is not before


def test_what_is_cached_of_a_site_ends_with_its_version(alpha: Site, beta: Site) -> None:
    def seen(site: Site) -> Any:
        with tenant_context(site):
            return cache.get_or_set("name", site.name)

    assert (seen(alpha), seen(beta)) == (alpha.name, beta.name)
    with tenant_context(beta):
        cache.set("kept", 1)
        tenancy.touch()
    with tenant_context(alpha):
        cache.set("kept", 1)
    directory.forget()
    for code, kept in (("alpha", 1), ("beta", None)):
        with tenant_context(directory.snapshot().by_code[code]):
            assert cache.get("kept") == kept


@pytest.mark.parametrize("change", ["edition", "language", "address"])
def test_what_wagtail_caches_of_a_site_ends_when_it_changes(
    alpha: Site, beta: Site, change: str
) -> None:
    """In other processes too: they learn of the new version, not of the clearing."""
    with tenant_context(beta):
        if change == "edition":
            WagtailSite.objects.get().root_page.save()
        elif change == "language":
            Locale.objects.get(language_code="zh-hans").save()
        else:
            Domain.objects.filter(tenant_id=beta.id).update(host="new.example")
    directory.refresh(connection)
    after = directory.snapshot()
    assert after.by_code["beta"].version != beta.version
    assert after.by_code["alpha"].version == alpha.version


def test_two_thousand_sites_are_known_and_found(alpha: Site) -> None:
    """Rows only; 1,500 townships stand below one host."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tenants_tenant (uuid, code, schema_name, name, kind, parent_id, state,"
            " state_note, theme, plugins, created_at, migration_state, upgrade_error, second_factor)"
            " SELECT gen_random_uuid(), 'n' || i, 's_n' || i, '第' || i || '镇', 'township', %s, 'live',"
            " '', 'base', '{}', now(), %s, '', false FROM generate_series(1, 2000) AS i",
            [alpha.id, alpha.migration_state],
        )
        cursor.execute(
            "INSERT INTO tenants_domain (tenant_id, host, prefix, is_primary)"
            " SELECT id, CASE WHEN substr(code, 2)::int <= 1500 THEN 'www.alpha.localhost'"
            "  ELSE code || '.example' END,"
            " CASE WHEN substr(code, 2)::int <= 1500 THEN '/zz/' || code ELSE '' END, true"
            " FROM tenants_tenant WHERE code ~ '^n[0-9]+$'"
        )
    directory.forget()
    started = time.perf_counter()
    known = directory.snapshot()
    read_seconds = time.perf_counter() - started
    assert len(known.by_id) == 2004
    started = time.perf_counter()
    for number in range(1, 2001):
        host, prefix = f"n{number}.example", ""
        if number <= 1500:
            host, prefix = "www.alpha.localhost", f"/zz/n{number}"
        found = known.find(host, f"{prefix}/tzgg/")
        assert found is not None
        assert (found[0].prefix, found[1].code) == (prefix, f"n{number}")
    find_seconds = (time.perf_counter() - started) / 2000
    portal = known.find("www.alpha.localhost", "/zz/n1501/")
    assert portal is not None
    assert portal[1].code == "alpha"
    assert known.find("n1.example", "/") is None
    assert read_seconds < 0.5
    assert find_seconds < 0.0005
    started = time.perf_counter()
    directory.refresh(connection)
    assert time.perf_counter() - started < 0.1
    assert directory.snapshot() is known


@pytest.mark.parametrize("path", ["", "*", "/" * 5000, "/zz/beta" + "/x" * 5000, "/" + "x" * 9000])
def test_no_path_is_too_odd_to_look_for(alpha: Site, path: str) -> None:
    found = directory.snapshot().find("www.alpha.localhost", path)
    if path.startswith("/zz/beta"):
        assert found is not None
        assert found[1].code == "beta"
    elif path.startswith("/") or not path:
        assert found is not None
        assert found[1].code == "alpha"
    else:
        assert found is None


# --- Several processes -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The name of a copy in which other processes see what is written."""
    with django_db_blocker.unblock(), database_copy("directory") as name:
        yield name


@pytest.fixture
def watching(
    own_database: str, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """This process watches the copy as a serving one does; gives the copy's name."""
    with django_db_blocker.unblock(), connected_to(own_database):
        directory.forget()
        monkeypatch.setattr(settings, "DIRECTORY_POLL_SECONDS", POLL_SECONDS)
        directory.watch()
        directory.snapshot()
        yield own_database
        monkeypatch.setattr(settings, "DIRECTORY_POLL_SECONDS", 0)
        for thread in watchers():
            thread.join()
    directory.forget()


def watchers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "site-directory"]


WRITER = "import psycopg2, sys; c = psycopg2.connect(sys.argv[1]); c.autocommit = True; c.cursor().execute(sys.argv[2])"


def in_another_process(database: str, statement: str) -> float:
    """Run a statement in a process of its own; gives the moment after which all must know."""
    command = [sys.executable, "-c", WRITER, database_url(database), statement]
    subprocess.run(command, check=True)
    return time.monotonic() + SECOND


def seen_until(deadline: float, look: Callable[[], bool]) -> bool:
    while time.monotonic() < deadline:
        if look():
            return True
        time.sleep(0.02)
    return look()


def beta_now() -> Site:
    return directory.snapshot().by_code["beta"]


def test_changes_of_another_process_are_seen_within_a_second(watching: str) -> None:
    assert directory.snapshot().find("www.alpha.localhost", "/zz/beta/")
    changes: list[tuple[str, Callable[[], bool]]] = [
        ("UPDATE tenants_tenant SET state = 'offline' WHERE code = 'beta'", lambda: beta_now().state == "offline"),
        ("UPDATE tenants_tenant SET theme = 'red' WHERE code = 'beta'", lambda: beta_now().theme == "red"),
        ("UPDATE tenants_tenant SET plugins = '{a}' WHERE code = 'beta'", lambda: beta_now().plugins == {"a"}),
        (
            "UPDATE tenants_domain SET host = 'b.example', prefix = '' WHERE prefix = '/zz/beta'",
            lambda: directory.snapshot().find("b.example", "/") is not None,
        ),
        (
            "UPDATE tenants_domain SET host = 'www.alpha.localhost', prefix = '/zz/beta' WHERE host = 'b.example'",
            lambda: directory.snapshot().find("b.example", "/") is None,
        ),
    ]  # fmt: skip
    for statement, look in changes:
        assert not look()
        assert seen_until(in_another_process(watching, statement), look), statement


def test_requests_and_watching_cost_one_thread(watching: str) -> None:
    for _ in range(5):
        directory.watch()
    assert len(watchers()) == 1


def test_watching_outlives_a_dead_connection(
    watching: str, caplog: pytest.LogCaptureFixture
) -> None:
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{watching}' AND pid <> pg_backend_pid()"
    )
    for name in ("one", "two"):
        in_another_process(watching, kill)
        statement = f"UPDATE tenants_tenant SET name = '{name}' WHERE code = 'gamma'"
        in_another_process(watching, statement)
        # One poll finds the connection dead, the next one reads.
        deadline = time.monotonic() + 2 * POLL_SECONDS + SECOND

        def look(name: str = name) -> bool:
            return directory.snapshot().by_code["gamma"].name == name

        assert seen_until(deadline, look)
    assert "could not be refreshed" in caplog.text


def test_watching_outlives_a_database_that_is_away(watching: str) -> None:
    known = directory.snapshot()
    refuse = f"UPDATE pg_database SET datallowconn = {{}} WHERE datname = '{watching}'"
    kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{watching}'"
    in_another_process("postgres", refuse.format("false"))
    try:
        in_another_process("postgres", kill)
        time.sleep(3 * POLL_SECONDS)
        assert directory.snapshot() is known
        assert watchers()
    finally:
        in_another_process("postgres", refuse.format("true"))
    deadline = in_another_process(
        watching, "UPDATE tenants_tenant SET name = '回来' WHERE code = 'gamma'"
    )
    assert seen_until(
        deadline + SECOND, lambda: directory.snapshot().by_code["gamma"].name == "回来"
    )


FORKING = """
import json, os, sys, time
import django
django.setup()
from django.db import connections
from tenants import directory

directory.watch()
directory.snapshot()
time.sleep(0.7)
connections.close_all()
print("ready", flush=True)
sys.stdin.readline()  # something changes, and the old snapshot is still in memory
if not os.fork():
    directory.watch()
    first = directory.snapshot().by_code["alpha"].theme
    print(json.dumps(["child", first]), flush=True)
    sys.stdin.readline()
    time.sleep(1)
    print(json.dumps(["child", directory.snapshot().by_code["alpha"].theme]), flush=True)
    os._exit(0)
os.wait()
"""


def test_a_forked_process_reads_for_itself_and_watches_for_itself(own_database: str) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(own_database),
        "DJANGO_SETTINGS_MODULE": "sitecluster.project.settings",
    }
    child = subprocess.Popen(
        [sys.executable, "-c", FORKING],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "ready\n"
        for theme in ("first", "second"):
            in_another_process(
                own_database, f"UPDATE tenants_tenant SET theme = '{theme}' WHERE code = 'alpha'"
            )
            child.stdin.write("go\n")
            child.stdin.flush()
            assert json.loads(child.stdout.readline()) == ["child", theme]
    finally:
        child.stdin.close()
        child.wait(10)


def test_connections_of_the_tests_are_back(alpha: Site) -> None:
    """The copy is used by nobody but the tests above."""
    assert connections["default"].settings_dict["NAME"] == connection.settings_dict["NAME"]
    assert alpha.theme == "portal"
    assert not watchers()
