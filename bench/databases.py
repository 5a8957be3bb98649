"""The databases of the benches: made beside the configured one, dropped at the end."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
from psycopg2 import sql

from sitecluster.postgres.url import libpq_parameters
from sitecluster.project import settings

PREFIX = "sitecluster_bench_"


def start_server() -> None:
    """Start the embedded server if it is the configured one."""
    if settings.EMBEDDED_POSTGRES:
        settings.EMBEDDED_POSTGRES.ensure_running()


@contextmanager
def database(name: str, template: str = "template0") -> Iterator[str]:
    """A database for the length of the block, empty or a copy of ``template``; gives its name."""
    full_name = PREFIX + name
    drop(full_name)
    _run("CREATE DATABASE {} TEMPLATE {}", full_name, template)
    try:
        yield full_name
    finally:
        drop(full_name)


def drop(full_name: str) -> None:
    """Drop a bench's database and whoever is connected to it."""
    assert full_name.startswith(PREFIX)
    _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", full_name)


def rows(query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The answer to a query about the server as a whole."""
    with closing(_connect()) as connection, connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def _run(statement: str, *names: str) -> None:
    with closing(_connect()) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _connect() -> Any:
    parameters: dict[str, Any] = libpq_parameters(settings.DATABASES["default"])
    connection = psycopg2.connect(**{**parameters, "dbname": "postgres"})
    connection.autocommit = True
    return connection
