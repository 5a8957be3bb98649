"""Removing a site (guideline 2017-47, B.4: 注销).

Its row stays, so that nobody gets its code by accident. The work is a task, since web processes
needn't own the schema: a backup, then one transaction that ends everything the cluster holds of
the site, then its uploads. Killed at any moment it is either not begun or taken up again.
"""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from psycopg2 import sql

from sitecluster.accounts.models import Delegation, Invitation, Membership, Outcome, User
from sitecluster.audit.trail import record
from sitecluster.cms.publication import publishing
from sitecluster.library.models import Item
from sitecluster.plugins.contract import Scope
from sitecluster.plugins.registry import installed
from sitecluster.storage.discarding import discard
from sitecluster.tasks.claiming import Status
from sitecluster.tasks.models import Appointment, QueuedTask
from sitecluster.tasks.queue import TaskRefused, task
from sitecluster.tenancy import shared_context, tenant_context
from tenants import directory
from tenants.backups import making as backups
from tenants.changing import changing
from tenants.models import Domain, State, Tenant, Usage
from tenants.provisioning import ProvisionError, refuse_behind

from .lifecycle import step_of
from .notices import notice_stands
from .steps import Wish, faults

REMOVE = "remove"
PATIENCE = "60s"  # for whoever still reads the site's tables


def ask(
    code: str,
    *,
    by: Any,
    reason: str,
    document: str = "",
    despite: bool = False,
) -> None:
    """Let the worker remove the site. For platform admins, with a reason and a document number.

    ``despite`` goes ahead though the notice of the closed site still stands. Raises
    `ProvisionError` and then has changed nothing.
    """
    wish = Wish(by, reason.strip(), document.strip())
    with changing(code) as tenant:
        step = step_of(tenant, REMOVE, by)
        problems = [fault.text for fault in faults(step, tenant, wish)] or _obstacles(tenant)
        against = objections(tenant)
        if problems or (against and not despite):
            raise ProvisionError(problems or against)
        site = directory.record(tenant)
        refuse_behind(site)
        after = {"despite": against} if against else {}
        record("site.removal_asked", site=site, subject=site.name, after=after, **wish.why())
        remove.enqueue(tenant.pk, by.pk if by else None, wish.reason, wish.document)


def objections(site: Tenant) -> list[str]:
    """What rule stands against removing the site now, a sentence; see `ask`."""
    if site.state != State.CLOSED or not notice_stands(directory.record(site)):
        return []
    text = _("The notice of the closed site stands until %(date)s.")
    return [text % {"date": date_format(site.state_until) if site.state_until else "…"}]


def is_under_way(site: Tenant) -> bool:
    """Has the removal been asked for and not been done or failed for good?"""
    waiting = QueuedTask.objects.filter(
        task_path=remove.module_path, status__in=(Status.READY, Status.RUNNING)
    )
    return waiting.filter(args_kwargs__args__0=site.pk).exists()


@task(title=gettext_lazy("Removal of a site"), retries=5)
def remove(site_id: int, by_id: int | None, reason: str, document: str) -> None:
    """Make a backup of the site and take everything else of it away."""
    tenant = Tenant.objects.exclude(state=State.REMOVED).filter(pk=site_id).first()
    by = User.everyone.get(pk=by_id) if by_id else None
    if tenant is None:
        return  # a run before has done it
    site = directory.record(tenant)
    try:
        step_of(tenant, REMOVE, by)
        refuse_behind(site)
        backup = backups.make(site, by=by, reason=reason, prune=False)
    except (ProvisionError, backups.BackupError) as error:
        raise TaskRefused(" ".join(error.problems)) from error
    with transaction.atomic(), tenant_context(site), publishing():
        # In the order of the locks of a publication, which ends with a touch of the row.
        tenant = Tenant.objects.select_for_update().get(pk=site_id)
        before = _facts(tenant)
        _leave_plugins(site)
        ended = _end(tenant, by)
        _drop_schema(tenant)
        _strike(tenant, reason)
        after = {"state": str(State.REMOVED), "backup": backup.file, **ended}
        why: dict[str, Any] = {"by": by, "reason": reason, "document": document}
        record("site.removed", site=site, subject=site.name, before=before, after=after, **why)
        transaction.on_commit(directory.forget)
    with shared_context():
        clear_uploads.enqueue(site_id)


@task(title=gettext_lazy("Deletion of a removed site's uploads"), retries=8)
def clear_uploads(site_id: int) -> None:
    """Delete the folder of a site that has been removed for good."""
    tenant = Tenant.objects.get(pk=site_id)
    if tenant.state == State.REMOVED:
        discard(tenant.schema_name)


def _obstacles(tenant: Tenant) -> list[str]:
    """What must be settled before, whoever asks."""
    if is_under_way(tenant):
        return [_("The site is being removed already.")]
    below = tenant.children.exclude(state=State.REMOVED).count()
    if below:
        text = ngettext(
            "%(number)d site below it still stands.",
            "%(number)d sites below it still stand.",
            below,
        )
        return [text % {"number": below}]
    return []


def _facts(tenant: Tenant) -> dict[str, Any]:
    members = Membership.objects.filter(tenant=tenant, ended_at=None)
    return {
        "state": str(tenant.state),
        "addresses": [str(place) for place in tenant.domains.order_by("-is_primary", "host")],
        "members": sorted(members.values_list("user__email", flat=True)),
        "plugins": sorted(tenant.plugins),
    }


def _leave_plugins(site: directory.Site) -> None:
    """Let every plugin end what it does for the site and delete what it keeps elsewhere."""
    for label, config in installed().items():
        if config.manifest.scope is not Scope.PLATFORM:
            if label in site.plugins:
                config.on_disable(site)
            config.on_purge(site)


def _end(tenant: Tenant, by: Any) -> dict[str, int]:
    """End what the shared schema holds of the site; how many rows of each."""
    now = timezone.now()
    rows = {"tenant_id": tenant.pk, "ended_at": None}
    counts = {
        "memberships": Membership.objects.filter(**rows).update(ended_at=now, ended_by=by),
        "delegations": Delegation.objects.filter(**rows).update(ended_at=now, ended_by=by),
        "items": Item.objects.filter(tenant_id=tenant.pk, withdrawn_at=None).update(
            withdrawn_at=now
        ),
        "tasks": QueuedTask.objects.filter(tenant_id=tenant.pk, status=Status.READY).delete()[0],
        "appointments": Appointment.objects.filter(tenant_id=tenant.pk).delete()[0],
    }
    Invitation.objects.filter(tenant_id=tenant.pk, closed_at=None).update(
        closed_at=now, outcome=Outcome.WITHDRAWN
    )
    User.everyone.filter(home_site_id=tenant.pk).update(home_site=None)
    Domain.objects.filter(tenant=tenant).delete()
    Usage.objects.filter(tenant=tenant).delete()
    return counts


def _drop_schema(tenant: Tenant) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = %s", [PATIENCE])
        name = sql.Identifier(tenant.schema_name)
        cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))


def _strike(tenant: Tenant, reason: str) -> None:
    """The row stays, with nothing that leads anywhere."""
    tenant.pauses.filter(ended_at=None).update(ended_at=timezone.now())
    tenant.state, tenant.state_note, tenant.state_until = State.REMOVED, reason, None
    tenant.state_since, tenant.plugins, tenant.archive_url = timezone.now(), [], ""
    tenant.upgrade_error = ""
    tenant.save(
        update_fields=[
            "state",
            "state_note",
            "state_until",
            "state_since",
            "plugins",
            "archive_url",
            "upgrade_error",
        ]
    )
