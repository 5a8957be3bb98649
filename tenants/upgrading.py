"""Bringing an installation to what the code expects: shared schema, blueprints, sites."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _, gettext_lazy

from sitecluster.tenancy import shared_context

from . import blueprinting
from .migrating import behind, locked, migrate_schema, migrate_shared
from .models import Kind, Tenant
from .naming import CONTROL_CODE
from .orders import Order
from .provisioning import provision

CONTROL = Order(code=CONTROL_CODE, name="站群管理中心", kind=Kind.CONTROL)


UPGRADE_FIRST = gettext_lazy(
    "Run “manage.py upgrade” first: the database is empty or older than this code."
)


@dataclass(frozen=True)
class Upgraded:
    """How many blueprints were built and how many sites migrated."""

    blueprints: int
    sites: int


def upgrade(say: Callable[[str], None] = lambda text: None) -> Upgraded:
    """Migrate the shared schema, build missing blueprints, migrate the sites that need it.

    The control site is opened if there is none. ``say`` is told what is being done. Running it
    again does nothing; two at once queue behind each other.
    """
    with locked("sitecluster.upgrade"), shared_context():
        say(_("Shared schema …"))
        migrate_shared()
        blueprints = blueprinting.build(lambda kind: say(_("Blueprint %s …") % kind))
        schemas = behind(list(Tenant.objects.values_list("schema_name", flat=True)))
        for schema in schemas:
            say(_("Site %s …") % schema)
            migrate_schema(schema)
        if not Tenant.objects.filter(kind=Kind.CONTROL).exists():
            provision(CONTROL)
        return Upgraded(blueprints, len(schemas))


def missing() -> str:
    """The command that must run before the platform can serve, as a sentence; "" if none."""
    with shared_context():
        fit = (
            "tenants_blueprint" in connection.introspection.table_names()
            and not blueprinting.outdated()
            and Tenant.objects.filter(kind=Kind.CONTROL).exists()
            and not behind(list(Tenant.objects.values_list("schema_name", flat=True)))
        )
    return "" if fit else str(UPGRADE_FIRST)
