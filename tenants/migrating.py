"""Bringing schemas to the state that the code expects."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db.migrations.recorder import MigrationRecorder

from sitecluster.tenancy import connection, shared_context


def migrate_shared() -> None:
    """Migrate the shared schema."""
    with shared_context():
        _migrate()


def migrate_schema(schema_name: str) -> None:
    """Create the schema if need be and apply every migration of the tenant apps to it."""
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema_name}"')
    with shared_context():
        # Without the shared schema in the path, so that the table of applied migrations is
        # the schema's own.
        connection.set_schema(schema_name, include_public=False)
        MigrationRecorder(connection).ensure_schema()
        connection.set_schema(schema_name)
        _migrate()


def _migrate() -> None:
    call_command(MigrateCommand(), interactive=False, verbosity=0, skip_checks=True)


@lru_cache(maxsize=1)
def known_migrations() -> frozenset[tuple[str, str]]:
    """(app label, name) of every migration file, found without importing any."""
    return frozenset(
        (config.label, file.stem)
        for config in apps.get_app_configs()
        for file in (Path(config.path) / "migrations").glob("[!_]*.py")
    )


def migration_state() -> str:
    """A hash that changes when an app gets or loses a migration."""
    return hashlib.sha256(repr(sorted(known_migrations())).encode()).hexdigest()


def behind(schema_names: list[str]) -> list[str]:
    """Those of the schemas, in order, that lack a migration; asks 200 schemas a query."""
    wanted = len(known_migrations())
    found = []
    for start in range(0, len(schema_names), 200):
        part = schema_names[start : start + 200]
        found += [
            name for name, applied in zip(part, _applied(part), strict=True) if applied < wanted
        ]
    return found


def _applied(schema_names: list[str]) -> list[int]:
    known = [f"{label}.{name}" for label, name in known_migrations()]
    counts = " UNION ALL ".join(
        f'SELECT {number}, count(*) FROM "{name}".django_migrations'
        " WHERE app || '.' || name = ANY(%(known)s)"
        for number, name in enumerate(schema_names)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"{counts} ORDER BY 1", {"known": known})
        return [count for _, count in cursor.fetchall()]


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold an advisory lock of the whole cluster for the length of the block."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])
