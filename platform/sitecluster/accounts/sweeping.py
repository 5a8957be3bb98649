"""What has run out is deleted: sessions, and the memory of mails that were sent."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sitecluster.tasks.periods import every
from sitecluster.tasks.queue import task

from .credentials import SentLink

REMEMBERED = timedelta(days=1)  # the limit of mails counts those of an hour


@every(hours=1)
@task(title=_("Removal of sessions that have ended"), priority=-50)
def sweep() -> None:
    """Delete sessions past their time, and mails that no limit counts any more."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    SentLink.objects.filter(sent_at__lt=now - REMEMBERED).delete()
