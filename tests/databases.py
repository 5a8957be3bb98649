"""Committed copies of the session's test database, for whatever runs in other processes.

A test's own work lies in a transaction that nobody else sees.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlencode

import psycopg2
from django.conf import settings
from django.db import connections
from django.test import override_settings
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, make_dsn

from sitecluster.audit import grants
from sitecluster.postgres.url import libpq_parameters

MAINTENANCE = "postgres"


@contextmanager
def database_copy(suffix: str) -> Iterator[str]:
    """A copy of the test database, named after it with ``suffix``; dropped at the end.

    Yields its name. The sites of `tests.conftest` stand in it; connections of this process to
    the test database are closed, so it can't be made inside a test that uses ``db``.
    """
    source = connections["default"].settings_dict["NAME"]
    name = f"{source}_{suffix}"
    connections.close_all()
    _drop(name)
    _free(source)
    _run(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(source)
        )
    )
    try:
        yield name
    finally:
        _drop(name)


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Point this process at the database ``name`` for the length of the block."""
    connection = connections["default"]
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


@contextmanager
def web_role(name: str) -> Iterator[str]:
    """The web processes' own role in the database ``name``, which the block may use up: what the
    role has created there is dropped with it. Yields its WEB_DATABASE_URL."""
    role = f"{name}_web"
    known = {"role": sql.Identifier(role)}
    _run(sql.SQL("DROP ROLE IF EXISTS {role}").format(**known))
    _run(sql.SQL("CREATE ROLE {role} LOGIN PASSWORD 'secret'").format(**known))
    with connected_to(name), override_settings(WEB_DATABASE_ROLE=role):
        grants.apply()
    try:
        yield database_url(name, user=role, password="secret")
    finally:
        _drop(name)
        _run(sql.SQL("DROP ROLE {role}").format(**known))


def database_url(name: str, **changed: str) -> str:
    """DATABASE_URL for the database ``name`` of the server that the tests use; ``changed`` are
    libpq's parameters."""
    parameters = {**libpq_parameters(settings.DATABASES["default"]), **changed}
    parameters.pop("dbname", None)
    return f"postgresql:///{quote(name)}?{urlencode(parameters, quote_via=quote)}"


def _free(name: str) -> None:
    """End what other threads of the tests have left open, or the database can't be copied."""
    _run(
        sql.SQL(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = {} AND pid <> pg_backend_pid()"
        ).format(sql.Literal(name))
    )


def _drop(name: str) -> None:
    """With what is still connected to it."""
    _run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _run(statement: sql.Composable) -> None:
    parameters = libpq_parameters(settings.DATABASES["default"])
    server = psycopg2.connect(make_dsn(**{**parameters, "dbname": MAINTENANCE}))
    try:
        server.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        with server.cursor() as cursor:
            cursor.execute(statement)
    finally:
        server.close()
