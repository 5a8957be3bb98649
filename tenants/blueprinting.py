"""Blueprints: the dump of a template schema for every kind of site, and of those people made.

All kinds share one migrated base, so the seven seconds of migrating are spent once. The template
schemas go as soon as they are dumped. What platform admins have published (`blueprint_sites`) is
brought to newer code from its own dump, so that an upgrade publishes nobody's half-done work.
"""

import csv
import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from sitecluster.cms import slugs, starting
from sitecluster.rights import roles
from sitecluster.tenancy import connection, shared_context

from . import content, dump
from .handing_on import handed_on
from .migrating import known_migrations, locked, migrate_schema, migration_state
from .models import Blueprint, Kind

# Party and law organs have the columns of a department.
BLUEPRINT_OF = {Kind.PARTY: Kind.DEPARTMENT}
TEMPLATE = "bp_"
LOCK = "sitecluster.blueprints"
IN_USE = "sitecluster.blueprints.in-use"
Say = Callable[[str], None]


def fingerprint() -> str:
    """What the platform's own blueprints hang on: migrations, starter content and roles."""
    digest = hashlib.sha256((migration_state() + migration_state(shared=True)).encode())
    for path in (*content.files(), Path(roles.__file__)):
        digest.update(path.name.encode() + path.read_bytes())
    digest.update(repr(sorted(handed_on())).encode())
    return digest.hexdigest()


def structure() -> str:
    """What blueprints taken from a site hang on: migrations and what is handed on."""
    digest = hashlib.sha256((migration_state() + migration_state(shared=True)).encode())
    digest.update(repr(sorted(handed_on().items())).encode())
    return digest.hexdigest()


def build(say: Say = lambda text: None) -> int:
    """Make the blueprints that this code needs and that do not exist yet; return how many.

    ``say`` is told what is being built. Safe to run in several processes at once.
    """
    with locked(LOCK), shared_context():
        _publish_pictures()
        missing = outdated()
        taken = [code for code in missing if _taken(code)]
        if own := [code for code in missing if code not in taken]:
            base = _base(say)
            for kind in own:
                say(kind)
                _build(kind, base)
        for code in taken:
            say(code)
            _renew(code)
        if missing:
            drop_templates()
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
    wanted = structure() if blueprint.source_id else fingerprint()
    return migration_state() if blueprint.fingerprint == wanted else ""


def outdated() -> list[str]:
    """The codes whose newest blueprint is not one that this code makes, and kinds without any."""
    own, taken, found = fingerprint(), structure(), set(content.kinds())
    newest = Blueprint.objects.order_by("code", "-version").distinct("code")
    for code, state, source in newest.values_list("code", "fingerprint", "source"):
        if source is not None:
            found.add(code)
        if state == (own if source is None else taken):
            found.discard(code)
    return sorted(found)


def _taken(code: str) -> bool:
    """Was the newest blueprint of this code taken from a site?"""
    newest = Blueprint.objects.filter(code=code).order_by("-version")
    return newest.values_list("source", flat=True).first() is not None


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


def of_code(code: str) -> Blueprint:
    """The newest blueprint of this code, its dump deferred; raises Blueprint.DoesNotExist."""
    fields = ("pk", "code", "name", "kind", "version", "source", "fingerprint", "created_at")
    return Blueprint.objects.filter(code=code).only(*fields).latest("version")


def of_kind(kind: str) -> Blueprint:
    """The newest blueprint for sites of this kind; as `of_code`."""
    return of_code(code_of(kind))


def code_of(kind: str) -> str:
    """The code of the kind's own blueprint."""
    return str(BLUEPRINT_OF.get(Kind(kind), kind))


def others_for(kind: str) -> list[tuple[str, str]]:
    """Code and name of each blueprint that a site of this kind can be made from beside its own."""
    own = code_of(kind)
    kinds = [each for each in Kind if code_of(each) == own]
    newest = Blueprint.objects.filter(kind__in=kinds).exclude(code=own).order_by("code", "-version")
    return list(newest.distinct("code").values_list("code", "name"))


def create(taken: dump.Dump, items: str, moments: dict[str, int], **about: Any) -> Blueprint:
    """Write a dump as the next version of ``about["code"]``; ``about`` has further fields."""
    last = Blueprint.objects.filter(code=about["code"]).order_by("-version").only("version").first()
    return Blueprint.objects.create(
        version=last.version + 1 if last else 1,
        schema_name=taken.schema_name,
        pre_data=taken.pre_data,
        rows=taken.rows,
        post_data=taken.post_data,
        sequences=taken.sequences,
        uuids=taken.uuids,
        items=items,
        moments=moments,
        **about,
    )


def words_of_moments(moments: dict[str, int]) -> dict[str, str]:
    """What replaces the publish times of starter articles, which count from now.

    They occur as COPY, JSON and Python write them, and the day on which the blueprint was made
    begins the articles' names.
    """
    words: dict[str, str] = {}
    now = timezone.now().replace(second=0, microsecond=0)
    for moment, minutes in moments.items():
        old = datetime.fromisoformat(moment)
        made = (old + timedelta(minutes=minutes)).astimezone(slugs.CHINA)
        words[f"{made:%Y%m%d}-"] = f"{slugs.today():%Y%m%d}-"
        new = now - timedelta(minutes=minutes)
        for written in ("%Y-%m-%d %H:%M:%S+00", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+00:00"):
            words[old.strftime(written)] = new.strftime(written)
    return words


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
    schema = unguessable("base")
    migrate_schema(schema)
    return dump.take(schema)


def _build(kind: str, base: dump.Dump) -> None:
    schema = unguessable(kind)
    with transaction.atomic():
        dump.replay(base, schema, {})
        connection.set_schema(schema)
        content.write(kind)
        items, moments = starting.library_rows(), starting.moments()
    connection.set_schema_to_public()
    taken = dump.take(schema, handed_on())
    create(taken, items, moments, code=kind, kind=kind, fingerprint=fingerprint())


def _renew(code: str) -> None:
    """Bring the newest blueprint of this code, taken from a site by older code, to this code."""
    last = Blueprint.objects.filter(code=code).latest("version")
    schema = unguessable(code)
    with transaction.atomic():
        dump.replay(dump_of(last), schema, words_of_moments(last.moments))
    migrate_schema(schema)
    connection.set_schema(schema)
    items, moments = starting.library_rows(), starting.recent_moments()
    connection.set_schema_to_public()
    taken = dump.take(schema, handed_on())
    about = {"code": code, "kind": last.kind, "name": last.name, "source_id": last.source_id}
    create(taken, items, moments, fingerprint=structure(), **about)


def unguessable(name: str) -> str:
    """A schema name that no text of the dump can hold by chance, since it is replaced as text."""
    return f"{TEMPLATE}{name.replace('-', '_')[:30]}_{secrets.token_hex(8)}"


def drop_templates() -> None:
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
