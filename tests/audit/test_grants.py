"""The web processes' own database role: enough for every screen, too little to touch the trail."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.utils import ProgrammingError
from django.test import Client
from django.urls import reverse
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, make_dsn
from pytest_django.plugin import DjangoDbBlocker
from wagtail.models import Page

from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import User
from sitecluster.audit import grants
from sitecluster.audit.models import Entry
from sitecluster.audit.sealing import seal
from sitecluster.audit.trail import record
from sitecluster.audit.verifying import Verification
from sitecluster.cms.models import ArticlePage
from sitecluster.postgres.programs import program
from sitecluster.postgres.url import libpq_parameters
from sitecluster.project.config import Config, config
from sitecluster.project.errors import ConfigError
from sitecluster.project.web_role import web_environment, web_role
from sitecluster.tenancy import connection, tenant_context
from tenants import directory, upgrading
from tenants.directory import Site
from tenants.life import lifecycle
from tenants.orders import Order
from tenants.provisioning import provision
from tests.audit.conftest import run

SUPERUSER = libpq_parameters(settings.DATABASES["default"])  # before a test changes it


def parameters(**changed: str) -> dict[str, str]:
    return {**SUPERUSER, **changed}


def server(*statements: str, **changed: str) -> None:
    """Run statements as the tests' superuser."""
    own = psycopg2.connect(make_dsn(**parameters(**changed)))
    own.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
    with own.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    own.close()


@contextmanager
def acting_as(role: str, database: str) -> Iterator[None]:
    """This process's connections belong to ``role`` for the length of the block."""
    entry = connections["default"].settings_dict
    before = {name: entry[name] for name in ("USER", "NAME", "PASSWORD")}
    connection.close()
    entry.update(USER=role, NAME=database, PASSWORD="secret")
    directory.forget()
    try:
        yield
    finally:
        connection.close()
        entry.update(before)
        directory.forget()


@pytest.fixture(scope="module")
def names(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[str, ...]]:
    """A database whose owner is no superuser, with the tests' sites; its name, owner, web role."""
    with django_db_blocker.unblock():
        source = connections["default"].settings_dict["NAME"]
        name, owner, web = (f"{source}_{suffix}" for suffix in ("grants", "owner", "web"))
        forget = [f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)']
        forget += [f'DROP ROLE IF EXISTS "{role}"' for role in (owner, web)]
        server(
            *forget,
            f"CREATE ROLE \"{owner}\" LOGIN PASSWORD 'secret'",
            f"CREATE ROLE \"{web}\" LOGIN PASSWORD 'secret'",
            f'CREATE DATABASE "{name}" OWNER "{owner}"',
            dbname="postgres",
        )
        copy(source, name, owner)
        try:
            yield name, owner, web
        finally:
            connections.close_all()
            server(*forget, dbname="postgres")


def copy(source: str, name: str, owner: str) -> None:
    """The whole test database under another owner."""
    dump = subprocess.run(
        [
            str(program("pg_dump")),
            f"--dbname={make_dsn(**parameters(dbname=source))}",
            "--no-owner",
            "--no-privileges",
        ],
        check=True,
        capture_output=True,
    )
    subprocess.run(
        [
            str(program("psql")),
            make_dsn(**parameters(dbname=name, user=owner)),
            "--quiet",
            "--set=ON_ERROR_STOP=1",
        ],
        input=dump.stdout,
        check=True,
        stdout=subprocess.DEVNULL,
    )


@pytest.fixture
def owned(names: tuple[str, ...], settings: Any) -> Iterator[tuple[str, ...]]:
    """This process works as the owner, and the web role is configured."""
    name, owner, web = names
    settings.WEB_DATABASE_ROLE = web
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with acting_as(owner, name):
        yield names


@pytest.fixture
def granted(owned: tuple[str, ...]) -> tuple[str, ...]:
    """The web role has its rights."""
    grants.apply()
    return owned


def test_a_role_that_does_not_exist(owned: tuple[str, ...], settings: Any) -> None:
    settings.WEB_DATABASE_ROLE = 'no"body'
    with pytest.raises(grants.GrantError, match="CREATE ROLE"):
        grants.apply()


def test_a_role_with_the_rights_of_the_owner(owned: tuple[str, ...], settings: Any) -> None:
    name, owner, web = owned
    settings.WEB_DATABASE_ROLE = owner
    with pytest.raises(grants.GrantError, match="has all rights"):
        grants.apply()
    settings.WEB_DATABASE_ROLE = web
    server(f'GRANT "{owner}" TO "{web}"', dbname=name)
    try:
        with pytest.raises(grants.GrantError, match="has all rights"):
            grants.apply()
    finally:
        server(f'REVOKE "{owner}" FROM "{web}"', dbname=name)


def test_upgrade_grants_and_then_has_nothing_to_do(granted: tuple[str, ...]) -> None:
    name, _owner, web = granted
    server(f'GRANT UPDATE, DELETE ON public.audit_entry TO "{web}"', dbname=name)
    server(
        f'GRANT CREATE ON DATABASE "{name}" TO "{web}"',
        f'REVOKE CONNECT ON DATABASE "{name}" FROM PUBLIC',
    )
    assert upgrading.plan().rights
    upgrading.upgrade()
    assert not upgrading.plan()
    assert grants.needed() == []
    assert grants.apply() == 0


def test_without_a_role_of_its_own_nothing_is_granted(
    owned: tuple[str, ...], settings: Any
) -> None:
    settings.WEB_DATABASE_ROLE = ""
    assert grants.apply() == 0


FORBIDDEN = (
    "UPDATE public.audit_entry SET act = 'x'",
    "DELETE FROM public.audit_entry",
    "TRUNCATE public.audit_entry",
    "INSERT INTO public.audit_seal VALUES (1000000, 1, 'x', now(), '', '')",
    "UPDATE public.audit_seal SET hash = ''",
    "DELETE FROM public.audit_seal",
    "TRUNCATE public.audit_seal",
    "INSERT INTO public.audit_unsealed VALUES (1)",
    "DELETE FROM public.audit_unsealed",
    "ALTER TABLE public.audit_entry DISABLE TRIGGER USER",
    "DROP TRIGGER audit_refuse ON public.audit_entry",
    "SET session_replication_role = replica",
    "CREATE OR REPLACE FUNCTION public.audit_refuse() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RETURN NEW; END $$",
    "CREATE TRIGGER mine BEFORE INSERT ON public.audit_seal"
    " FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE TRIGGER mine BEFORE INSERT ON public.accounts_user"
    " FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE TEMPORARY TABLE t (id bigint);"
    "CREATE TRIGGER mine AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION public.audit_queue()",
    "SELECT setval('public.audit_entry_id_seq', 1)",
    "CREATE SCHEMA mine",
    "CREATE TABLE public.mine (id bigint)",
    "CREATE TABLE s_alpha.mine (id bigint)",
    "CREATE TRIGGER mine BEFORE INSERT ON s_alpha.wagtailcore_page"
    " FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_role_can_not_touch_the_trail_and_creates_nothing(
    granted: tuple[str, ...], statement: str
) -> None:
    name, _owner, web = granted
    record("site.provisioned")
    seal()
    with acting_as(web, name), pytest.raises(ProgrammingError):
        run(statement)
    assert list(Verification().faults()) == []


def test_the_role_adds_entries_which_the_owner_seals(granted: tuple[str, ...]) -> None:
    name, _owner, web = granted
    seal()
    with acting_as(web, name):
        record("theme.set", subject="from the web")
        assert Entry.objects.latest("id").subject == "from the web"
    assert seal() == 1
    assert list(Verification().faults()) == []


def test_the_screens_work(granted: tuple[str, ...], settings: Any) -> None:
    name, _owner, web = granted
    with acting_as(web, name):
        site = directory.snapshot().by_code["alpha"]
        boss = add_member("boss@example.cn", site, ["site_admin"], password="Zhongguo-2026")[0]
        page_id = edit(site, boss)
        client = Client(headers={"host": site.admin_host})
        client.force_login(boss)
        for path in ("/admin/", f"/admin/pages/{page_id}/edit/", "/admin/users/"):
            assert client.get(path).status_code == 200, path
        report = reverse("audit_report", urlconf="sitecluster.project.urls_admin")
        assert "boss@example.cn" in client.get(report).content.decode()
        citizen = Client(headers={"host": "www.alpha.localhost"})
        assert citizen.get("/").status_code == 200


def edit(site: Site, boss: User) -> int:
    """Withdraw, publish and delete an article; the home page's key."""
    with tenant_context(site):
        article = ArticlePage.objects.live().first()
        assert article is not None
        article.unpublish(user=boss)
        article.save_revision(user=boss).publish(user=boss)
        ArticlePage.objects.get(pk=article.pk).delete()
        return int(Page.objects.get(depth=2).pk)


def order(code: str) -> Order:
    return Order(code=code, name="新镇人民政府", kind="township", parent="alpha")


def test_a_site_that_the_owner_opens_is_the_roles_to_use(granted: tuple[str, ...]) -> None:
    name, _owner, web = granted
    provision(order("byowner"))
    directory.forget()
    with acting_as(web, name):
        site = directory.snapshot().by_code["byowner"]
        assert site.address is not None
        citizen = Client(headers={"host": site.address.host})
        assert citizen.get(f"{site.address.prefix}/").status_code == 200
        boss = add_member("b@example.cn", site, ["site_admin"], password="Zhongguo-2026")[0]
        edit(site, boss)
        lifecycle.set_state("byowner", "offline", "维护")


def test_the_web_processes_know_only_their_own_url() -> None:
    environ = {"DATABASE_URL": "postgres://owner@h/n", "WEB_DATABASE_URL": "postgres://web@h/n"}
    assert web_environment(environ) == {"DATABASE_URL": "postgres://web@h/n"}
    assert web_environment({"DATABASE_URL": "x"}) == {"DATABASE_URL": "x"}
    assert web_environment({}) == {}


@pytest.mark.parametrize(
    ("own", "web", "sentence"),
    [
        ("", "postgres://web@h/n", "needs DATABASE_URL"),
        ("postgres://owner@h/n", "postgres://owner@h/n", "another one than"),
        ("postgres://owner@h/n", "postgres://h/n", "must name a user"),
        ("postgres://owner@h/n", "mysql://web@h/n", "WEB_DATABASE_URL cannot be read"),
    ],
)
def test_a_url_that_can_not_be_meant(own: str, web: str, sentence: str) -> None:
    wrong: Config = replace(config, database_url=own, web_database_url=web)
    with pytest.raises(ConfigError, match=sentence):
        web_role(wrong)


def test_the_role_of_the_url() -> None:
    right = replace(
        config,
        database_url="postgres://owner@h/n",
        web_database_url=f"postgres://web:x@h/n?{urlencode({'sslmode': 'require'})}",
    )
    assert web_role(right) == "web"
    assert web_role(replace(right, web_database_url="")) == ""


def test_verify_runs_as_the_role_too(granted: tuple[str, ...]) -> None:
    name, _owner, web = granted
    with acting_as(web, name):
        call_command("verify_audit")


def test_a_web_process_takes_the_web_url() -> None:
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sitecluster.project.wsgi;from django.conf import settings;"
            "print(settings.DATABASES['default']['USER'], repr(settings.WEB_DATABASE_ROLE))",
        ],
        cwd=Path(__file__).parents[2],
        env={
            **os.environ,
            "DATABASE_URL": "postgres://owner@127.0.0.1:1/x",
            "WEB_DATABASE_URL": "postgres://web@127.0.0.1:1/x",
        },
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert said.strip() == "web ''"
