"""A site whose schema lacks a migration: what this process knows of it and what it answers."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection as django_connection

from sitecluster.tenancy import connection, tenant_context
from tenants import addresses, directory, marks
from tenants.directory import Site
from tenants.migrating import known_migrations, lacking, migration_state, refused
from tenants.models import Tenant
from tenants.provisioning import ProvisionError
from tests.conftest import client_for
from tests.tenants.conftest import ask

PORTAL, TOWNSHIP = "www.alpha.localhost", "/zz/beta/"
OTHER_CODE = "that of other code"
Mark = Callable[..., None]


@pytest.fixture
def mark(beta: Site) -> Iterator[Mark]:
    """Marks the township as upgraded by other code, which may lack a migration of this one."""

    def mark(mark: str = OTHER_CODE, *, lacks: str = "", **fields: Any) -> None:
        Tenant.objects.filter(code="beta").update(migration_state=mark, **fields)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM s_beta.django_migrations WHERE app = %s", [lacks])
        directory.forget()

    yield mark
    directory.forget()


class Questions(list[str]):
    """The statements that ask for applied migrations."""

    def __call__(self, execute: Any, sql: str, *args: Any) -> Any:
        if "django_migrations" in sql:
            self.append(sql)
        return execute(sql, *args)


def read() -> tuple[bool, int]:
    """Is the township behind, by a snapshot read now, and how many questions did that take?"""
    questions = Questions()
    with django_connection.execute_wrapper(questions):
        site = directory._read(django_connection).by_code["beta"]
    return site.behind, len(questions)


def test_a_site_that_this_code_has_upgraded_is_not_asked(beta: Site) -> None:
    assert beta.migration_state == migration_state()
    assert read() == (False, 0)


def test_a_site_of_newer_code_is_asked_once_and_is_not_behind(mark: Mark) -> None:
    mark()
    assert read() == (False, 2)
    assert read() == (False, 0)


def test_a_site_of_older_code_is_asked_once_and_is_behind(mark: Mark) -> None:
    mark(lacks="wagtailembeds")
    assert read() == (True, 2)
    assert read() == (True, 0)
    assert not directory.snapshot().by_code["alpha"].behind
    assert "beta" not in [site.code for site in directory.live_sites()]
    assert directory.record(Tenant.objects.get(code="beta")).behind


def test_an_unmarked_site_is_asked_every_time(mark: Mark) -> None:
    mark("")
    assert [read(), read()] == [(False, 2), (False, 2)]


def test_a_schema_that_is_gone_lacks_everything(beta: Site) -> None:
    assert lacking(["s_beta", "s_nowhere"]) == {"s_nowhere": known_migrations(shared=False)}
    assert marks.behind({"s_nowhere": OTHER_CODE}) == {"s_nowhere"}
    directory.forget()


def test_shared_migrations_are_not_asked_of_sites(beta: Site) -> None:
    labels = {label for label, _ in known_migrations(shared=False)}
    assert {"wagtailcore", "cms", "rights", "auth"} <= labels
    assert not labels & {label for label, _ in known_migrations(shared=True)}
    applied = ask("SELECT app, name FROM public.django_migrations")
    assert known_migrations(shared=True) <= set(applied)


def test_the_one_migration_of_wagtail_that_is_not_atomic_is_known(beta: Site) -> None:
    every = known_migrations(shared=False) | known_migrations(shared=True)
    assert refused(every) == []


# --- Requests --------------------------------------------------------------------------------


def ask_nothing(execute: Any, sql: str, *args: Any) -> Any:
    raise AssertionError(sql)


def test_pages_of_a_site_that_is_behind_are_a_notice(mark: Mark) -> None:
    mark(lacks="wagtailembeds")
    directory.snapshot()
    with django_connection.execute_wrapper(ask_nothing):
        response = client_for(PORTAL).get(TOWNSHIP)
        english = client_for(PORTAL).get(TOWNSHIP + "en/")
    assert (response.status_code, english.status_code) == (503, 503)
    assert response.headers["Retry-After"] == "60"
    assert response.headers["Cache-Control"] == "no-store"
    text = response.content.decode()
    assert "贝镇人民政府" in text
    assert f'href="http://{PORTAL}:8000/"' in text
    assert client_for(PORTAL).get("/").status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/admin/", "/admin/login/", "/admin/pages/", "/api/v3/pages/", "/media/a.txt"]
)
@pytest.mark.parametrize(("error", "words"), [("", "a few minutes"), ("x: y", "did not succeed")])
def test_screens_of_a_site_that_is_behind_say_why(
    mark: Mark, path: str, error: str, words: str
) -> None:
    mark(lacks="wagtailembeds", upgrade_error=error)
    directory.snapshot()
    client = client_for("beta.admin.localhost")
    with django_connection.execute_wrapper(ask_nothing):
        response = client.get(path, headers={"accept-language": "en"})
        chinese = client.post(path, headers={"accept-language": "zh-CN"})
    assert (response.status_code, chinese.status_code) == (503, 503)
    assert response.headers["Retry-After"] == "60"
    assert words in response.content.decode()
    assert "x: y" not in response.content.decode()
    assert 'lang="zh-hans"' in chinese.content.decode()
    assert not response.cookies


def test_uploads_of_a_site_that_is_behind_are_served(mark: Mark, beta: Site) -> None:
    with tenant_context(beta):
        name = default_storage.save("documents/a.txt", ContentFile(b"notice"))
    mark(lacks="wagtailembeds")
    directory.snapshot()
    for host, path in ((PORTAL, TOWNSHIP + "media/"), ("beta.uploads.localhost", "/media/")):
        with django_connection.execute_wrapper(ask_nothing):
            response = client_for(host).get(path + name)
            missing = client_for(host).get(path + name + "x")
        assert b"".join(response.streaming_content) == b"notice"  # type: ignore[attr-defined]
        assert (missing.status_code, missing.content) == (404, b"404")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    with tenant_context(beta):
        default_storage.delete(name)


@pytest.mark.parametrize("state", ["offline", "closed"])
def test_a_site_that_citizens_do_not_see_says_that_first(mark: Mark, state: str) -> None:
    mark(lacks="wagtailembeds", state=state)
    response = client_for(PORTAL).get(TOWNSHIP)
    upload = client_for(PORTAL).get(TOWNSHIP + "media/a.txt")
    assert upload.status_code == response.status_code == {"offline": 503, "closed": 410}[state]
    assert response.headers.get("Retry-After") != "60"


def test_a_site_that_is_behind_keeps_its_address(mark: Mark, beta: Site) -> None:
    mark(lacks="wagtailembeds")
    with pytest.raises(ProvisionError, match="贝镇人民政府 is behind"):
        addresses.change_address("beta", "beta.example")
    assert directory.record(Tenant.objects.get(code="beta")).addresses == beta.addresses
