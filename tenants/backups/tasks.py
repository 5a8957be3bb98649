"""Backups in the background: one that was asked for, those of the night, what is left over.

They run at the lowest priority and one site a task, so that whatever is prompt has its thread.
"""

import logging
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from sitecluster.accounts.models import User
from sitecluster.storage.discarding import discard
from sitecluster.tasks.claiming import Status
from sitecluster.tasks.models import QueuedTask
from sitecluster.tasks.periods import every
from sitecluster.tasks.queue import task
from sitecluster.tenancy import shared_context
from tenants.models import Backup, State, Tenant

from . import making as backups, restoring
from .replaced import MARK

logger = logging.getLogger(__name__)
LOWEST = -100
NIGHT = range(1, 6)  # hours, local time
RECENT = timedelta(hours=20)
LEFT_OVER = timedelta(days=1)


def ask(site: Any, *, by: Any = None, reason: str = "") -> Backup:
    """Have a backup of the site made in the background; returns its row."""
    with shared_context(), transaction.atomic():
        row = Backup.objects.create(tenant_id=site.id, created_by=by, reason=reason)
        make_asked.enqueue(row.pk)
        return row


@task(title=gettext_lazy("Backup of a site"), retries=1, priority=LOWEST)
def make_asked(pk: int) -> None:
    """Make the backup that was asked for; why it can't be made is noted on its row."""
    row = Backup.objects.select_related("tenant", "created_by").filter(pk=pk).first()
    if row is not None and row.state == Backup.State.WAITING:
        fill_or_note(row)


def fill_or_note(row: Backup) -> bool:
    """Fill the row, or note why it failed; returns whether there is a backup."""
    try:
        with transaction.atomic():
            backups.fill(row)
            return True
    except backups.BackupError as error:
        problem = str(error)
    except Exception:
        logger.exception("The backup of %s failed.", row.tenant)
        problem = _("An error in the platform, which its log names.")
    row.state, row.problem, row.finished_at = Backup.State.FAILED, problem, timezone.now()
    row.file, row.size, row.sha256 = "", 0, ""
    row.save()
    return False


def ask_restore(backup: Backup, *, by: Any, **wishes: str) -> str:
    """Have a backup restored in the background; returns the number of the task.

    ``wishes`` are those of `restoring.restore`: code, name, domain, reason, document.
    """
    with shared_context():
        result: Any = restore_asked.enqueue(backup.pk, by.pk if by else None, wishes)
    return str(result.id)


@task(title=gettext_lazy("Restoration of a site"), retries=0, priority=LOWEST)
def restore_asked(pk: int, by: int | None, wishes: dict[str, str]) -> dict[str, Any]:
    """Restore; gives the ``site``, by its number, or the ``problems``."""
    person = User.everyone.get(pk=by) if by else None
    try:
        path = backups.path_of(Backup.objects.get(pk=pk))
        return {"site": restoring.restore(path, by=person, **wishes).id}
    except FileNotFoundError:
        return {"problems": [_("The file is gone.")]}
    except restoring.RestoreError as error:
        return {"problems": error.problems}


def restore_task(number: str) -> QueuedTask | None:
    """The task of a restoration; None for another one or none."""
    return QueuedTask.objects.filter(pk=number, task_path=restore_asked.module_path).first()


@every(minutes=30)
@task(title=gettext_lazy("Start of the nightly backups"), priority=LOWEST)
def begin_night() -> None:
    """With BACKUP_DAILY, at night: begin with the site whose last backup is the oldest."""
    if settings.BACKUP_DAILY and timezone.localtime().hour in NIGHT:
        same = QueuedTask.objects.filter(task_path=go_on.module_path)
        if not same.filter(status__in=(Status.READY, Status.RUNNING)).exists():
            go_on.enqueue()


@task(title=gettext_lazy("Nightly backup of a site"), retries=1, priority=LOWEST)
def go_on() -> None:
    """Back up one site, and have the next one follow until morning."""
    if timezone.localtime().hour not in NIGHT:
        return
    due = _due()
    if due is not None:
        row = Backup.objects.create(tenant=due, reason=_("Nightly"))
        fill_or_note(row)
        go_on.enqueue()


def _due() -> Tenant | None:
    """The site that has waited longest for a backup; one that failed is tried the next night."""
    since = timezone.now() - RECENT
    standing = Tenant.objects.exclude(state=State.REMOVED)
    last = standing.annotate(last=Max("backups__created_at"))
    return last.filter(Q(last=None) | Q(last__lt=since)).order_by("last", "pk").first()


@every(hours=1)
@task(title=gettext_lazy("Removal of files that were left behind"), priority=LOWEST)
def sweep() -> None:
    """Clear away what killed processes have left behind: unfinished files, uploads of no site, and
    backups that nobody makes any more."""
    old = time.time() - LEFT_OVER.total_seconds()
    for path in settings.BACKUPS_DIR.glob(f"{backups.DRAFT}*"):
        if path.stat().st_mtime < old:
            path.unlink(missing_ok=True)
    Backup.objects.filter(
        state=Backup.State.WAITING, created_at__lt=timezone.now() - LEFT_OVER
    ).update(state=Backup.State.FAILED, problem=_("It was never finished."))
    known = set(Tenant.objects.values_list("schema_name", flat=True))
    for folder in (settings.MEDIA_ROOT / "sites").glob(f"s_*{MARK}*"):
        if folder.name not in known and folder.stat().st_mtime < old:
            discard(folder.name)
