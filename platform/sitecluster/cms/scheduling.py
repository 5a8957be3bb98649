"""Pages that go live or expire at a set time."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from wagtail.models import Page, Revision

from .gates import PublicationRefused

logger = logging.getLogger(__name__)
PUBLISHED, EXPIRED = "wagtail.publish.scheduled", "wagtail.unpublish.scheduled"


@dataclass
class Run:
    """What the schedule did on one site."""

    published: list[str] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def run_schedule(dry: bool = False) -> Run:
    """Publish and expire what is due on the active site; ``dry`` only says what.

    What is refused is logged and left as it is; the rest goes on.
    """
    run = Run()
    now = timezone.now()
    for page in Page.objects.live().filter(expire_at__lt=now).order_by("expire_at"):
        _attempt(run, run.expired, str(page), dry, partial(_expire, page))
    due = Revision.objects.filter(approved_go_live_at__lt=now).order_by("approved_go_live_at")
    for revision in list(due):
        _attempt(
            run,
            run.published,
            revision.object_str,
            dry,
            partial(_publish, revision),
        )
    return run


def _expire(page: Page) -> None:
    page.unpublish(set_expired=True, log_action=EXPIRED)


def _publish(revision: Revision) -> None:
    revision.publish(log_action=PUBLISHED)


def _attempt(run: Run, done: list[str], title: str, dry: bool, step: Callable[[], Any]) -> None:
    try:
        if not dry:
            step()
    except (PublicationRefused, ValidationError) as problem:
        logger.warning("The schedule left out %s: %s", title, problem)
        run.refused.append(f"{title}: {problem}")
    else:
        done.append(title)
