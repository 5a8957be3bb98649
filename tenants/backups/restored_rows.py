"""The rows of a backup on their way back: the site's schema, its people, its shared rows."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from sitecluster.accounts.models import Membership, User
from sitecluster.library.models import Item
from sitecluster.rights import roles
from sitecluster.rights.models import UserGroup, UserPermission
from tenants import dump, migrating
from tenants.dump import NAMELESS
from tenants.migrating import Migration
from tenants.models import Kind, Tenant

from .archive import ArchiveError, Reader
from .backed_up import EMPTIED, RIGHTS, carried, columns_of_people, model_of
from .making import POST_DATA, PRE_DATA, ROWS, SHARED

ROWS_A_STATEMENT = 500
SAME_GROUPS = """
INSERT INTO "{new}".rights_usergroup (user_id, group_id)
SELECT held.user_id, now.id FROM "{old}".rights_usergroup held
JOIN "{old}".auth_group was ON was.id = held.group_id
JOIN "{new}".auth_group now ON now.name = was.name
"""
SAME_PERMISSIONS = """
INSERT INTO "{new}".rights_userpermission (user_id, permission_id)
SELECT held.user_id, now.id FROM "{old}".rights_userpermission held
JOIN "{old}".auth_permission was ON was.id = held.permission_id
JOIN "{new}".auth_permission now USING (content_type_id, codename)
"""
SAME_TOKENS = """
INSERT INTO "{new}".wagtailcore_apitoken ({columns})
SELECT {columns} FROM "{old}".wagtailcore_apitoken
"""
COMMON_COLUMNS = """
SELECT string_agg(quote_ident(column_name), ', ') FROM (
    SELECT column_name FROM information_schema.columns
    WHERE table_name = %(table)s AND table_schema = %(new)s AND column_name <> 'id' INTERSECT
    SELECT column_name FROM information_schema.columns
    WHERE table_name = %(table)s AND table_schema = %(old)s) AS shared
"""


def other_content_types(given: dict[str, str]) -> bool:
    """Do these numbers of content types mean others here? What is gone here doesn't count."""
    known = {str(pk): f"{label}.{model}" for pk, label, model in _content_types()}
    return any(known.get(pk, name) != name for pk, name in given.items())


def _content_types() -> Any:
    return ContentType.objects.values_list("pk", "app_label", "model")


def unknown_migrations(applied: set[Migration]) -> set[Migration]:
    """Those of the installed apps that neither this code knows nor the control site has.

    Tables of plugins that aren't installed come along as they are.
    """
    labels = {config.label for config in apps.get_app_configs()}
    strange = applied - migrating.known_migrations(shared=False) - _replaced()
    strange = {(label, name) for label, name in strange if label in labels}
    if strange:
        schema = Tenant.objects.values_list("schema_name", flat=True).get(kind=Kind.CONTROL)
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT app, name FROM "{schema}".django_migrations')
            strange -= set(cursor.fetchall())
    return strange


def _replaced() -> set[Migration]:
    """What squashed migrations stand for."""
    on_disk = MigrationLoader(None).disk_migrations.values()
    return {key for migration in on_disk for key in migration.replaces}


def replay(found: Reader, schema: str) -> None:
    """Make ``schema`` as it was, and then bring it to what this code expects."""
    with connection.cursor() as cursor:
        cursor.execute(found.text(PRE_DATA).replace(NAMELESS, schema))
        for table, columns in found.facts["columns"].items():
            if table not in EMPTIED and f"{ROWS}{table}.copy" in found.members:
                with found.reading(f"{ROWS}{table}.copy") as rows:
                    cursor.copy_expert(f'COPY "{schema}"."{table}" ({columns}) FROM STDIN', rows)
        cursor.execute(found.text(POST_DATA).replace(NAMELESS, schema))
        for sequence, value in found.facts["sequences"].items():
            cursor.execute("SELECT setval(%s, %s)", [f'"{schema}"."{sequence}"', value])
    lacking = migrating.lacking([schema]).get(schema, frozenset())
    if migrating.refused(lacking):
        raise ArchiveError(_("Its schema is too old to be upgraded in one transaction."))
    migrating.migrate_standing(schema)


def forget_people(people: list[dict[str, Any]]) -> None:
    """Take out of the active schema whoever has no account here any more.

    Accounts are never deleted; they are missing where the database itself is older than the file,
    and their numbers may then be those of other people.
    """
    here = dict(User.everyone.values_list("pk", "date_joined"))
    gone = [one["id"] for one in people if here.get(one["id"]) != parse_datetime(one["joined"])]
    if gone:
        for model, field in columns_of_people():
            rows = model._base_manager.filter(**{f"{field.attname}__in": gone})
            if field.null:
                rows.update(**{field.attname: None})
            else:
                rows.delete()


def keep_rights(old: str, new: str) -> None:
    """Let everybody have on ``new`` what they have on ``old`` today, API tokens included.

    A restoration gives nobody back a right that was taken away since.
    """
    with connection.cursor() as cursor:
        for table in RIGHTS:
            cursor.execute(f'DELETE FROM "{new}"."{table}"')
        names = {"table": "wagtailcore_apitoken", "old": old, "new": new}
        cursor.execute(COMMON_COLUMNS, names)
        (columns,) = cursor.fetchone()
        for statement in (SAME_GROUPS, SAME_PERMISSIONS, SAME_TOKENS):
            cursor.execute(statement.format(old=old, new=new, columns=columns))


def keep_numbers(old: str, new: str) -> None:
    """Let no number of a row that ``old`` has given out be given out again by ``new``."""
    theirs, own = dump.sequences(old), dump.sequences(new)
    with connection.cursor() as cursor:
        for sequence, value in theirs.items():
            if value > own.get(sequence, value):
                cursor.execute("SELECT setval(%s, %s)", [f'"{new}"."{sequence}"', value])


def take_members(found: Reader, tenant_id: int) -> None:
    """Make the members of the backup members again, as far as they have accounts here; whoever is
    no member has no right on the site."""
    joined = {one["id"]: parse_datetime(one["joined"]) for one in found.facts["people"]}
    here = dict(User.everyone.filter(pk__in=joined).values_list("pk", "date_joined"))
    for row in found.lines(f"{SHARED}accounts_membership.jsonl"):
        pk = row["user_id"]
        if row["ended_at"] is None and pk in here and here[pk] == joined.get(pk):
            Membership.objects.update_or_create(
                user_id=pk, tenant_id=tenant_id, defaults={"ended_at": None, "ended_by": None}
            )
    members = Membership.objects.filter(tenant_id=tenant_id, ended_at=None).values_list("user_id")
    kept = [pk for (pk,) in members]
    for held in (UserGroup, UserPermission):
        held.objects.exclude(user_id__in=kept).delete()


def mirror_roles(tenant_id: int) -> None:
    """Let the memberships say which groups people have in the active schema."""
    standing = Membership.objects.filter(tenant_id=tenant_id, ended_at=None)
    for membership in standing.select_related("user"):
        membership.roles = roles.roles_of(membership.user)
        membership.save(update_fields=["roles"])


def take_items(found: Reader, tenant_id: int, *, keep_uuids: bool) -> None:
    """The register's rows of the backup, withdrawn ones too, in place of those of today.

    A page that came after the backup is withdrawn; a copy's items are items of their own.
    """
    updated = [
        field.name
        for field in Item._meta.local_fields
        if field.name not in ("id", "uuid", "tenant", "page_id")
    ]
    for rows in _pieces(found.lines(f"{SHARED}library_item.jsonl")):
        Item.objects.bulk_create(
            [_instance(Item, row, tenant_id, () if keep_uuids else ("uuid",)) for row in rows],
            update_conflicts=True,
            unique_fields=["tenant", "page_id"],
            update_fields=updated,
        )


def take_shared(found: Reader, tenant_id: int, *, clearances: bool) -> None:
    """The other shared rows, where the site has none; ``clearances`` are the site's own alone."""
    own_ways = {"library_item", "accounts_membership"}
    if not clearances:
        own_ways.add("tenants_clearance")
    for table in carried().keys() - own_ways:
        model: Any = model_of(table)
        if model is None or model._base_manager.filter(tenant_id=tenant_id).exists():
            continue
        for rows in _pieces(found.lines(f"{SHARED}{table}.jsonl")):
            made = [_instance(model, row, tenant_id, ()) for row in rows]
            model._base_manager.bulk_create(made)


def _instance(model: Any, row: dict[str, Any], tenant_id: int, fresh: tuple[str, ...]) -> Any:
    """A row of ``model`` under a new number; what newer code has added has its default.

    An account that isn't here any more is left out.
    """
    values = {
        field.attname: field.to_python(row[field.column])
        for field in model._meta.local_fields
        if field.column in row and not field.primary_key and field.name not in fresh
    }
    for field in model._meta.local_fields:
        pk = values.get(field.attname) if field.related_model is User else None
        if pk is not None and not User.everyone.filter(pk=pk).exists():
            values[field.attname] = None
    return model(**{**values, "tenant_id": tenant_id})


def _pieces(rows: Iterator[Any]) -> Iterator[list[Any]]:
    piece: list[Any] = []
    for row in rows:
        piece.append(row)
        if len(piece) == ROWS_A_STATEMENT:
            yield piece
            piece = []
    if piece:
        yield piece
