"""How the queue stands, in the whole cluster; for the screens of platform admins."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone
from django_tasks_db.models import get_date_max

from sitecluster.tenancy import Tenant, find_sites, shared_context

from .claiming import Status, waits
from .failures import TITLES
from .models import Period, QueuedTask
from .periods import MOST_SILENCE, WORKER, recurring


@dataclass(frozen=True)
class Place:
    """What waits for one site and plugin; ``site`` is None for the shared schema or one unknown."""

    site: Tenant | None
    plugin: str
    count: int
    oldest: datetime
    held: bool
    """Whether it waits for the site or the plugin, and not for a worker."""


@dataclass(frozen=True)
class Recurrence:
    """A task that recurs, and when it is next due."""

    title: str
    period: timedelta
    next_run: datetime | None


@dataclass(frozen=True)
class Overview:
    """The queue at this moment; ``worker_seen`` is when a worker last said that it is at work."""

    counts: Counter[str]
    later: int
    """How many of those that wait do so for their time, mostly after an error."""
    places: list[Place]
    worker_seen: datetime | None
    recurrences: list[Recurrence]

    @property
    def worker_missed(self) -> bool:
        """Whether no worker has been at work for a minute."""
        seen = self.worker_seen
        return seen is None or timezone.now() - seen > timedelta(seconds=MOST_SILENCE)

    @property
    def oldest(self) -> datetime | None:
        """Since when the oldest task waits that a worker could take."""
        return min((place.oldest for place in self.places if not place.held), default=None)


def overview() -> Overview:
    """Ask for everything, in some five queries."""
    with shared_context():
        due = Q(run_after=get_date_max()) | Q(run_after__lte=timezone.now())
        ready = QueuedTask.objects.filter(status=Status.READY).order_by()
        statuses = QueuedTask.objects.order_by().values_list("status").annotate(Count("pk"))
        periods = dict(Period.objects.values_list("task_path", "next_run"))
        return Overview(
            counts=Counter(dict(statuses)),
            later=ready.exclude(due).count(),
            places=_places(ready.filter(due)),
            worker_seen=periods.get(WORKER),
            recurrences=_recurrences(periods),
        )


def _places(rows: Any) -> list[Place]:
    groups = rows.values_list("tenant_id", "plugin").annotate(Count("pk"), Min("enqueued_at"))
    found = list(groups)
    sites = {site.id: site for site in find_sites(row[0] for row in found if row[0])}
    places = [
        Place(sites.get(tenant_id), plugin, count, oldest, waits(tenant_id, plugin))
        for tenant_id, plugin, count, oldest in found
    ]
    return sorted(places, key=lambda place: -place.count)


def _recurrences(periods: dict[str, datetime]) -> list[Recurrence]:
    found = [
        Recurrence(
            str(each.task.title or TITLES.get(path) or path.rpartition(".")[2]),
            each.period,
            periods.get(path),
        )
        for path, each in recurring().items()
    ]
    return sorted(found, key=lambda each: (each.next_run is None, each.next_run or 0))
