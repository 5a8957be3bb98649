"""What a site holds, as one number a table: of its schema, and of its rows in the shared one."""

from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model

from tenants.directory import Site

Sums = dict[str, str]

SUM = "SELECT '{table}' AS name, coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM {rows} t"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1"

PEOPLE = "user_id IN (SELECT id FROM public.accounts_user WHERE home_site_id = {id})"
# Shared models whose rows don't say by a key of their own to which site they belong.
ROWS_OF_A_SITE: dict[str, str] = {
    "accounts.User": "home_site_id = {id}",
    "tenants.Tenant": "id = {id}",
    "otp_static.StaticToken": "device_id IN (SELECT id FROM public.otp_static_staticdevice"
    f" WHERE {PEOPLE})",
    "sessions.Session": "false",  # a sign-in of anyone adds one; what it opens is tested elsewhere
    "django_tasks_database.DBTaskResult": "id IN (SELECT dbtaskresult_ptr_id"
    " FROM public.tasks_queuedtask WHERE tenant_id = {id})",
    # Of the whole cluster: nobody on a site changes anything there.
    "tenants.Blueprint": "true",
    "library.ColumnType": "true",
    "contenttypes.ContentType": "true",
    "audit.Seal": "true",
    "tasks.Period": "true",
    "tenants.Limit": "true",
    "tenants.Gate": "true",
    "console_shared.Batch": "true",
    "watch.Beat": "true",  # a plugin of the tests, on at the control site alone
}
# The same, where rows are those of whoever was last at a door, known by address and not by site.
OF_NO_SITE = {
    "audit.Unsealed": "an entry number that waits for its seal",
    "accounts.SentLink": "a digest of an address",
    "axes.AccessAttempt": "a failed sign-in",
    "axes.AccessAttemptExpiration": "a failed sign-in",
    "axes.AccessFailureLog": "a failed sign-in",
    "axes.AccessLog": "a sign-in",
}


OWNER_COLUMNS = {"tenant_id", "site_id"}


class Undeclared(AssertionError):
    """A shared table of which nobody has said whose its rows are."""


def schema_sums(site: Site) -> Sums:
    """The sum of every table of the site's schema."""
    with connection.cursor() as cursor:
        cursor.execute(_schema_statement(site.schema_name))
        return dict(cursor.fetchall())


def shared_sums(site: Site) -> Sums:
    """The sums of the site's rows in the shared schema."""
    with connection.cursor() as cursor:
        cursor.execute(_shared_statement(site.id))
        return dict(cursor.fetchall())


def sums(site: Site) -> Sums:
    """Both."""
    return {**schema_sums(site), **shared_sums(site)}


@cache
def _schema_statement(schema: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(TABLES, [schema])
        tables = [name for (name,) in cursor.fetchall()]
    parts = [SUM.format(table=name, rows=f'"{schema}"."{name}"') for name in tables]
    return " UNION ALL ".join(parts)


@cache
def _shared_statement(site_id: int) -> str:
    parts = []
    for model in shared_models():
        if model._meta.label in OF_NO_SITE:
            continue
        table, condition = model._meta.db_table, rows_of_a_site(model).format(id=site_id)
        rows = f'(SELECT * FROM public."{table}" WHERE {condition})'
        parts.append(SUM.format(table=f"public.{table}", rows=rows))
    return " UNION ALL ".join(parts)


def shared_models() -> list[type[Model]]:
    """Every model with a table in the shared schema."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES, ["public"])
        tables = {name for (name,) in cursor.fetchall()}
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.db_table in tables and not model._meta.proxy and model._meta.managed
    ]


def rows_of_a_site(model: Any) -> str:
    """The condition, in SQL, under which a row is of the site ``{id}``; raises `Undeclared`."""
    declared = ROWS_OF_A_SITE.get(model._meta.label)
    if declared:
        return declared
    for field in model._meta.concrete_fields:
        if field.column in OWNER_COLUMNS:
            return f"{field.column} = {{id}}"
        target = field.related_model and field.related_model._meta.label
        if target == "tenants.Tenant":
            return f"{field.column} = {{id}}"
        if target == "accounts.User" and field.name == "user":
            return PEOPLE
    raise Undeclared(f"Nobody has said whose the rows of {model._meta.label} are.")
