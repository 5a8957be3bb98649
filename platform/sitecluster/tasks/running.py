"""One attempt at one task: its site, its transaction, and what becomes of it."""

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django_tasks.utils import get_exception_traceback, get_module_path, normalize_json

from sitecluster.audit.origin import working
from sitecluster.audit.trail import record
from sitecluster.tenancy import current_tenant, find_sites, shared_context, tenant_context

from .claiming import Status, orphans
from .failures import title
from .models import QueuedTask
from .queue import TaskRefused

logger = logging.getLogger(__name__)
FIRST_DELAY, LONGEST_DELAY = 2.0, 3600.0  # seconds
# Wagtail's tasks about an object by its key; if it has been deleted since, nothing is to be done.
ABOUT_AN_OBJECT = frozenset(
    {
        "modelsearch.tasks.insert_or_update_object_task",
        "wagtail.images.tasks.set_image_focal_point_task",
        "wagtail.tasks.update_reference_index_task",
    }
)


def attempt(claimed: QueuedTask) -> None:
    """Run a task that has been claimed; its work and the mark that it is done commit together.

    After an error nothing of the work stays, and the task is tried again later or has failed for
    good. Raises nothing but what keeps the database from noting that.
    """
    try:
        with _place(claimed), transaction.atomic():
            if _held(claimed).select_for_update(skip_locked=True).exists():
                _finish(claimed, _call(claimed))
    except (Exception, SystemExit) as error:
        _fail(claimed, error)


def run_now(row: QueuedTask) -> None:
    """Run a task within the transaction that has just put it into the queue.

    For tests, whose transactions no worker sees: a failed task leaves nothing and is noted.
    """
    row.claim("now")
    attempt(row)


def recover() -> int:
    """Put the tasks of dead workers back into the queue; returns how many.

    What has used up its attempts has failed for good: it may be what kills the workers.
    """
    with shared_context(), transaction.atomic():
        rows = list(orphans())
        for row in rows:
            error = WorkerDied("The worker ended while it ran this task.")
            _note(row, error, final=row.attempts > row.retries, delay=0.0)
    return len(rows)


class WorkerDied(Exception):
    """A worker was killed in the midst of a task."""


def backoff(attempts: int) -> float:
    """Seconds until the next attempt after so many: 2, 4, 8 up to an hour, more or less a fifth."""
    seconds = FIRST_DELAY * 2 ** min(attempts - 1, 20)
    return min(seconds, LONGEST_DELAY) * random.uniform(0.8, 1.2)


@contextmanager
def _place(row: QueuedTask) -> Iterator[None]:
    """The task's site and language; around the transaction, for what runs after its commit."""
    here = current_tenant()
    with translation.override(row.language or settings.LANGUAGE_CODE):
        if here is not None and here.id == row.tenant_id:
            yield  # also a site that is being opened, which the directory doesn't know yet
            return
        if row.tenant_id is None:
            with shared_context():
                yield
            return
        (site,) = find_sites([row.tenant_id])
        with tenant_context(site):
            yield


def _held(claimed: QueuedTask) -> Any:
    """The row, if the claim still holds."""
    return QueuedTask.objects.filter(
        pk=claimed.pk, status=Status.RUNNING, worker_ids=claimed.worker_ids
    )


def _call(row: QueuedTask) -> Any:
    arguments = row.args_kwargs
    try:
        with working(f"task {row.task_path}"):
            return row.task.call(*arguments["args"], **arguments["kwargs"])
    except ObjectDoesNotExist:
        if row.task_path not in ABOUT_AN_OBJECT:
            raise
        return None


def _finish(row: QueuedTask, value: Any) -> None:
    QueuedTask.objects.filter(pk=row.pk).update(
        status=Status.SUCCESSFUL,
        finished_at=timezone.now(),
        return_value=normalize_json(value),
        exception_class_path="",
        traceback="",
        problem="",
    )


def _fail(claimed: QueuedTask, error: BaseException) -> None:
    final = isinstance(error, TaskRefused) or claimed.attempts > claimed.retries
    with shared_context(), transaction.atomic():
        row = _held(claimed).select_for_update(skip_locked=True).first()
        if row is None:
            logger.error("After task %s was done: ", claimed, exc_info=error)
            return
        _note(row, error, final, backoff(claimed.attempts))


def _note(row: QueuedTask, error: BaseException, final: bool, delay: float) -> None:
    now = timezone.now()
    row.status = Status.FAILED if final else Status.READY
    row.finished_at = now if final else None
    row.run_after = now + timedelta(seconds=delay)
    row.exception_class_path = get_module_path(type(error))
    row.traceback = get_exception_traceback(error)
    row.problem = describe(error)
    row.save()
    if final:
        _report(row, error)


def _report(row: QueuedTask, error: BaseException) -> None:
    """Tell in the trail of the site and, unless it is the site's own matter, in the log."""
    site = find_sites([row.tenant_id])[:1] if row.tenant_id else []
    record("task.failed", site=next(iter(site), None), subject=title(row), reason=row.problem)
    if not isinstance(error, TaskRefused):
        logger.error("Task %s has failed for good.", row, exc_info=error)


def describe(error: BaseException) -> str:
    """What a site's admins may read of an error: sentences made for people, else its kind."""
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    return str(error) if isinstance(error, TaskRefused) else type(error).__name__
