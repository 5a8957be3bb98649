"""What may be done with an opening: ask, decide, withdraw, open (A-189, A-191, A-207).

Whoever runs the site above opens directly. Others ask; a manager of a branch that holds the site
above, or a platform admin, decides, and never about an own request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, Q, QuerySet, When
from django.utils import timezone
from django.utils.translation import gettext as _

from sitecluster.accounts.models import User
from sitecluster.audit.trail import record
from sitecluster.tenancy import shared_context
from sitecluster_console.shared.models import Opening
from tenants.models import Tenant

from . import mail as opening_mail, task as opening_task
from .forms import StepForm
from .steps import Step, fingerprint, keep, problems_of

State = Opening.State
STALE = timedelta(minutes=1)  # an opening that takes longer may be started again


class OpeningError(Exception):
    """An act on an opening can't be done; ``problems`` are sentences for the person."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


def own(user: Any) -> "QuerySet[Opening]":
    """What the person has begun, drafts included."""
    return Opening.objects.filter(asked_by=user)


def to_decide(user: Any) -> "QuerySet[Opening]":
    """The requests of others that the person may decide about, decided ones included."""
    others = Opening.objects.exclude(asked_by=user).filter(asked_at__isnull=False)
    branch = user.branch()
    return others if branch is None else others.filter(parent__in=branch)


def visible_to(user: Any) -> "QuerySet[Opening]":
    """Own openings, and the requests that the person may decide about."""
    decidable = to_decide(user).values("pk")
    return Opening.objects.filter(Q(asked_by=user) | Q(pk__in=decidable))


def undecided_first() -> Case:
    """The order of a list of requests."""
    return Case(When(state=State.REQUESTED, then=0), default=1)


def may_open(user: Any, parent: Tenant | None) -> bool:
    """May the person open a site below ``parent`` (None: at the top) without asking?"""
    branch = user.branch()
    return branch is None or (parent is not None and parent.pk in branch)


def may_decide(user: Any, opening: Opening) -> bool:
    """May the person decide about the request as it stands?"""
    return (
        opening.state == State.REQUESTED
        and opening.asked_by_id != user.pk
        and may_open(user, opening.parent)
    )


def answer(opening: Opening, step: Step, form: StepForm) -> Opening:
    """Keep the answers of a valid form; what another window has kept meanwhile stays.

    Raises `OpeningError` if the opening is no draft any more.
    """
    if opening.pk is None:
        keep(opening, step, form)
        opening.save()
        return opening
    with _holding(opening, State.DRAFT) as row:
        keep(row, step, form)
        row.problems = []
        row.save()
    return row


def open_directly(
    opening: Opening, seen: str, *, by: Any, reason: str = "", document: str = ""
) -> None:
    """Let the worker open the site of a draft. Raises `OpeningError`."""
    with _holding(opening, State.DRAFT) as row:
        _refuse_unread(row, seen)
        if not may_open(by, row.parent):
            raise OpeningError([_("You may ask for this site, not open it.")])
        _refuse_problems(row)
        row.reason, row.document = reason, document
        _approve(row, by)
        opening_task.enqueue(row)


def request(opening: Opening, seen: str, *, by: Any, reason: str, document: str) -> None:
    """Ask for the site of a draft; the mails go to those who decide. Raises `OpeningError`."""
    with _holding(opening, State.DRAFT) as row:
        _refuse_unread(row, seen)
        _refuse_problems(row)
        row.reason, row.document = reason, document
        row.state, row.asked_at = State.REQUESTED, timezone.now()
        row.decided_by = row.decided_at = None
        row.decision = row.decision_document = ""
        row.save()
        _note("opening.requested", row, by, reason, document)
        opening_mail.tell(row, "requested", opening_mail.superiors(row))


def withdraw(opening: Opening, *, by: Any) -> None:
    """Take an own request back. Raises `OpeningError`."""
    with _holding(opening, State.REQUESTED) as row:
        if row.asked_by_id != by.pk:
            raise OpeningError([_("Only who asked may withdraw the request.")])
        row.state = State.WITHDRAWN
        row.save()
        _note("opening.withdrawn", row, by)
        opening_mail.tell(row, "withdrawn", opening_mail.superiors(row))


def approve(opening: Opening, seen: str, *, by: Any, reason: str, document: str) -> None:
    """Grant a request; the worker opens the site. Raises `OpeningError`."""
    with _holding(opening, State.REQUESTED) as row:
        _refuse_unread(row, seen)
        _refuse_deciding(row, by)
        _refuse_problems(row)
        row.decision, row.decision_document = reason, document
        _approve(row, by)
        _note("opening.approved", row, by, reason, document)
        opening_mail.tell(row, "approved", [row.asked_by])
        opening_task.enqueue(row)


def decline(opening: Opening, *, by: Any, reason: str, document: str = "") -> None:
    """Refuse a request. Raises `OpeningError`."""
    with _holding(opening, State.REQUESTED) as row:
        _refuse_deciding(row, by)
        row.state, row.decided_by, row.decided_at = State.DECLINED, by, timezone.now()
        row.decision, row.decision_document = reason, document
        row.save()
        _note("opening.declined", row, by, reason, document)
        opening_mail.tell(row, "declined", [row.asked_by])


def is_late(opening: Opening) -> bool:
    """Has an approved opening waited so long that something must be wrong with the worker?"""
    decided = opening.decided_at
    approved = opening.state == State.APPROVED
    return approved and decided is not None and decided < timezone.now() - STALE


def may_retry(user: Any, opening: Opening) -> bool:
    """May the person start an approved opening again that has failed or takes too long?"""
    stuck = opening.state == State.FAILED or is_late(opening)
    return stuck and may_open(user, opening.parent)


def retry(opening: Opening, *, by: Any) -> None:
    """Let the worker try again with the same answers. Raises `OpeningError`."""
    with _holding(opening, State.FAILED, State.APPROVED) as row:
        if not may_retry(by, row):
            raise OpeningError([_("There is nothing to try again.")])
        row.state, row.problems = State.APPROVED, []
        if row.asked_at is None:
            row.decided_by = by
        row.decided_at = timezone.now()
        row.save()
        opening_task.enqueue(row)


def correct(opening: Opening, *, by: Any) -> None:
    """Make an own opening that failed a draft again; a request must then be made anew."""
    with _holding(opening, State.FAILED) as row:
        if row.asked_by_id != by.pk:
            raise OpeningError([_("Only who asked may correct the answers.")])
        row.state, row.asked_at, row.decided_by, row.decided_at = State.DRAFT, None, None, None
        row.save()


def draft_again(opening: Opening, *, by: Any) -> Opening:
    """A new draft with the answers of an own opening, of one that was declined for example."""
    return Opening.objects.create(answers=opening.answers, parent=opening.parent, asked_by=by)


def discard(opening: Opening, *, by: Any) -> None:
    """Delete an own draft. Raises `OpeningError`."""
    with _holding(opening, State.DRAFT) as row:
        if row.asked_by_id != by.pk:
            raise OpeningError([_("Only who asked may correct the answers.")])
        row.delete()


def _approve(row: Opening, by: Any) -> None:
    row.state, row.decided_by, row.decided_at = State.APPROVED, by, timezone.now()
    row.problems = []
    row.save()


def _refuse_deciding(row: Opening, by: Any) -> None:
    if row.asked_by_id == by.pk:
        raise OpeningError([_("Nobody decides about an own request.")])
    if not may_decide(by, row):
        raise OpeningError([_("This is not yours to decide.")])


def _refuse_unread(row: Opening, seen: str) -> None:
    if seen != fingerprint(row):
        text = _("The answers have changed in another window. Please read them again.")
        raise OpeningError([text])


def _refuse_problems(row: Opening) -> None:
    """Requests and openings queue here, so that two never get the same organ, code or address."""
    opening_task.queue_up()
    problems = problems_of(row, row.asked_by)
    if problems:
        raise OpeningError([problem["text"] for problem in problems])


def _note(act: str, row: Opening, by: User, reason: str = "", document: str = "") -> None:
    wanted = {key: value for key, value in row.answers.items() if not key.startswith("_")}
    record(act, by=by, subject=str(row), after=wanted, reason=reason, document=document)


@contextmanager
def _holding(opening: Opening, *states: str) -> Iterator[Opening]:
    """The row as it stands now, locked; raises `OpeningError` unless it is in one of ``states``."""
    with shared_context(), transaction.atomic():
        rows = Opening.objects.select_for_update(of=("self",)).filter(pk=opening.pk)
        row = rows.select_related("parent", "asked_by").first()
        if row is None or row.state not in states:
            now = row.get_state_display() if row else _("Deleted")
            text = _("Meanwhile this has become another: it is now “%(state)s”.")
            raise OpeningError([text % {"state": now}])
        yield row
