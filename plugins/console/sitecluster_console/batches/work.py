"""Acts on many sites: a list of items that the worker goes through one by one.

    @kind("column.add", title=_("Add a column"))
    def work(item: BatchItem, batch: Batch) -> str | None: ...

    start("column.add", _("Add a column"), [NewItem(code=…, site=…)], by=user)

Each item is a task of its own in the shared schema: its work and the mark of what has become of it
are one transaction with the mark that the task is done, so a worker that is killed at any moment
leaves the item done once or not at all, and the next worker goes on.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet
from django.urls import URLPattern
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext as _, gettext_lazy

from sitecluster.accounts.refusals import MembershipError
from sitecluster.audit.trail import record
from sitecluster.tasks.claiming import Status
from sitecluster.tasks.models import QueuedTask
from sitecluster.tasks.periods import every
from sitecluster.tasks.queue import TaskRefused, task
from sitecluster.tenancy import shared_context
from sitecluster_console.policy import sites_of
from sitecluster_console.shared.models import Batch, BatchItem
from tenants.models import Tenant
from tenants.provisioning import ProvisionError
from tenants.switching import PluginError

logger = logging.getLogger(__name__)
Item = BatchItem.State
Work = Callable[[BatchItem, Batch], str | None]
Failed = Callable[[BatchItem, Batch], None]
RETRIES = 9  # a worker that is killed in the midst of an item costs the item one attempt
BEHIND_OTHERS = -20  # what editors wait for goes first
AT_ONCE = 500
_READY = Q(after=None) | ~Q(after__state=Item.WAITING)


class BatchProblem(Exception):
    """An item can't be done; ``problems`` are sentences for who started the batch."""

    def __init__(self, *problems: Any) -> None:
        self.problems = [str(problem) for problem in problems]
        super().__init__(" ".join(self.problems))


@dataclass(frozen=True)
class Kind:
    """An act that batches do; ``platform_only`` ones are platform admins' alone."""

    code: str
    title: Any
    work: Work
    platform_only: bool = False
    failed: Failed | None = None


@dataclass(frozen=True)
class NewItem:
    """An item to be: ``after`` is the code of an item of the same batch that must be done first.

    ``number`` is its row in an uploaded file; by default its place in the list, from 1.
    """

    code: str
    name: str = ""
    site: Tenant | None = None
    wishes: Mapping[str, Any] = field(default_factory=dict)
    number: int | None = None
    after: str = ""


_kinds: dict[str, Kind] = {}


def kind(
    code: str, *, title: Any, platform_only: bool = False, failed: Failed | None = None
) -> Callable[[Work], Work]:
    """Register what a batch of kind ``code`` does with one item.

    The function does everything in the database, files and messages on commit, and gives a
    sentence about what it did, or None if there was nothing to do. It raises `BatchProblem`, or
    one of the platform's refusals, and then nothing of it stays. It runs in the shared schema.
    ``failed`` is called with an item that failed, its problems told, to note that elsewhere.
    """

    def register(work: Work) -> Work:
        _kinds[code] = Kind(code, title, work, platform_only, failed)
        return work

    return register


def kinds() -> Mapping[str, Kind]:
    """Every kind by its code; imports the console's modules, which register theirs."""
    from sitecluster_console import wagtail_hooks  # noqa: F401, PLC0415 -- it imports them all, and this one

    return _kinds


def kind_of(batch: Batch) -> Kind | None:
    """The batch's kind; None if the code no longer knows it."""
    return _kinds.get(batch.kind) or kinds().get(batch.kind)


def start(
    kind: str,
    title: Any,
    items: Iterable[NewItem],
    *,
    by: Any,
    wishes: Mapping[str, Any] | None = None,
    dry_run: bool = False,
    reason: str = "",
    document: str = "",
) -> Batch:
    """Make a batch and let the worker begin with it once the current transaction is committed.

    Raises ValueError for an unknown kind, and if there are no items.
    """
    new = list(items)
    if kind not in _kinds or not new:
        raise ValueError(f"No batch of {kind!r} with {len(new)} items.")
    with transaction.atomic(), shared_context():
        batch = Batch.objects.create(
            kind=kind,
            title=str(title),
            wishes=dict(wishes or {}),
            dry_run=dry_run,
            reason=reason,
            document=document,
            language=get_language() or "",
            created_by=by,
        )
        _write(batch, new)
        _note("batch.started", batch, by, {"items": len(new), "dry_run": dry_run})
        spread.enqueue(batch.pk)
    return batch


def stop(batch: Batch, *, by: Any) -> bool:
    """Begin no further item of the batch; those under way are finished. False if it had ended."""
    with transaction.atomic(), shared_context():
        going = Batch.objects.filter(pk=batch.pk, finished_at=None, stopped_at=None)
        if not going.update(stopped_at=timezone.now()):
            return False
        left = batch.items.filter(state=Item.WAITING).count()
        _note("batch.stopped", batch, by, {"left": left})
    return True


def resume(batch: Batch, *, by: Any, failed: bool = False) -> int:
    """Go on with what still waits and, with ``failed``, try again what failed; how many items."""
    with transaction.atomic(), shared_context():
        Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        if failed:
            batch.items.filter(state=Item.FAILED).update(
                state=Item.WAITING, problems=[], finished_at=None
            )
        count = batch.items.filter(state=Item.WAITING).count()
        if count:
            Batch.objects.filter(pk=batch.pk).update(stopped_at=None, finished_at=None)
            _note("batch.resumed", batch, by, {"items": count})
            spread.enqueue(batch.pk)
    return count


def visible_to(user: Any) -> "QuerySet[Batch]":
    """The batches that the person may see: everyone's for platform admins, else their own."""
    return Batch.objects.all() if user.is_superuser else Batch.objects.filter(created_by=user)


def _note(act: str, batch: Batch, by: Any, after: Mapping[str, Any]) -> None:
    record(
        act,
        by=by,
        subject=batch.title,
        after={"batch": batch.pk, **after},
        reason=batch.reason,
        document=batch.document,
    )


def _write(batch: Batch, new: list[NewItem]) -> None:
    rows = [
        BatchItem(
            batch=batch,
            number=each.number or place,
            code=each.code,
            name=each.name,
            site=each.site,
            wishes=dict(each.wishes),
        )
        for place, each in enumerate(new, start=1)
    ]
    by_code = {row.code: row for row in BatchItem.objects.bulk_create(rows, AT_ONCE)}
    later = []
    for row, each in zip(rows, new, strict=True):
        if each.after and each.after in by_code:
            row.after = by_code[each.after]
            later.append(row)
    BatchItem.objects.bulk_update(later, ["after"], AT_ONCE)


@task(title=gettext_lazy("Start of a batch"), retries=RETRIES, priority=BEHIND_OTHERS)
def spread(batch_id: int) -> None:
    """Put every item that can be done now into the queue."""
    Batch.objects.filter(pk=batch_id, started_at=None).update(started_at=timezone.now())
    ready = BatchItem.objects.filter(_READY, batch_id=batch_id, state=Item.WAITING)
    for pk in list(ready.values_list("pk", flat=True)):
        work_on.enqueue(pk)


@task(title=gettext_lazy("Item of a batch"), retries=RETRIES, priority=BEHIND_OTHERS)
def work_on(item_id: int) -> None:
    """Do one item, whoever else may have been told to do it too."""
    rows = BatchItem.objects.select_for_update(of=("self",)).filter(state=Item.WAITING)
    item = rows.select_related("batch__created_by", "site", "after").filter(pk=item_id).first()
    if item is None or item.batch.stopped_at:
        return
    if item.after and item.after.state == Item.WAITING:
        return  # whoever ends that one puts this one into the queue
    with translation.override(item.batch.language or get_language()):
        item.result, item.problems = "", []
        item.state = _done(item)
    item.finished_at = timezone.now()
    item.save(update_fields=["state", "result", "problems", "site", "finished_at"])
    _go_on(item)


def _go_on(item: BatchItem) -> None:
    for pk in BatchItem.objects.filter(after=item, state=Item.WAITING).values_list("pk", flat=True):
        work_on.enqueue(pk)
    # Of two items that end at once the second waits here, and then sees that it is the last.
    batch = Batch.objects.select_for_update(of=("self",)).get(pk=item.batch_id)
    if not batch.items.filter(state=Item.WAITING).exists():
        batch.finished_at = timezone.now()
        batch.save(update_fields=["finished_at"])


@every(minutes=1)
@task(title=gettext_lazy("Care for batches"), priority=BEHIND_OTHERS)
def care() -> None:
    """Mark items failed whose tasks were given up, since the workers died of them."""
    with shared_context():
        running = Batch.objects.filter(finished_at=None, stopped_at=None)
        waiting = BatchItem.objects.filter(batch__in=running, state=Item.WAITING)
        ready = list(waiting.filter(_READY).values_list("pk", "batch_id"))
        items, batches = (_in_the_queue(each) for each in (work_on, spread))
        for pk, batch_id in ready:
            if pk not in items and batch_id not in batches:
                _give_up(pk)


def _in_the_queue(task: Any) -> set[int]:
    """The arguments of those tasks that will run."""
    rows = QueuedTask.objects.filter(
        task_path=task.module_path, status__in=(Status.READY, Status.RUNNING)
    )
    return {arguments["args"][0] for arguments in rows.values_list("args_kwargs", flat=True)}


def _give_up(item_id: int) -> None:
    with transaction.atomic():
        rows = BatchItem.objects.select_for_update(of=("self",)).select_related("batch")
        item = rows.filter(pk=item_id, state=Item.WAITING).first()
        if item is None:
            return
        with translation.override(item.batch.language or get_language()):
            text = _("Given up: the worker was ended each time that it was at this.")
        item.state, item.problems, item.finished_at = Item.FAILED, [text], timezone.now()
        item.save(update_fields=["state", "problems", "finished_at"])
        _go_on(item)


def _done(item: BatchItem) -> BatchItem.State:
    """Do the item's work and say what has become of it; sets its result or its problems."""
    site = item.site
    try:
        with transaction.atomic():
            sentence = _worked(item)
            if item.batch.dry_run:
                transaction.set_rollback(True)
    except Exception as error:  # one item's error is no other item's
        if connection.connection is None or connection.connection.closed:
            raise  # nothing can be noted; the task is tried again
        item.site, item.problems = site, _sentences(error, item)
        found = kind_of(item.batch)
        if found and found.failed and not item.batch.dry_run:
            found.failed(item, item.batch)
        return Item.FAILED
    if item.batch.dry_run:
        item.site = site
    item.result = sentence or ""
    return Item.DONE if sentence is not None else Item.UNCHANGED


def _worked(item: BatchItem) -> str | None:
    batch = item.batch
    found = kind_of(batch)
    if found is None:
        raise BatchProblem(_("This version of the platform does not know the act."))
    if item.after and item.after.state == Item.FAILED:
        text = _("Left out, since %(code)s failed.")
        raise BatchProblem(text % {"code": item.after.code})
    _refuse_unless_allowed(item, found)
    sentence = found.work(item, batch)
    return None if sentence is None else str(sentence)


def _refuse_unless_allowed(item: BatchItem, found: Kind) -> None:
    """Who started it may have lost the right since, and no page asks again."""
    person: Any = item.batch.created_by
    if found.platform_only:
        allowed = person.is_active and person.is_superuser
    elif item.site_id:
        allowed = sites_of(person).filter(pk=item.site_id).exists()
    else:
        allowed = person.is_active
    if not allowed:
        raise BatchProblem(_("Who started the batch does not run this site any more."))


def _sentences(error: Exception, item: BatchItem) -> list[str]:
    if isinstance(error, BatchProblem | ProvisionError | PluginError):
        return list(error.problems)
    if isinstance(error, ValidationError):
        return list(error.messages)
    if isinstance(error, MembershipError | TaskRefused):
        return [str(error)]
    logger.error("Item %s of batch %s failed.", item, item.batch_id, exc_info=error)
    if isinstance(error, DatabaseError):
        reason = str(error).partition("\n")[0]
        return [_("The database refused: %(reason)s") % {"reason": reason}]
    text = _("An unforeseen error (%(kind)s); the worker's log tells more.")
    return [text % {"kind": type(error).__name__}]


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    from . import views as batch_views  # noqa: PLC0415 -- it shows what this module does

    return batch_views.urls()
