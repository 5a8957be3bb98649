"""A message is taken in."""

import hashlib
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import get_language

from . import limits
from .models import Message
from .receipts import new_number


class TooMany(Exception):
    """So many messages came from there that no more is taken for a while."""


def take(values: Mapping[str, str], sender: str) -> Message:
    """Keep what a citizen has sent; ``values`` are those of `forms.MessageForm`.

    The same form sent twice, as by a double click, gives the message of the first time. Raises
    `TooMany` and then has kept nothing.
    """
    facts = {name: values[name] for name in ("kind", "place", "text", "contact")}
    form = hashlib.sha256("\0".join([values["token"], *facts.values()]).encode()).hexdigest()
    with transaction.atomic():
        allowed = limits.may_send(sender)
        known = Message.objects.filter(form=form).first()
        if known is not None:
            return known
        if not allowed:
            raise TooMany
        return Message.objects.create(
            **facts,
            number=new_number(),
            form=form,
            sender=sender,
            language=get_language() or "",
        )
