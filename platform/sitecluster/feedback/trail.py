"""What the audit trail tells of messages: who did what to which, and never what a citizen wrote."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from sitecluster.audit.trail import record

from .models import Message

TITLES = {
    "feedback.handled": _("Message of a citizen handled"),
    "feedback.deleted": _("Message of a citizen deleted"),
    "feedback.settings_changed": _("Keeping of citizens' messages changed"),
}
KEYS = {
    "contact_days": _("days for which contact details are kept"),
    "message_days": _("days for which messages are kept"),
    "answered": _("has an answer"),
}


def handled(message: Message, before: dict[str, Any]) -> None:
    """Record what the act under way made of a message; ``before`` is `facts` of earlier."""
    record("feedback.handled", subject=message.number, before=before, after=facts(message))


def deleted(message: Message) -> None:
    """Record that a person deleted a message."""
    record("feedback.deleted", subject=message.number, before=facts(message))


def facts(message: Message) -> dict[str, Any]:
    """What the trail may know of a message."""
    return {
        "kind": message.kind,
        "state": message.state,
        "answered": bool(message.answer),
    }
