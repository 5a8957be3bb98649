"""What citizens report about a site: errors found (找错) and suggestions.

Kinds of errors are those that monitoring counts; each is to be answered within 3 working days
(indicators D44). Contact details are given freely and forgotten as the site's settings say.
"""

from datetime import date, timedelta
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from sitecluster.audit.trail import record
from sitecluster.cms.slugs import today

WORKING_DAYS = 3
SATURDAY = 5
LONGEST_TEXT, LONGEST_PLACE = 2_000, 500  # characters


class Kind(models.TextChoices):
    """What is wrong, or that nothing is."""

    INACCURATE = "inaccurate", _("Something isn't right")
    TYPO = "typo", _("A wrong character or a slip of the pen")
    UNREACHABLE = "unreachable", _("A page or a link can't be opened")
    OUTDATED = "outdated", _("Content isn't kept up to date")
    UNANSWERED = "unanswered", _("A question was left without an answer")
    FORGED = "forged", _("False or forged content")
    OTHER = "other", _("Another error")
    SUGGESTION = "suggestion", _("A suggestion")


class State(models.TextChoices):
    """How far a message has come."""

    RECEIVED = "received", pgettext_lazy("state of a message", "Received")
    IN_HAND = "in_hand", pgettext_lazy("state of a message", "In hand")
    ANSWERED = "answered", pgettext_lazy("state of a message", "Answered")
    DISMISSED = "dismissed", pgettext_lazy("state of a message", "No case for this site")


OPEN = (State.RECEIVED, State.IN_HAND)
CLOSED = (State.ANSWERED, State.DISMISSED)


def due_after(day: date) -> date:
    """The third working day after ``day``; public holidays are no part of the reckoning."""
    left = WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < SATURDAY
    return day


def answer_due() -> date:
    """The day by which a message of today is to be answered."""
    return due_after(today())


class Message(models.Model):
    """One message of one citizen."""

    number = models.CharField(_("receipt number"), max_length=24, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    place = models.CharField(_("address of the page"), max_length=LONGEST_PLACE, blank=True)
    text = models.TextField(_("message"), max_length=LONGEST_TEXT)
    contact = models.CharField(_("contact details"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=10, editable=False)
    sent_at = models.DateTimeField(_("received at"), default=timezone.now, editable=False)
    due_on = models.DateField(_("to be answered by"), default=answer_due, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVED)
    answer = models.TextField(
        _("answer"),
        max_length=LONGEST_TEXT,
        blank=True,
        help_text=_("Shown to whoever asks with the receipt number."),
    )
    note = models.TextField(
        _("handling note"),
        max_length=LONGEST_TEXT,
        blank=True,
        help_text=_("For the people of this site; never shown to the public."),
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)
    # Whether one form was sent twice, and how many messages came from one place: keyed hashes,
    # the latter with the day in it and emptied on the next (`limits`, `retention`).
    form = models.CharField(max_length=64, editable=False)
    sender = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = pgettext_lazy("feedback", "message")
        verbose_name_plural = pgettext_lazy("feedback", "messages")
        ordering: ClassVar = ["-sent_at", "-pk"]
        default_permissions = ("view", "change", "delete")
        indexes: ClassVar = [
            models.Index(fields=["state", "-sent_at"], name="feedback_by_state"),
            models.Index(fields=["sender"], name="feedback_by_sender"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], name="feedback_one_number"),
            models.UniqueConstraint(fields=["form"], name="feedback_once_a_form"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        """Does somebody still have to answer?"""
        return self.state in OPEN

    @property
    def is_late(self) -> bool:
        """Is the day over by which an answer was due?"""
        return self.is_open and self.due_on < today()


@register_setting(icon="mail")
class FeedbackSettings(BaseSiteSetting):
    """How long a site keeps what citizens wrote; one row a site."""

    contact_days = models.PositiveIntegerField(
        _("days for which contact details are kept"),
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("Counted from the day on which the message was closed."),
    )
    message_days = models.PositiveIntegerField(
        _("days for which messages are kept"),
        default=730,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_(
            "Counted from the day on which the message was closed. Monitoring looks at those of"
            " the last year."
        ),
    )

    panels: ClassVar[list[Any]] = [FieldPanel("contact_days"), FieldPanel("message_days")]

    class Meta:
        verbose_name = _("settings of feedback")
        verbose_name_plural = _("settings of feedback")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Record what a person changed; the row itself is made when a screen first asks for it."""
        with transaction.atomic():
            changed = not self._state.adding
            super().save(*args, **kwargs)
            if changed:
                kept = {"contact_days": self.contact_days, "message_days": self.message_days}
                record("feedback.settings_changed", after=kept)
