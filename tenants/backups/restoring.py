"""The way back of a backup: as a copy under another code, in place, or a removed site's return.

Everything is one transaction in a schema of a new name, and a site's uploads lie in a folder of
its schema's name; so until the commit nothing has changed, and a kill leaves the site before or
the one after. What the cluster has decided about a standing site since (name, address, state,
people, limits) stays as it is. See docs/backup.md.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sitecluster.audit.trail import record
from sitecluster.cms import moments, publication
from sitecluster.cms.addresses import sync_site
from sitecluster.cms.identity import SiteIdentity
from sitecluster.storage.discarding import discard
from sitecluster.tenancy import shared_context, tenant_context
from tenants import directory, migrating, naming, usage
from tenants.models import Domain, Kind, State, Tenant
from tenants.orders import code_faults, name_faults
from tenants.provisioning import (
    ProvisionError,
    queue_behind_same_code,
    refuse_overlap,
    take_address,
)

from . import making as backups, restored_rows
from .archive import ArchiveError, Reader
from .replaced import MARK, drop_replaced

LONGEST_SCHEMA = 63  # bytes of a name in PostgreSQL


class Way(StrEnum):
    """How a site comes back."""

    COPY = "copy"
    """As another site: it is being built, and has an address if one is given."""
    IN_PLACE = "in place"
    """The content of a standing site becomes that of the backup."""
    RETURN = "return"
    """A site that was removed, or is unknown here, is there again, being built."""


class RestoreError(Exception):
    """A file can't be restored; ``problems`` are sentences for the person who asked."""

    def __init__(self, problems: Sequence[Any]) -> None:
        self.problems = [str(problem) for problem in problems]
        super().__init__(" ".join(self.problems))


@dataclass(frozen=True)
class Plan:
    """What a restoration is to do; ``schema`` is the new one."""

    way: Way
    code: str
    name: str
    domain: str
    schema: str


def restore(
    path: Path,
    *,
    code: str = "",
    name: str = "",
    domain: str = "",
    by: Any = None,
    reason: str = "",
    document: str = "",
) -> directory.Site:
    """Restore the backup in the file ``path``; see `Way` for what comes of it.

    ``code`` is another code for a copy; empty, the site itself comes back. ``name`` and ``domain``
    (``host`` or ``host/path``) are for what isn't standing. Before a standing site is replaced, a
    backup of it is made. Only files of this installation are taken. Raises `RestoreError` and then
    has changed nothing.
    """
    with _refusals(), path.open("rb") as file:
        found = Reader(file)
        plan = _plan(found.facts["site"], code, name, domain)
        _refuse_strangers(found.facts)
        if plan.way is Way.IN_PLACE:
            present = Tenant.objects.get(code=plan.code)
            backups.make(present, by=by, reason=_("Before a restoration"), prune=False)
        with _uploads(found, plan):
            why = {"by": by, "reason": reason, "document": document}
            with shared_context(), transaction.atomic():
                site = _bring_back(found, plan, path.name, why)
                transaction.on_commit(lambda: _committed(site))
    return site


def _committed(site: directory.Site) -> None:
    directory.forget()
    usage.measure(site)


def check(path: Path, *, code: str = "", name: str = "", domain: str = "") -> Way:
    """What `restore` would do of the file as far as a look at it tells; raises `RestoreError`."""
    with _refusals(), path.open("rb") as file:
        facts = Reader(file).facts
        way = _plan(facts["site"], code, name, domain).way
        _refuse_strangers(facts)
        return way


def look(path: Path) -> dict[str, Any]:
    """What the manifest of a file says; raises `RestoreError` for one that isn't ours."""
    with _refusals(), path.open("rb") as file:
        return Reader(file).facts


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ArchiveError as error:
        raise RestoreError([error]) from error
    except (ProvisionError, backups.BackupError) as error:
        raise RestoreError(error.problems) from error
    except migrating.MigrationFailed as error:
        raise RestoreError([_("Its schema can't be upgraded: %s") % error]) from error
    except DatabaseError as error:
        reason = str(error).partition("\n")[0]
        raise RestoreError([_("The database refused it: %s") % reason]) from error
    except OSError as error:
        text = _("A file could not be read or written: %s")
        raise RestoreError([text % (error.strerror or error)]) from error


def _plan(site: dict[str, Any], code: str, name: str, domain: str) -> Plan:
    code = code or site["code"]
    standing = Tenant.objects.filter(code=code).first()
    if standing and str(standing.uuid) != site["uuid"]:
        names = {"code": code, "name": standing.name}
        raise RestoreError([_("The code %(code)s is taken by %(name)s.") % names])
    if standing and standing.state != State.REMOVED:
        if name or domain:
            raise RestoreError([_("A site that stands keeps its name and its address.")])
        way = Way.IN_PLACE
    else:
        own = standing or code == site["code"]
        way = Way.RETURN if own else Way.COPY
        problems = [*code_faults(code, site["kind"]), *(name_faults(name) if name else ())]
        if way is Way.COPY and site["kind"] == Kind.CONTROL:
            problems.append(_("A cluster has one control site, whose code is control."))
        if problems:
            raise RestoreError(problems)
    short = naming.schema_name(code)[: LONGEST_SCHEMA - len(MARK) - 8]
    return Plan(way, code, name or site["name"], domain, f"{short}{MARK}{secrets.token_hex(4)}")


def _refuse_strangers(facts: dict[str, Any]) -> None:
    """Numbers of content types and accounts mean the same in one installation alone; what newer
    code has made can't be read by this one."""
    if restored_rows.other_content_types(facts["content_types"]):
        raise RestoreError([_("The file was made by another installation.")])
    newer = restored_rows.unknown_migrations({tuple(row) for row in facts["migrations"]})
    if newer:
        names = ", ".join(".".join(migration) for migration in sorted(newer)[:3])
        text = _("The file was made by a newer version of the platform (%s): update first.")
        raise RestoreError([text % names])


@contextmanager
def _uploads(found: Reader, plan: Plan) -> Iterator[None]:
    """The uploads in a folder of the new schema's name, which goes if the block fails."""
    try:
        with tenant_context(Tenant(code=plan.code, schema_name=plan.schema)):  # type: ignore[arg-type]
            for member in found.names(backups.MEDIA):
                name = member.removeprefix(backups.MEDIA)
                with found.reading(member) as stream:
                    if default_storage.save(name, File(stream, name=name)) != name:  # type: ignore[arg-type]
                        raise ArchiveError(_("The name %s can't be restored.") % name)
        yield
    except BaseException:
        discard(plan.schema)
        raise


def _bring_back(found: Reader, plan: Plan, file: str, why: dict[str, Any]) -> directory.Site:
    queue_behind_same_code(plan.code)
    standing = Tenant.objects.filter(code=plan.code).first()
    if bool(standing and standing.state != State.REMOVED) != (plan.way is Way.IN_PLACE):
        raise RestoreError([_("The site has changed meanwhile.")])
    before = directory.record(standing) if standing else None
    with _alone(before if plan.way is Way.IN_PLACE else None):
        restored_rows.replay(found, plan.schema)
        tenant = _tenant(found.facts["site"], plan, standing)
        if plan.way is not Way.IN_PLACE:
            _take_addresses(tenant, found.facts["site"], plan)
        site = directory.record(tenant)
        _fit(found, plan, site, before)
        after = {"way": plan.way.value, "file": file, "made": found.facts["made"]}
        record("site.restored", site=site, subject=site.name, after=after, **why)
        if before and before.schema_name != site.schema_name:
            drop_replaced(before.schema_name, tenant.pk)
        return site


@contextmanager
def _alone(site: directory.Site | None) -> Iterator[None]:
    """Publications of a standing site, and switches of its plugins, wait until it is replaced."""
    if site is None:
        yield
        return
    with tenant_context(site), publication.publishing():
        Tenant.objects.select_for_update().get(pk=site.id)
        with shared_context():
            yield


def _tenant(site: dict[str, Any], plan: Plan, standing: Tenant | None) -> Tenant:
    """The site's row, pointing to the new schema."""
    tenant = standing or Tenant(code=plan.code, kind=site["kind"])
    tenant.schema_name, tenant.migration_state = plan.schema, migrating.migration_state()
    tenant.upgrade_error = ""
    tenant.theme, tenant.plugins = site["theme"], site["plugins"]
    tenant.blueprint_version = site["blueprint_version"]
    if plan.way is not Way.IN_PLACE:
        tenant.name, tenant.state, tenant.state_note = plan.name, State.BUILDING, ""
        tenant.state_since, tenant.state_until = timezone.now(), None
        for name in ("max_bytes", "max_items", "second_factor", "is_blueprint"):
            setattr(tenant, name, site[name])
    if standing is None:
        tenant.parent = Tenant.objects.filter(code=site["parent"]).first()
    if standing is None and plan.way is Way.RETURN:
        tenant.uuid = site["uuid"]
    tenant.save()
    return tenant


def _take_addresses(tenant: Tenant, site: dict[str, Any], plan: Plan) -> None:
    """The address that was asked for; a site that returns has those of its own that are free."""
    if plan.domain:
        tenant.domains.all().delete()
        take_address(tenant, plan.domain)
    elif plan.way is Way.RETURN and not tenant.domains.exists():
        for row in sorted(site["domains"], key=lambda row: not row["is_primary"]):
            place = {"host": row["host"], "prefix": row["prefix"]}
            if not Domain.objects.filter(**place).exists():
                first = not tenant.domains.exists()
                redirects = row["redirects"] and not first
                tenant.domains.create(**place, is_primary=first, redirects=redirects)


def _fit(found: Reader, plan: Plan, site: directory.Site, before: directory.Site | None) -> None:
    """What lies around the rows: people, addresses, the register, the clock."""
    own = plan.way is not Way.COPY
    with tenant_context(site):
        restored_rows.forget_people(found.facts["people"])
        if plan.way is Way.IN_PLACE and before:
            restored_rows.keep_rights(before.schema_name, site.schema_name)
            restored_rows.keep_numbers(before.schema_name, site.schema_name)
        else:
            restored_rows.take_members(found, site.id)
        restored_rows.mirror_roles(site.id)
        sync_site(site)
        if plan.name != found.facts["site"]["name"] and plan.way is not Way.IN_PLACE:
            SiteIdentity.objects.update(legal_name=plan.name)
    restored_rows.take_items(found, site.id, keep_uuids=own)
    if plan.way is not Way.IN_PLACE:
        restored_rows.take_shared(found, site.id, clearances=own)
    publication.reconcile(site)
    moments.rebuild(site)
    refuse_overlap(site)
