"""Which task is next, and whose it is while it runs.

A claim is committed before the work begins, so that it is seen and counted as an attempt. The
work then holds a lock on the row until it is committed together with the mark that it is done. A
row that runs and isn't locked therefore belongs to a worker that has died, and goes back into the
queue; nothing has to guess how long a task may take, and no lock outlives a transaction, so
a connection pooler may stand in between.
"""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import get_date_max

from sitecluster.plugins.registry import bringers, installed, is_on_at
from sitecluster.tenancy import Tenant, find_sites, shared_context

from .models import QueuedTask

Status = TaskResultStatus
Carriage = tuple[int | None, str]
"""A site's id and a plugin: what decides whether a task may run now."""
# Between the claim and the lock a row belongs to nobody for some milliseconds. To take it then
# would do no harm, since the claimer sees that it has lost it, but cost an attempt.
GRACE = timedelta(seconds=1)


def waits(tenant_id: int | None, plugin: str) -> bool:
    """Whether tasks of this site and plugin must wait.

    They do while the site isn't known to this process, is removed or is behind in its upgrade,
    and while the plugin is off there. What belongs to no site doesn't wait.
    """
    if tenant_id is None:
        return False
    site = next(iter(find_sites([tenant_id])), None)
    return site is None or not serves(site, plugin)


def serves(site: Tenant, plugin: str = "") -> bool:
    """Whether the site's schema is what the code expects and ``plugin``, if any, is on there.

    ``plugin`` may also be the label of an app that plugins bring.
    """
    if site.behind:
        return False
    owners = bringers().get(plugin, (plugin,)) if plugin else ()
    known = [owner for owner in owners if owner in installed()]
    return not plugin or any(is_on_at(owner, site) for owner in known)


def waiting() -> set[Carriage]:
    """The sites and plugins whose tasks stand in the queue and must wait."""
    with shared_context():
        there = QueuedTask.objects.filter(status=Status.READY, tenant_id__isnull=False).order_by()
        pairs = list(there.values_list("tenant_id", "plugin").distinct())
    return {pair for pair in pairs if waits(*pair)}


def claim(
    worker_id: str, blocked: Collection[Carriage] = (), at_least: int = -100
) -> QueuedTask | None:
    """The next task, which from now on is the worker's; None if there is nothing to do.

    ``blocked`` is what `waiting` said a moment ago, ``at_least`` the lowest priority to take.
    """
    known = set(blocked)
    while True:
        with shared_context(), transaction.atomic():
            row = _ready(known, at_least).select_for_update(skip_locked=True).first()
            if row is None:
                return None
            if not waits(row.tenant_id, row.plugin):
                row.claim(worker_id)
                return row
        known.add((row.tenant_id, row.plugin))


def _ready(blocked: Collection[Carriage], at_least: int) -> "QuerySet[QueuedTask]":
    rows = QueuedTask.objects.filter(
        Q(run_after=get_date_max()) | Q(run_after__lte=timezone.now()), status=Status.READY
    )
    if at_least > -100:
        rows = rows.filter(priority__gte=at_least)
    whole = [tenant_id for tenant_id, plugin in blocked if not plugin]
    if whole:
        rows = rows.exclude(tenant_id__in=whole)
    for tenant_id, plugin in blocked:
        if plugin and tenant_id not in whole:
            rows = rows.exclude(tenant_id=tenant_id, plugin=plugin)
    return rows


def orphans() -> "QuerySet[QueuedTask]":
    """Tasks whose worker has died, locked for the rest of the transaction."""
    begun = QueuedTask.objects.filter(status=Status.RUNNING, started_at__lt=timezone.now() - GRACE)
    return begun.select_for_update(skip_locked=True)
