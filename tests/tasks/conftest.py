"""A queue that nobody works off unless the test does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect

from sitecluster.tasks.models import QueuedTask
from sitecluster.tenancy import tenant_context
from tenants.directory import Site


@pytest.fixture
def queue(settings: Any, db: None) -> None:
    """Tasks wait for `work_off`, as they do for a worker."""
    settings.TASKS_RUN_AT_ONCE = False


@pytest.fixture
def traces() -> Callable[[Site], list[str]]:
    """What the tasks of `jobs` have left on a site."""

    def read(site: Site) -> list[str]:
        with tenant_context(site):
            return sorted(Redirect.objects.values_list("old_path", flat=True))

    return read


def row_of(result: Any) -> QueuedTask:
    """The row of what `enqueue` returned, as the database has it."""
    return QueuedTask.objects.get(pk=result.id)


def let_time_pass() -> None:
    """Make everything that waits for a moment due."""
    past = timezone.now() - timedelta(seconds=1)
    QueuedTask.objects.filter(run_after__year__lt=9999).update(run_after=past)
