"""Receipt numbers: whoever has one may ask what has become of the message.

``20261122-K7M2-9QXD``: the day, and eight signs by chance, none of which looks like another.
"""

import re
import secrets

from django.core import signing

from sitecluster.cms.slugs import today

SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
GROUP = 4
AN_HOUR = 3600  # seconds
_signer = signing.TimestampSigner(salt="sitecluster.feedback.receipt")


def new_number() -> str:
    """A number of today; two alike are as good as impossible and the database refuses them."""
    signs = ["".join(secrets.choice(SIGNS) for _ in range(GROUP)) for _ in range(2)]
    return "-".join([f"{today():%Y%m%d}", *signs])


def tidy(text: str) -> str:
    """The number that somebody has typed: capitals, with hyphens where they belong."""
    signs = re.sub(r"[\s\-－–—]", "", text).upper()
    return "-".join(part for part in (signs[:8], signs[8:12], signs[12:]) if part)


def ticket(key: int) -> str:
    """For an hour the address of the page that shows the number of the message ``key``; the number
    itself stands in no address and so in no log."""
    return _signer.sign(str(key))


def key_of(written: str) -> int | None:
    """The message that a ticket is for; None for one that is too old or nobody gave out."""
    try:
        return int(_signer.unsign(written, max_age=AN_HOUR))
    except (signing.BadSignature, ValueError):
        return None
