"""Backups: one site's schema, its rows of shared tables and its uploads in one file.

The schema and the rows are those of one moment, while the site is in use; uploads are read after
it. Files lie in ``BACKUPS_DIR`` under a name of their own and appear there whole or not at all.
What each shared table gives is declared in `backed_up`; `restoring` is the way back.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import Storage, default_storage
from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sitecluster.audit.trail import record
from sitecluster.plugins.discovery import platform_version
from sitecluster.tenancy import shared_context, tenant_context
from tenants import dump
from tenants.models import Backup, Tenant

from .archive import BLOCK_BYTES, Writer
from .backed_up import EMPTIED, carried, columns_of_people

PRE_DATA, POST_DATA = "schema/pre-data.sql", "schema/post-data.sql"
ROWS, SHARED, MEDIA = "rows/", "shared/", "media/"
DRAFT = ".partial-"
# Columns that COPY may write, and those of the primary key, by table.
TABLES = """
SELECT c.relname,
    (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
     WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''),
    (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_index
     JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
     WHERE indrelid = c.oid AND indisprimary)
FROM pg_class c WHERE relnamespace = to_regnamespace(%s) AND relkind = 'r' ORDER BY relname
"""
# Lines of JSON: it escapes control characters, so none of these two occurs in it.
AS_LINES = "WITH (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')"


class BackupError(Exception):
    """A backup can't be made; ``problems`` are sentences for the person who asked."""

    def __init__(self, problems: Sequence[Any]) -> None:
        self.problems = [str(problem) for problem in problems]
        super().__init__(" ".join(self.problems))


def make(site: Any, *, by: Any = None, reason: str = "", prune: bool = True) -> Backup:
    """Write a backup of the committed state of ``site``, a Tenant or `directory.Site`, now.

    The row joins the current transaction; what that transaction has changed in the site and not
    yet committed isn't in the file. With ``prune`` more than BACKUP_KEEP older ones go. Raises
    `BackupError`.
    """
    row = Backup(tenant_id=site.id, created_by=by, reason=reason[:200])
    fill(row, prune=prune)
    return row


def fill(row: Backup, *, prune: bool = True) -> None:
    """Write the file of ``row``, saved or not, and note it there; as `make`."""
    tenant = row.tenant
    try:
        path = _write(tenant)
    except dump.DumpError as error:
        raise BackupError([_("The schema could not be read: %s") % error]) from error
    except OSError as error:
        raise BackupError([_("The file could not be written: %s") % error.strerror]) from error
    with shared_context(), transaction.atomic(), _gone_unless_noted(path):
        with path.open("rb") as file:
            row.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        row.file, row.size = path.name, path.stat().st_size
        row.state, row.finished_at, row.problem = Backup.State.DONE, timezone.now(), ""
        row.save()
        after = {"file": row.file, "size": row.size, "sha256": row.sha256}
        subject, why = tenant.name, {"by": row.created_by, "reason": row.reason}
        record("backup.made", site=tenant, subject=subject, after=after, **why)  # type: ignore[arg-type]
        if prune:
            _prune(tenant.pk)


def path_of(backup: Backup) -> Path:
    """Where the file of a finished backup lies; raises FileNotFoundError if it is gone."""
    path = settings.BACKUPS_DIR / Path(backup.file).name
    if not backup.file or not path.is_file():
        raise FileNotFoundError(backup.file)
    found: Path = path
    return found


def delete(backup: Backup, *, by: Any = None, reason: str = "") -> None:
    """Delete a backup, its file when the transaction commits."""
    with shared_context(), transaction.atomic():
        before = {"file": backup.file, "size": backup.size, "sha256": backup.sha256}
        subject, why = backup.tenant.name, {"by": by, "reason": reason}
        record("backup.deleted", site=backup.tenant, subject=subject, before=before, **why)  # type: ignore[arg-type]
        _forget(backup)


def _prune(tenant_id: int) -> None:
    """Delete the oldest beyond BACKUP_KEEP, and what failed before the oldest that stays."""
    if settings.BACKUP_KEEP:
        every = Backup.objects.filter(tenant_id=tenant_id).order_by("-created_at", "-pk")
        done = every.filter(state=Backup.State.DONE)
        for row in done[settings.BACKUP_KEEP :]:
            _forget(row)
        last = done[settings.BACKUP_KEEP - 1 : settings.BACKUP_KEEP].first()
        if last:
            every.filter(state=Backup.State.FAILED, created_at__lt=last.created_at).delete()


def _forget(row: Backup) -> None:
    name = row.file
    row.delete()
    if name:
        path = settings.BACKUPS_DIR / Path(name).name
        transaction.on_commit(lambda: path.unlink(missing_ok=True))


@contextmanager
def _gone_unless_noted(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write(tenant: Tenant) -> Path:
    """The finished file; nothing stays of one that can't be finished."""
    folder: Path = settings.BACKUPS_DIR
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    moment = timezone.localtime().strftime("%Y%m%d-%H%M%S")
    path = folder / f"{tenant.code}-{moment}-{secrets.token_hex(3)}.zip"
    draft = folder / f"{DRAFT}{path.name}"
    handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w+b") as file:
            _fill_file(file, tenant)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return path


def _fill_file(file: IO[bytes], tenant: Tenant) -> None:
    with Writer(file) as writer:
        writer.seal(_fill_archive(writer, tenant))


def _fill_archive(writer: Writer, tenant: Tenant) -> dict[str, Any]:
    """Write every member; gives what the manifest is to say beside them."""
    with _snapshot() as (cursor, snapshot):
        tables = tables_of(cursor, tenant.schema_name)
        if not tables:
            raise BackupError([_("%(name)s has no schema.") % {"name": tenant.name}])
        facts = _facts(cursor, tenant, tables)
        for name, section in ((PRE_DATA, "pre-data"), (POST_DATA, "post-data")):
            writer.add(name, dump.anonymous(tenant.schema_name, section, snapshot))
        for table, (columns, key) in tables.items():
            if table not in EMPTIED:
                order = f" ORDER BY {key}" if key else ""
                rows = f'SELECT {columns} FROM "{tenant.schema_name}"."{table}"{order}'
                _copy(writer, cursor, f"{ROWS}{table}.copy", rows)
        for table, column in carried().items():
            rows = f'SELECT to_jsonb(t) FROM public."{table}" t WHERE {column} = {tenant.pk:d}'
            _copy(writer, cursor, f"{SHARED}{table}.jsonl", f"{rows} ORDER BY id", AS_LINES)
    with tenant_context(tenant):  # type: ignore[arg-type]
        for name in uploads():
            _add_upload(writer, name)
    return facts


def tables_of(cursor: Any, schema_name: str) -> dict[str, tuple[str, str | None]]:
    """The tables of a schema: the columns that COPY may write, and those of the key."""
    cursor.execute(TABLES, [schema_name])
    return {table: (columns, key) for table, columns, key in cursor.fetchall()}


def _copy(writer: Writer, cursor: Any, name: str, rows: str, how: str = "") -> None:
    with writer.adding(name) as stream:
        cursor.copy_expert(f"COPY ({rows}) TO STDOUT {how}", stream)


@contextmanager
def _snapshot() -> Iterator[tuple[Any, str]]:
    """A cursor that sees one moment, and the name by which others see it, too."""
    own = connections.create_connection("default")
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT 1")  # with whatever else a new connection is to be told
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            yield cursor, cursor.fetchone()[0]
    finally:
        own.close()


def _facts(cursor: Any, tenant: Tenant, tables: dict[str, Any]) -> dict[str, Any]:
    """What the manifest says beside the members."""
    cursor.execute("SELECT to_jsonb(t) FROM public.tenants_tenant t WHERE id = %s", [tenant.pk])
    site = json.loads(cursor.fetchone()[0])
    cursor.execute("SELECT code FROM public.tenants_tenant WHERE id = %s", [site["parent_id"]])
    (parent,) = cursor.fetchone() or ("",)
    cursor.execute(
        "SELECT to_jsonb(t) FROM public.tenants_domain t WHERE tenant_id = %s", [site["id"]]
    )
    domains = [json.loads(row) for (row,) in cursor.fetchall()]
    cursor.execute("SELECT id::text, app_label || '.' || model FROM public.django_content_type")
    types = dict(cursor.fetchall())
    cursor.execute(f'SELECT app, name FROM "{tenant.schema_name}".django_migrations ORDER BY id')
    return {
        "platform": platform_version(),
        "made": timezone.now(),
        "site": {**site, "parent": parent, "domains": domains},
        "migrations": sorted({tuple(row) for row in cursor.fetchall()}),
        "content_types": types,
        "people": _people(cursor, tenant, tables),
        "columns": {table: columns for table, (columns, _key) in tables.items()},
        "sequences": dump.sequences(tenant.schema_name, cursor),
        "emptied": sorted(EMPTIED.keys() & tables.keys()),
    }


def _people(cursor: Any, tenant: Tenant, tables: dict[str, Any]) -> list[dict[str, Any]]:
    """The accounts that the site's rows name, as a later installation can recognise them."""
    named = [
        f'SELECT {field.column} AS id FROM "{tenant.schema_name}"."{model._meta.db_table}"'
        for model, field in columns_of_people()
        if model._meta.db_table in tables
    ]
    members = "SELECT user_id FROM public.accounts_membership WHERE tenant_id = %s"
    cursor.execute(
        "SELECT id, email, date_joined FROM public.accounts_user"
        f" WHERE id IN ({' UNION '.join([*named, members])}) ORDER BY id",
        [tenant.pk],
    )
    return [
        {"id": pk, "email": email, "joined": joined.isoformat()}
        for pk, email, joined in cursor.fetchall()
    ]


def uploads(folder: str = "", storage: Storage = default_storage) -> Iterator[str]:
    """The names of the active site's uploads, in order."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever uploaded
        return
    prefix = f"{folder}/" if folder else ""
    yield from sorted(prefix + name for name in files)
    for name in sorted(folders):
        yield from uploads(prefix + name, storage)


def _add_upload(writer: Writer, name: str) -> None:
    """An upload that is deleted meanwhile is left out, as are those of pages made meanwhile."""
    try:
        source = default_storage.open(name)
    except FileNotFoundError:
        return
    with source, writer.adding(MEDIA + name, compressed=False) as stream:
        while block := source.read(BLOCK_BYTES):
            stream.write(block)
