"""Bringing an installation to what the code expects: shared schema, blueprints, sites.

The sites serve meanwhile. Processes of the code before go on serving every site, since migrations
only add to what it needs (docs/operations.md); processes of this code answer 503 for a site
that is behind (`tenants.routing`) until its turn comes.
"""

import logging
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _, gettext_lazy

from sitecluster.audit import grants
from sitecluster.audit.trail import record
from sitecluster.tenancy import shared_context

from . import blueprinting, content, directory, forking, migrating
from .dump import DumpError
from .migrating import Migration, MigrationFailed, locked
from .models import Kind, State, Tenant
from .naming import CONTROL_CODE
from .orders import Order
from .provisioning import provision

logger = logging.getLogger(__name__)
CONTROL = Order(code=CONTROL_CODE, name="站群管理中心", kind=Kind.CONTROL)
UPGRADE_FIRST = gettext_lazy(
    "Run “manage.py upgrade” first: the database is empty or older than this code."
)
# Columns that every release has had, since this is asked before the shared schema is migrated.
SITES = "SELECT code, schema_name FROM public.tenants_tenant WHERE state <> %s ORDER BY code"
Say = Callable[[str], None]


class UpgradeError(Exception):
    """The upgrade can't begin or go on; ``problems`` are sentences for whoever upgrades."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


@dataclass(frozen=True)
class Plan:
    """What an upgrade would do; every part is empty when there is nothing to do."""

    shared: frozenset[Migration]
    blueprints: list[str]
    sites: dict[str, frozenset[Migration]]
    """What each site that is behind lacks, by code."""
    control: bool
    """Whether the control site is to be opened."""
    rights: bool = False
    """Whether the web processes' database role lacks a right or has one too many."""

    @property
    def refused(self) -> list[str]:
        """Why it can't be done, a sentence for each migration."""
        return refusals(self.shared.union(*self.sites.values()))

    def __bool__(self) -> bool:
        return bool(self.shared or self.blueprints or self.sites or self.control or self.rights)


def refusals(migrations: Collection[Migration]) -> list[str]:
    """Why these can't be applied, a sentence for each that can't."""
    text = _(
        "The migration %s isn't atomic: a site could be left half upgraded. See “Updating” in "
        "docs/operations.md."
    )
    return [text % ".".join(migration) for migration in migrating.refused(migrations)]


@dataclass
class Upgraded:
    """How many blueprints were built, how many sites migrated, and which failed."""

    blueprints: int
    sites: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    """Why, by code."""


def plan() -> Plan:
    """What `upgrade` would do now; asks, changes nothing, and never fails on an older database."""
    with shared_context():
        lacking = migrating.lacking(list(schemas := _schemas()))
        shared = migrating.shared_lacking()
        return Plan(
            shared=shared,
            blueprints=_outdated(shared),
            sites={schemas[name]: migrations for name, migrations in lacking.items()},
            control=CONTROL_CODE not in schemas.values(),
            rights=_rights_differ(),
        )


def _rights_differ() -> bool:
    try:
        return bool(grants.needed())
    except grants.GrantError:  # `upgrade` says what is wrong
        return True


def upgrade(say: Say = lambda text: None, jobs: int | None = None) -> Upgraded:
    """Migrate the shared schema, build missing blueprints, migrate the sites that need it.

    ``jobs`` sites at once, by default one for each processor, each in one transaction. A site
    that fails stays as it was and is marked; the others go on. The control site is opened if
    there is none. ``say`` is told what is being done. Running it again does what is left;
    two at once queue behind each other.

    Raises `UpgradeError` where no site can be upgraded.
    """
    with locked("sitecluster.upgrade"), shared_context():
        todo = plan()
        if problems := todo.refused:
            raise UpgradeError(problems)
        try:
            if todo.shared:
                say(_("Shared schema …"))
                migrating.migrate_shared()
            grants.apply()
            blueprints = blueprinting.build(lambda kind: say(_("Blueprint %s …") % kind))
        except grants.GrantError as error:
            raise UpgradeError([str(error)]) from error
        except (MigrationFailed, DumpError, DatabaseError) as error:
            reason = str(error).partition("\n")[0]
            text = _("The upgrade stopped before the sites: %s")
            raise UpgradeError([text % reason]) from error
        done = _upgrade_sites(Upgraded(blueprints), say, jobs or os.cpu_count() or 1)
        if not Tenant.objects.filter(kind=Kind.CONTROL).exists():
            provision(CONTROL)
        if todo:
            after = {"blueprints": blueprints, "sites": done.sites, "failed": sorted(done.failed)}
            record("upgrade.finished", after=after)
        return done


def missing() -> str:
    """The command that must run before the platform can serve, as a sentence; "" if none.

    Sites that are behind don't stop the others from being served, nor does what newer code left.
    """
    with shared_context():
        fit = (
            not migrating.shared_lacking()
            and not blueprinting.unfit()
            and Tenant.objects.filter(kind=Kind.CONTROL).exists()
        )
    return "" if fit else str(UPGRADE_FIRST)


def _schemas() -> dict[str, str]:
    """The codes of all sites by schema."""
    with connection.cursor() as cursor:
        if not _there(cursor, "tenants_tenant"):
            return {}
        cursor.execute(SITES, [State.REMOVED])
        return {schema: code for code, schema in cursor.fetchall()}


def _outdated(lacking: frozenset[Migration]) -> list[str]:
    """As `blueprinting.outdated`; a table of another release can't be asked, and tells nothing."""
    older = any(label == "tenants" for label, _name in lacking)
    return content.kinds() if older else blueprinting.outdated()


def _there(cursor: object, table: str) -> bool:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"public.{table}"])  # type: ignore[attr-defined]
    return bool(cursor.fetchone()[0])  # type: ignore[attr-defined]


def _upgrade_sites(done: Upgraded, say: Say, jobs: int) -> Upgraded:
    codes = _schemas()
    lacking = migrating.lacking(list(codes))
    _correct_marks(lacking)
    # A process that forks must share nothing with its children that one of them could end.
    for ended in forking.each(upgrade_site, [codes[name] for name in lacking], jobs):
        if ended.error:
            done.failed[ended.item] = ended.error
            mark_failed(ended.item, ended.error)
            logger.info("The upgrade of %s failed.\n%s", ended.item, ended.trace)
            say(_("Site %(code)s failed: %(reason)s") % {"code": ended.item, "reason": ended.error})
        else:
            done.sites += 1
            say(_("Site %s …") % ended.item)
    directory.forget()
    return done


def _correct_marks(lacking: Mapping[str, object]) -> None:
    """Mark what fits this code, and unmark what doesn't, such as a schema from a backup."""
    own = migrating.migration_state()
    standing = Tenant.objects.exclude(state=State.REMOVED)
    standing.filter(schema_name__in=lacking, migration_state=own).update(migration_state="")
    fitting = standing.exclude(schema_name__in=lacking)
    fitting.exclude(migration_state=own, upgrade_error="").update(
        migration_state=own, upgrade_error=""
    )


def upgrade_site(code: str) -> bool:
    """Migrate a site and mark it, in one transaction; False if it lacked nothing.

    The shared schema must lack nothing. Raises `MigrationFailed`: the site is as it was, and
    whoever called says so by `mark_failed` in another transaction.
    """
    with transaction.atomic():
        schema: str = Tenant.objects.values_list("schema_name", flat=True).get(code=code)
        migrated = migrating.migrate_standing(schema)
        Tenant.objects.filter(code=code).update(
            migration_state=migrating.migration_state(), upgrade_error=""
        )
    return migrated


def mark_failed(code: str, reason: str, by: Any = None) -> None:
    """Note at the site why its upgrade failed, and in the trail."""
    with transaction.atomic():
        tenant = Tenant.objects.get(code=code)
        tenant.upgrade_error = reason
        tenant.save(update_fields=["upgrade_error"])
        record("upgrade.failed", by=by, site=directory.record(tenant), reason=reason)
