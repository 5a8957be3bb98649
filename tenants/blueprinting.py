"""Blueprints: the dump of a template schema for every kind of site.

All kinds share one migrated base, so the seven seconds of migrating are spent once. The template
schemas go as soon as they are dumped.
"""

import csv
import hashlib
import secrets
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import transaction

from sitecluster.cms import starting
from sitecluster.rights import roles
from sitecluster.tenancy import connection, shared_context

from . import content, dump
from .handing_on import handed_on
from .migrating import known_migrations, locked, migrate_schema, migration_state
from .models import Blueprint, Kind

# Party and law organs have the columns of a department.
BLUEPRINT_OF = {Kind.PARTY: Kind.DEPARTMENT}
TEMPLATE = "bp_"
IN_USE = "sitecluster.blueprints.in-use"
Say = Callable[[str], None]


def fingerprint() -> str:
    """What the blueprints of this code hang on: migrations, starter content and roles."""
    digest = hashlib.sha256((migration_state() + migration_state(shared=True)).encode())
    for path in (*content.files(), Path(roles.__file__)):
        digest.update(path.name.encode() + path.read_bytes())
    digest.update(repr(sorted(handed_on())).encode())
    return digest.hexdigest()


def build(say: Say = lambda text: None) -> int:
    """Make the blueprints that this code needs and that do not exist yet; return how many.

    ``say`` is told what is being built. Safe to run in several processes at once.
    """
    with locked("sitecluster.blueprints"), shared_context():
        _publish_pictures()
        missing = outdated()
        if missing:
            base = _base(say)
            for kind in missing:
                say(kind)
                _build(kind, base)
            _drop_templates()
        with locked(IN_USE):  # until the sites that older ones are being made into are there
            pass
        return len(missing)


def hold() -> None:
    """Say that the current transaction opens a site from a blueprint; `build` waits for its end.

    Who looks for sites to upgrade after `build` therefore finds every site of an older blueprint.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [IN_USE])


def mark_of(blueprint: Blueprint) -> str:
    """The mark (`tenants.marks`) of a new site; none if other code has made the blueprint."""
    return migration_state() if blueprint.fingerprint == fingerprint() else ""


def outdated() -> list[str]:
    """The kinds whose newest blueprint is not the one that this code makes, or that have none."""
    newest = Blueprint.objects.order_by("code", "-version").distinct("code")
    states = dict(newest.values_list("code", "fingerprint"))
    state = fingerprint()
    return [kind for kind in content.kinds() if states.get(kind) != state]


def unfit() -> list[str]:
    """Those of the outdated from which this code can open no site: they lack a migration of it,
    or aren't there. From one that newer code has made it can."""
    lacking = set(outdated())
    newest = Blueprint.objects.filter(code__in=lacking).order_by("code", "-version")
    for kind, rows in newest.distinct("code").values_list("code", "rows__django_migrations"):
        columns, text = rows
        applied = csv.DictReader(text.splitlines(), columns.split(", "), delimiter="\t")
        if known_migrations(shared=False) <= {(row["app"], row["name"]) for row in applied}:
            lacking.remove(kind)
    return sorted(lacking)


def of_kind(kind: str) -> Blueprint:
    """The newest blueprint for sites of this kind, its dump deferred.

    Raises Blueprint.DoesNotExist.
    """
    blueprints = Blueprint.objects.filter(code=BLUEPRINT_OF.get(Kind(kind), kind))
    return blueprints.only("pk", "version").latest("version")


def dump_of(blueprint: Blueprint) -> dump.Dump:
    """The dump that a blueprint keeps."""
    return dump.Dump(
        schema_name=blueprint.schema_name,
        pre_data=blueprint.pre_data,
        rows=blueprint.rows,
        post_data=blueprint.post_data,
        sequences=blueprint.sequences,
        uuids=blueprint.uuids,
    )


def _base(say: Say) -> dump.Dump:
    say("base")
    schema = _unguessable("base")
    migrate_schema(schema)
    return dump.take(schema)


def _build(kind: str, base: dump.Dump) -> None:
    schema = _unguessable(kind)
    with transaction.atomic():
        dump.replay(base, schema, {})
        connection.set_schema(schema)
        content.write(kind)
        items, moments = starting.library_rows(), starting.moments()
    connection.set_schema_to_public()
    taken = dump.take(schema, handed_on())
    last = Blueprint.objects.filter(code=kind).order_by("-version").first()
    Blueprint.objects.create(
        code=kind,
        kind=kind,
        version=last.version + 1 if last else 1,
        fingerprint=fingerprint(),
        schema_name=schema,
        pre_data=taken.pre_data,
        rows=taken.rows,
        post_data=taken.post_data,
        sequences=taken.sequences,
        uuids=taken.uuids,
        items=items,
        moments=moments,
    )


def _unguessable(kind: str) -> str:
    """A schema name that no text of the dump can hold by chance, since it is replaced as text."""
    return f"{TEMPLATE}{kind}_{secrets.token_hex(8)}"


def _drop_templates() -> None:
    """Drop the template schemas, those of builds that were killed too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)", [TEMPLATE]
        )
        for (schema,) in cursor.fetchall():
            cursor.execute(f'DROP SCHEMA "{schema}" CASCADE')


def _publish_pictures() -> None:
    folder = settings.MEDIA_ROOT / "starter"
    folder.mkdir(parents=True, exist_ok=True)
    for path in content.STARTER_PICTURES.glob("*.*"):
        target, picture = folder / path.name, path.read_bytes()
        if not target.exists() or target.read_bytes() != picture:
            target.write_bytes(picture)
