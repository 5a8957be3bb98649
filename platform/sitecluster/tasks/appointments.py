"""Moments at which tasks of sites are due, kept in one table, so that the worker finds with one
query what is due on any of them.

An appointment stands until whoever made it cancels or replaces it; the task that it calls sees to
that by doing what was due. One that stays, since its task was refused, is called again later.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from sitecluster.tenancy import (
    Tenant,
    all_sites,
    required_tenant,
    shared_context,
    tenant_context,
)

from .claiming import serves
from .models import Appointment

AT_ONCE = 200  # how many are called in one transaction
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(days=1)
AT_WORK = "live"  # the state of sites whose appointments are kept; those of others wait


def appoint(task: str, moments: dict[str, datetime | None]) -> None:
    """Let a task run on the active site for each subject at its moment; None cancels it.

    ``task`` is its dotted path, since who makes appointments is often whom the task calls.
    Part of the current transaction. What stood there for a subject, a refusal too, is replaced.
    """
    standing = _standing(task).filter(subject__in=moments)
    cancelled = [subject for subject, moment in moments.items() if moment is None]
    if cancelled:
        standing.filter(subject__in=cancelled).delete()
    rows = [
        Appointment(tenant_id=required_tenant().id, task_path=task, subject=subject, due_at=due)
        for subject, due in moments.items()
        if due is not None
    ]
    if rows:
        Appointment.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["tenant_id", "task_path", "subject"],
            update_fields=["due_at", "calls", "problem"],
        )


def refuse(task: str, subject: str, problem: str) -> bool:
    """Note why what was due can't be done; returns whether that is news."""
    rows = _standing(task).filter(subject=subject)
    return bool(rows.exclude(problem=problem).update(problem=problem))


def problem_of(task: str, subject: str) -> str:
    """Why what is due for ``subject`` on the active site isn't done, or nothing."""
    return _standing(task).filter(subject=subject).values_list("problem", flat=True).first() or ""


def moments_of(task: str) -> dict[str, tuple[datetime, int]]:
    """The subjects of the active site's appointments with ``task`` -> when each is next due, and
    how often the task was called already."""
    rows = _standing(task).values_list("subject", "due_at", "calls")
    return {subject: (due, calls) for subject, due, calls in rows}


def _standing(task: str) -> Any:
    return Appointment.objects.filter(tenant_id=required_tenant().id, task_path=task)


def call_due(now: datetime | None = None) -> int:
    """Put the tasks whose moment has come into the queue; returns how many.

    One query where nothing is due, whatever the number of sites. Those of sites that aren't live,
    or behind in their upgrade, wait for the site. Several workers may call at once.
    """
    due = Appointment.objects.filter(due_at__lte=now or timezone.now())
    with shared_context():
        if not due.exists():
            return 0
        sites = {site.id: site for site in all_sites() if site.state == AT_WORK and serves(site)}
        with transaction.atomic():
            rows = due.filter(tenant_id__in=sites).order_by("due_at", "pk")
            called = list(rows.select_for_update(skip_locked=True)[:AT_ONCE])
            for row in called:
                _call(row, sites[row.tenant_id])
    return len(called)


def _call(row: Appointment, site: Tenant) -> None:
    pause = min(FIRST_PAUSE * 2 ** min(row.calls, 10), LONGEST_PAUSE)
    row.due_at, row.calls = timezone.now() + pause, row.calls + 1
    row.save(update_fields=["due_at", "calls"])
    with tenant_context(site):
        import_string(row.task_path).enqueue(row.subject)
