"""The database backend: search paths that travel with the next statement."""

import threading
from collections.abc import Callable

import psycopg2
import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, transaction
from django.test.utils import CaptureQueriesContext

from sitecluster.cms.models import HomePage
from sitecluster.tenancy import connection, shared_context, tenant_context
from tenants.backend.base import SCREENS_WEIGHT
from tenants.directory import Site


def search_path() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        path: str = cursor.fetchone()[0]
        return path


def title() -> str:
    return HomePage.objects.get().title


def test_switching_tenants_costs_no_statement(alpha: Site, beta: Site) -> None:
    titles = []
    with CaptureQueriesContext(connection) as captured:
        for site in (alpha, beta, alpha, alpha):
            with tenant_context(site):
                titles.append(title())
    assert titles == [alpha.name, beta.name, alpha.name, alpha.name]
    assert len(captured) == 4


def test_search_path_survives_a_rolled_back_switch(alpha: Site, beta: Site) -> None:
    with tenant_context(alpha):
        title()
        try:
            with transaction.atomic():
                connection.set_tenant(beta)
                assert title() == beta.name
                raise DatabaseError
        except DatabaseError:
            pass
        assert title() == beta.name
        connection.set_tenant(alpha)
        assert title() == alpha.name


def test_failed_statement_after_a_switch_leaves_the_right_path(alpha: Site, beta: Site) -> None:
    with tenant_context(alpha):
        title()
        with tenant_context(beta), pytest.raises(DatabaseError), transaction.atomic():
            connection.cursor().execute("SELECT * FROM no_such_table")
        assert title() == alpha.name
        with tenant_context(beta):
            assert title() == beta.name


@pytest.mark.parametrize("touched", [True, False])
def test_a_savepoint_is_rolled_back_after_a_failed_statement(
    alpha: Site, beta: Site, touched: bool
) -> None:
    """A failed transaction would refuse a search path that travels before the rollback."""
    with tenant_context(alpha):
        assert title() == alpha.name
        with pytest.raises(DatabaseError):
            fail_in(beta, touched)
        assert title() == alpha.name


def fail_in(site: Site, touched: bool) -> None:
    """Fail within a savepoint and a site, in the first statement there or after another one."""
    with transaction.atomic(), tenant_context(site):
        if touched:
            assert title() == site.name
        connection.cursor().execute("SELECT * FROM no_such_table")


@pytest.mark.parametrize("read", [list, lambda rows: list(rows.iterator(chunk_size=1))])
def test_server_side_cursors_read_the_active_site(
    alpha: Site, beta: Site, read: Callable[..., list[str]]
) -> None:
    for site in (alpha, beta):
        with tenant_context(site):
            assert read(HomePage.objects.values_list("title", flat=True)) == [site.name]


def test_contexts_nest_and_return(alpha: Site, beta: Site) -> None:
    with tenant_context(alpha):
        with tenant_context(beta), shared_context():
            assert search_path() == "public"
        assert connection.tenant is alpha
        assert search_path() == f'"{alpha.schema_name}", public'.replace('"', "")


def test_shared_context_sees_no_tenant_table(alpha: Site) -> None:
    with shared_context(), pytest.raises(DatabaseError), transaction.atomic():
        title()


def test_content_types_are_the_same_on_every_site(alpha: Site, beta: Site) -> None:
    numbers = set()
    for site in (alpha, beta):
        ContentType.objects.clear_cache()
        with tenant_context(site):
            numbers.add(ContentType.objects.get_for_model(HomePage).pk)
    assert len(numbers) == 1


def test_no_constraint_leaves_a_schema(alpha: Site) -> None:
    """A constraint to a shared table would put triggers on it for every site."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f'"
            " AND connamespace = %s::regnamespace AND confrelid IN"
            " (SELECT oid FROM pg_class WHERE relnamespace <> %s::regnamespace)",
            [alpha.schema_name, alpha.schema_name],
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db
def test_connection_is_replaced_after_enough_sites(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SITES_PER_CONNECTION", 3)
    pids = []

    def work() -> None:
        for number in range(8):
            connection.recycle()
            connection.set_schema(f"s_none{number}")
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(pids) == 8
    assert len(set(pids)) == 3


def test_sites_with_screens_count_more(alpha: Site) -> None:
    for schema in ("s_none1", "s_none2"):
        connection.set_schema(schema)
    connection.weigh_screens()
    for schema in ("s_none1", "s_none2"):
        connection.set_schema(schema)
    seen = {name: count for name, count in connection.sites_seen.items() if "none" in name}
    assert seen == {"s_none1": 1, "s_none2": SCREENS_WEIGHT}


def test_recycling_never_breaks_a_transaction(alpha: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SITES_PER_CONNECTION", 0)
    with transaction.atomic():
        before = connection.connection
        connection.recycle()
        assert connection.connection is before
        assert isinstance(before, psycopg2.extensions.connection)
