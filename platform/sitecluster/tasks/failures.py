"""What failed for good or is tried again: who sees it, and who lets it run once more.

A site's list holds the tasks of that site alone, and of an error only what is fit for its admins.
The control site's list holds everything for platform admins, tracebacks too; for a delegate the
tasks of the branch, without them.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import get_date_max

from sitecluster.audit.reading import sites_read_by
from sitecluster.audit.trail import record
from sitecluster.tenancy import find_sites

from .claiming import Status
from .models import QueuedTask

SEE, RETRY = "tasks.view_queuedtask", "tasks.change_queuedtask"
TITLES: dict[str, Any] = {
    "modelsearch.tasks.insert_or_update_object_task": _("Update of the search index"),
    "wagtail.tasks.update_reference_index_task": _("Update of the index of references"),
    "wagtail.tasks.delete_file_from_storage_task": _("Deletion of an uploaded file"),
    "wagtail.images.tasks.set_image_focal_point_task": _("Focal point of an image"),
    "wagtail.contrib.frontend_cache.tasks.purge_urls_from_cache_task": _("Emptying of caches"),
}


def failures(user: Any) -> "QuerySet[QueuedTask]":
    """What failed for good, and what failed and is tried again, on the active site; on the control
    site on all that ``user`` runs. In the shared schema there are none: see `all_failures`."""
    sites = sites_read_by(user)
    return all_failures() if sites is None else all_failures().filter(tenant_id__in=sites)


def all_failures() -> "QuerySet[QueuedTask]":
    """The same of every site, the latest first; for commands."""
    failed = Q(status=Status.FAILED)
    again = Q(status__in=(Status.READY, Status.RUNNING)) & ~Q(problem="")
    return QueuedTask.objects.filter(failed | again).order_by("-started_at", "-enqueued_at")


def retry(task_id: UUID, rows: "QuerySet[QueuedTask]", *, by: Any = None) -> QueuedTask:
    """Let a task of ``rows`` that failed for good run again, with all of its attempts.

    Raises QueuedTask.DoesNotExist for one that isn't there or hasn't failed for good.
    """
    with transaction.atomic():
        found = rows.filter(status=Status.FAILED)
        row = found.select_for_update(of=("self",)).get(pk=task_id)
        problem = row.problem
        row.status, row.worker_ids, row.run_after = Status.READY, [], get_date_max()
        row.finished_at, row.problem, row.exception_class_path, row.traceback = None, "", "", ""
        row.save()
        record(
            "task.retried",
            by=by,
            site=next(iter(find_sites([row.tenant_id] if row.tenant_id else [])), None),
            subject=title(row),
            before={"problem": problem},
        )
    return row


def title(row: QueuedTask) -> str:
    """What the task is called on screens; its name in the code where it has no title."""
    try:
        own = getattr(row.task, "title", "")
    except Exception:  # its code is gone or doesn't import
        own = ""
    return str(own or TITLES.get(row.task_path) or row.task_path.rpartition(".")[2])
