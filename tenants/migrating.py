"""Bringing schemas to the state that the code expects.

A site's schema needs the migrations of the tenant apps alone: one that only the shared schema
needs leaves every site as it is. Existing schemas are migrated in one transaction each, so that
a failure or a kill leaves them as they were.
"""

import hashlib
import pkgutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from sitecluster.tenancy import PUBLIC_SCHEMA, connection, is_shared_only, shared_context

Migration = tuple[str, str]
"""The label of an app and the name of a migration."""
# A statement that waits longer for a lock on a table fails: whoever asks for the table
# meanwhile queues behind it.
LOCK_SECONDS = 10
SCHEMAS_A_QUERY = 200
# Migrations that say `atomic = False` and may run all the same, with the reason.
KNOWN_TO_RUN_WHOLE: Mapping[Migration, str] = {
    (
        "wagtailcore",
        "0070_rename_pagerevision_revision",
    ): "SQLite alone can't rename a table in a transaction; on PostgreSQL it runs whole in one.",
}
EXISTING = """
SELECT nspname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relname = 'django_migrations' AND nspname = ANY(%s)
"""


class MigrationFailed(Exception):
    """A schema could not be migrated and is as it was; the message is for whoever upgrades."""


class Migrate(MigrateCommand):
    """Django's command, for many migrations inside one transaction."""

    at = ""

    def migration_progress_callback(
        self, action: str, migration: Any = None, fake: bool = False
    ) -> None:
        """Fire what a migration has left pending, or the next can't alter the same tables."""
        if action == "apply_start":
            self.at = str(migration)
        elif action == "apply_success":
            connection.check_constraints()


def migrate_shared() -> None:
    """Migrate the shared schema; raises `MigrationFailed` and then has changed nothing."""
    with shared_context(), transaction.atomic():
        _limit_waiting()
        _migrate_whole()


def migrate_schema(schema_name: str) -> None:
    """Create a schema that nobody serves and apply every migration of the tenant apps to it."""
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema_name}"')
    with shared_context():
        # Without the shared schema in the path, so that the table of applied migrations is
        # the schema's own.
        connection.set_schema(schema_name, include_public=False)
        MigrationRecorder(connection).ensure_schema()
        connection.set_schema(schema_name)
        _migrate(MigrateCommand())


def migrate_new(schema_name: str) -> None:
    """As `migrate_schema`, inside the current transaction; raises `MigrationFailed`."""
    with shared_context():
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE SCHEMA "{schema_name}"')
        connection.set_schema(schema_name, include_public=False)
        MigrationRecorder(connection).ensure_schema()
        connection.set_schema(schema_name)
        _migrate_whole()


def migrate_standing(schema_name: str) -> bool:
    """Apply to a site's schema what it lacks, inside the current transaction.

    Gives False if another process did it a moment ago. Raises `MigrationFailed`; the caller's
    transaction must then be rolled back.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"sitecluster.upgrade.{schema_name}"],
        )
    if not lacking([schema_name]):
        return False
    if not existing([schema_name]):
        raise MigrationFailed(f"The schema {schema_name} is not there.")
    _limit_waiting()
    with shared_context():
        connection.set_schema(schema_name)
        _migrate_whole()
    return True


def _limit_waiting() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")


def _migrate_whole() -> None:
    command = Migrate()
    try:
        _migrate(command)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        at = f"{command.at}: " if command.at else ""
        raise MigrationFailed(at + reason) from error


def _migrate(command: MigrateCommand) -> None:
    call_command(command, interactive=False, verbosity=0, skip_checks=True)


@lru_cache(maxsize=2)
def known_migrations(*, shared: bool) -> frozenset[Migration]:
    """Every migration of the shared apps or of the tenant apps, found without importing any."""
    return frozenset(
        (config.label, name)
        for config in apps.get_app_configs()
        if is_shared_only(config.label) is shared
        for name in _names(config.label)
    )


def _names(label: str) -> Iterator[str]:
    module, _explicit = MigrationLoader.migrations_module(label)
    spec = find_spec(module) if module else None
    for info in pkgutil.iter_modules(spec.submodule_search_locations if spec else []):
        if not info.ispkg and info.name[0] not in "_~":
            yield info.name


@lru_cache(maxsize=2)
def migration_state(*, shared: bool = False) -> str:
    """A hash that changes when a tenant app, or a shared app, gets or loses a migration."""
    return hashlib.sha256(repr(sorted(known_migrations(shared=shared))).encode()).hexdigest()


def shared_lacking(over: Any = connection) -> frozenset[Migration]:
    """The migrations that the shared schema lacks."""
    return _lacking([PUBLIC_SCHEMA], known_migrations(shared=True), over).get(
        PUBLIC_SCHEMA, frozenset()
    )


def lacking(
    schema_names: Collection[str], over: Any = connection
) -> dict[str, frozenset[Migration]]:
    """What sites' schemas lack, in their order; those that lack nothing are left out.

    Asks ``over``, a connection, two questions for 200 schemas. What newer code has applied
    beyond this code's migrations doesn't matter.
    """
    return _lacking(schema_names, known_migrations(shared=False), over)


def _lacking(
    schema_names: Collection[str], wanted: frozenset[Migration], over: Any
) -> dict[str, frozenset[Migration]]:
    names, found = list(schema_names), {}
    for start in range(0, len(names), SCHEMAS_A_QUERY):
        part = names[start : start + SCHEMAS_A_QUERY]
        there = existing(part, over)
        missing = _missing(sorted(there), wanted, over)
        for name in part:
            lacks = missing.get(name, frozenset()) if name in there else wanted
            if lacks:
                found[name] = lacks
    return found


def existing(schema_names: Collection[str], over: Any = connection) -> set[str]:
    """Those of the schemas that are there with their table of applied migrations."""
    with over.cursor() as cursor:
        cursor.execute(EXISTING, [list(schema_names)])
        return {name for (name,) in cursor.fetchall()}


def _missing(
    schema_names: list[str], wanted: frozenset[Migration], over: Any
) -> dict[str, frozenset[Migration]]:
    if not schema_names:
        return {}
    lacks = " UNION ALL ".join(
        f"SELECT {number}, app, name FROM wanted"
        f' WHERE (app, name) NOT IN (SELECT app, name FROM "{schema}".django_migrations)'
        for number, schema in enumerate(schema_names)
    )
    labels, names = zip(*sorted(wanted), strict=True)
    found: dict[str, set[Migration]] = {}
    with over.cursor() as cursor:
        cursor.execute(
            "WITH wanted AS MATERIALIZED"
            f" (SELECT * FROM unnest(%s::text[], %s::text[]) AS w(app, name)) {lacks}",
            [list(labels), list(names)],
        )
        for number, label, name in cursor.fetchall():
            found.setdefault(schema_names[number], set()).add((label, name))
    return {schema: frozenset(migrations) for schema, migrations in found.items()}


def refused(migrations: Collection[Migration]) -> list[Migration]:
    """Those that aren't atomic and not known to run whole in a transaction.

    A site could be left between its state before and its state after.
    """
    if not migrations:
        return []
    on_disk = MigrationLoader(None).disk_migrations
    return sorted(
        key
        for key in migrations
        if key in on_disk and not on_disk[key].atomic and key not in KNOWN_TO_RUN_WHOLE
    )


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold an advisory lock of the whole cluster for the length of the block."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])
