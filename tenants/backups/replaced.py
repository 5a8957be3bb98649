"""What a restoration has replaced: a schema and its uploads, which some process may still serve."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sitecluster.cms import moments, publication
from sitecluster.storage.discarding import discard
from sitecluster.tasks.queue import task
from sitecluster.tenancy import connection, shared_context
from tenants import directory
from tenants.models import State, Tenant

MARK = "__"  # in the name of a schema that was restored; no code leads to one
UNTIL_DROPPED = timedelta(minutes=2)  # by then every process has heard of the new schema


def drop_replaced(schema: str, tenant_id: int) -> None:
    """Have the schema that a restoration has replaced dropped, once nobody serves it."""
    with shared_context():
        later = drop.using(run_after=timezone.now() + UNTIL_DROPPED)
        later.enqueue(schema, tenant_id)


@task(title=_("Removal of what a restoration replaced"), retries=20, priority=-100)
def drop(schema: str, tenant_id: int) -> None:
    """Drop a schema that no site has, and its uploads; what a process that hadn't heard of it has
    still written into the register is written anew."""
    if Tenant.objects.filter(schema_name=schema).exists():
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '10s'")
        cursor.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
    transaction.on_commit(lambda: discard(schema))
    tenant = Tenant.objects.exclude(state=State.REMOVED).filter(pk=tenant_id).first()
    if tenant is not None:
        site = directory.record(tenant)
        if not site.behind:
            publication.reconcile(site)
            moments.rebuild(site)
