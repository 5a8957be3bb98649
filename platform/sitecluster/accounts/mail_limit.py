"""How many links are mailed to one address (against flooding somebody's mailbox)."""

from datetime import timedelta

from django.utils import timezone
from django.utils.crypto import salted_hmac

from .credentials import SentLink

LINKS = 5
PERIOD = timedelta(hours=1)


def may_mail(address: str) -> bool:
    """May one more link be mailed to ``address``? Counts it if so; known and unknown alike."""
    digest = salted_hmac("sitecluster.mail", address.strip().lower(), algorithm="sha256")
    since = timezone.now() - PERIOD
    SentLink.objects.filter(sent_at__lt=since).delete()
    if SentLink.objects.filter(address=digest.hexdigest()).count() >= LINKS:
        return False
    SentLink.objects.create(address=digest.hexdigest())
    return True
