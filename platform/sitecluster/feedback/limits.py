"""How many messages one place may send to a site.

A place is the client's address, of IPv6 the half that one customer holds. Kept is a keyed hash
that changes with the day, beside the message, and only until the next day (`retention`).
"""

from datetime import timedelta

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from sitecluster.accounts.lockout import network
from sitecluster.cms.slugs import today

from .models import Message

AN_HOUR, A_DAY = 10, 30
"""Messages that a site takes from one place."""
ONE_HOUR = timedelta(hours=1)
ALONE = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def sender_of(request: HttpRequest) -> str:
    """What stands for the place that ``request`` comes from, today."""
    place = f"{today():%Y%m%d} {network(request)}"
    return salted_hmac("sitecluster.feedback.sender", place, algorithm="sha256").hexdigest()


def may_send(sender: str) -> bool:
    """May one more message come from here? Whoever asks holds the place until the transaction
    ends, so that many at once don't slip through. Three statements."""
    with connection.cursor() as cursor:
        cursor.execute(ALONE, [f"sitecluster.feedback.{sender}"])
    sent = Message.objects.filter(sender=sender)
    since = timezone.now() - ONE_HOUR
    return sent.filter(sent_at__gte=since).count() < AN_HOUR and sent.count() < A_DAY
