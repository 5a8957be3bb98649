"""What is done is forgotten after a day, what failed for good after a quarter of a year."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .claiming import Status
from .models import QueuedTask
from .periods import every
from .queue import task

DONE, FAILED = timedelta(days=1), timedelta(days=90)
AT_ONCE = 5_000


@every(minutes=10)
@task(title=_("Removal of tasks that are done"), priority=-50)
def prune() -> None:
    """Delete old rows of the queue, some thousands at a time."""
    now = timezone.now()
    for status, age in ((Status.SUCCESSFUL, DONE), (Status.FAILED, FAILED)):
        old = QueuedTask.objects.filter(status=status, finished_at__lt=now - age)
        QueuedTask.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:AT_ONCE])).delete()
