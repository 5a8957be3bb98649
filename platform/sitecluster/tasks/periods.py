"""Tasks that recur, each once a period in the whole cluster, however many workers run.

    @every(hours=1)
    @task()
    def count_visits() -> None: ...

Such a task takes no argument. One of a plugin is put into the queue for each site where the plugin
is on, one of the platform once, for the shared schema; ``each_site`` asks for every site.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from sitecluster.tenancy import Tenant, all_sites, shared_context, tenant_context

from .claiming import serves
from .models import Period
from .queue import CarriedTask

WORKER = "worker"
"""The row that says when a worker was last at work: its ``next_run``."""
TELLING, MOST_SILENCE = 10.0, 60.0
"""Seconds between two times that a worker says so, and after which it is missed."""


@dataclass(frozen=True)
class Recurring:
    """A task, and seconds from one run to the next."""

    task: CarriedTask[[], Any]
    period: timedelta
    each_site: bool


_recurring: dict[str, Recurring] = {}


def every(
    *, seconds: float = 0, minutes: float = 0, hours: float = 0, each_site: bool = False
) -> Callable[[CarriedTask[[], Any]], CarriedTask[[], Any]]:
    """Let a task recur; raises ValueError for a period of less than a second.

    The module must be imported at start-up, from the app's ``ready``. Where runs were missed,
    since no worker ran, one makes up for all of them.
    """
    period = timedelta(seconds=seconds, minutes=minutes, hours=hours)
    if period < timedelta(seconds=1):
        raise ValueError("A task recurs every second at most.")

    def register(task: CarriedTask[[], Any]) -> CarriedTask[[], Any]:
        _recurring[task.module_path] = Recurring(task, period, each_site)
        return task

    return register


def registered() -> list[str]:
    """The dotted paths of the tasks that recur."""
    return sorted(_recurring)


def recurring() -> dict[str, Recurring]:
    """The tasks that recur, by their dotted paths."""
    return dict(_recurring)


def begin_due(now: datetime | None = None) -> int:
    """Put what is due into the queue; returns how many tasks. One query where nothing is."""
    now = now or timezone.now()
    with shared_context(), transaction.atomic():
        _enter_new(now)
        rows = Period.objects.filter(task_path__in=_recurring, next_run__lte=now)
        rows = rows.select_for_update(skip_locked=True)
        return sum(_begin(row, now) for row in rows)


_entered: set[str] = set()


def _enter_new(now: datetime) -> None:
    """Give each task that the table doesn't know yet a row; it is due at once."""
    new = _recurring.keys() - _entered
    if new:
        rows = [Period(task_path=path, next_run=now) for path in sorted(new)]
        Period.objects.bulk_create(rows, ignore_conflicts=True)
        transaction.on_commit(lambda: _entered.update(new))


_told = float("-inf")


def tell_alive() -> None:
    """Note, every few seconds, that a worker is at work; a row of the table of periods holds it."""
    global _told
    if time.monotonic() - _told >= TELLING:
        with shared_context():
            Period.objects.update_or_create(task_path=WORKER, defaults={"next_run": timezone.now()})
        _told = time.monotonic()


def _begin(row: Period, now: datetime) -> int:
    recurring = _recurring[row.task_path]
    row.next_run += ((now - row.next_run) // recurring.period + 1) * recurring.period
    row.save(update_fields=["next_run"])
    if not (recurring.each_site or recurring.task.owner):
        recurring.task.enqueue()
        return 1
    places = list(_places(recurring))
    for site in places:
        with tenant_context(site):
            recurring.task.enqueue()
    return len(places)


def _places(recurring: Recurring) -> Iterable[Tenant]:
    """Where it runs now; a site that is behind misses it."""
    return (site for site in all_sites() if serves(site, recurring.task.owner))
