"""What goes live or expires at a set time; the worker calls `keep` when it is due."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from wagtail.log_actions import LogFormatter, log
from wagtail.models import DraftStateMixin, Revision

from sitecluster.tasks import appointments
from sitecluster.tasks.queue import ON_TIME, task

from .gates import PublicationRefused
from .moments import KEEP, follow

logger = logging.getLogger(__name__)
PUBLISHED, EXPIRED = "wagtail.publish.scheduled", "wagtail.unpublish.scheduled"
REFUSED = "sitecluster.schedule.refused"
STEPS = 10  # more than an object can be due for at once
Step = tuple[datetime, Callable[[], Any]]


@task(retries=3, priority=ON_TIME)
def keep(subject: str) -> None:
    """Do what is due for an object of the active site, in the order in which it fell due.

    What is refused stays as it is, and why is written into the object's history; it is tried
    again when the object changes, and after pauses of five minutes to a day.
    """
    content_type, pk = subject.split(":", 1)
    key = int(content_type), pk
    try:
        with transaction.atomic():
            for _step in range(STEPS):
                steps = _due(key)
                if not steps:
                    break
                min(steps, key=lambda step: step[0])[1]()
            follow([key])
    except (PublicationRefused, ValidationError) as problem:
        _note(subject, key, problem)


class RefusalFormatter(LogFormatter):
    """What the history of an object says about a refusal."""

    label = gettext_lazy("Refuse what was scheduled")

    def format_message(self, log_entry: Any) -> str:
        return gettext("What was scheduled could not be done: %s") % log_entry.data["problem"]


def _due(key: tuple[int, str]) -> list[Step]:
    now = timezone.now()
    content_type, pk = key
    revisions = Revision.objects.filter(
        base_content_type_id=content_type, object_id=pk, approved_go_live_at__lte=now
    )
    steps: list[Step] = [
        (revision.approved_go_live_at, partial(revision.publish, log_action=PUBLISHED))
        for revision in revisions.order_by("approved_go_live_at")[:1]
    ]
    thing = _object(key)
    if thing is not None and thing.live and thing.expire_at and thing.expire_at <= now:
        steps.append((thing.expire_at, partial(_expire, thing)))
    return steps


def _object(key: tuple[int, str]) -> Any:
    """What the key means on the active site; None if it is gone or has no drafts."""
    model: Any = ContentType.objects.get_for_id(key[0]).model_class()
    if model is None or not issubclass(model, DraftStateMixin):
        return None
    return model._default_manager.filter(pk=key[1]).first()


def _expire(thing: Any) -> None:
    """Take it offline; what is to go live later still does, though Wagtail would drop it."""
    later = list(thing.revisions.filter(approved_go_live_at__isnull=False))
    thing.unpublish(set_expired=True, log_action=EXPIRED)
    for revision in later:
        Revision.objects.filter(pk=revision.pk).update(
            approved_go_live_at=revision.approved_go_live_at
        )


def _note(subject: str, key: tuple[int, str], refusal: Exception) -> None:
    if isinstance(refusal, PublicationRefused):
        problem = " ".join(map(str, refusal.problems))
    else:
        assert isinstance(refusal, ValidationError)
        problem = " ".join(refusal.messages)
    thing = _object(key)
    if appointments.refuse(KEEP, subject, problem) and thing is not None:
        logger.warning("The schedule left out %s: %s", thing, problem)
        log(instance=thing, action=REFUSED, data={"problem": problem})
