"""Once a day each site forgets what it needn't know any longer of those who wrote to it."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sitecluster.tasks.periods import every
from sitecluster.tasks.queue import task

from .models import CLOSED, FeedbackSettings, Message

ONE_DAY = timedelta(days=1)


@every(hours=24, each_site=True)
@task(title=_("Forgetting of citizens' messages"), priority=-50)
def forget() -> None:
    """Delete old messages and contact details of the active site, at most five statements.

    Who sent a message is forgotten after a day, closed or not.
    """
    now = timezone.now()
    kept = FeedbackSettings.objects.first() or FeedbackSettings()
    closed = Message.objects.filter(state__in=CLOSED)
    closed.filter(closed_at__lt=now - timedelta(days=kept.message_days)).delete()
    old = closed.filter(closed_at__lt=now - timedelta(days=kept.contact_days))
    old.exclude(contact="").update(contact="")
    Message.objects.filter(sent_at__lt=now - ONE_DAY).exclude(sender="").update(sender="")
