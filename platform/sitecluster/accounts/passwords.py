"""Rules for passwords, and how long one holds (A-267: passwords are changed regularly)."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import ngettext

from sitecluster.audit.trail import record
from sitecluster.tenancy import serving

from .credentials import PasswordRecord
from .models import User


class CharacterClassesValidator:
    """Wants several of: small letters, capitals, digits, other characters.

    Their number is the setting ``PASSWORD_MIN_CLASSES``.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        if classes(password) < settings.PASSWORD_MIN_CLASSES:
            raise ValidationError(self.get_help_text(), code="password_too_plain")

    def get_help_text(self) -> str:
        """The rule in one sentence."""
        return ngettext(
            "Your password must contain at least %(number)d of: small letters, capital letters,"
            " digits, other characters.",
            "Your password must contain at least %(number)d of: small letters, capital letters,"
            " digits, other characters.",
            settings.PASSWORD_MIN_CLASSES,
        ) % {"number": settings.PASSWORD_MIN_CLASSES}


def classes(password: str) -> int:
    """How many of the four kinds of characters stand in ``password``."""
    kinds = {
        "small" if char.islower() else "capital" if char.isupper() else _other(char)
        for char in password
    }
    return len(kinds)


def _other(char: str) -> str:
    return "digit" if char.isdigit() else "other"


class HistoryValidator:
    """Refuses the account's last passwords; ``PASSWORD_HISTORY`` says how many.

    Django tells a validator of every password that has been set, which is where they are noted.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        if not settings.PASSWORD_HISTORY or user is None or user.pk is None:
            return
        if any(check_password(password, known) for known in _known(user)):
            raise ValidationError(self.get_help_text(), code="password_used_before")

    def get_help_text(self) -> str:
        """The rule in one sentence."""
        return ngettext(
            "Your password can't be the one that you have now.",
            "Your password can't be one of your last %(number)d.",
            max(settings.PASSWORD_HISTORY, 1),
        ) % {"number": settings.PASSWORD_HISTORY}

    def password_changed(self, password: str, user: User) -> None:
        """Note the new password, the time, and who has set it."""
        with transaction.atomic():
            user.password_changed_at = timezone.now()
            User.everyone.filter(pk=user.pk).update(password_changed_at=user.password_changed_at)
            PasswordRecord.objects.create(user=user, password=user.password)
            kept = user.password_records.values("pk")[: max(settings.PASSWORD_HISTORY, 1)]
            user.password_records.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
            record("password.changed", by=_actor(user), subject=user.email)


def _known(user: User) -> set[str]:
    """Hashes of the account's last passwords, the present one among them."""
    last = user.password_records.values_list("password", flat=True)[: settings.PASSWORD_HISTORY]
    return {user.password, *last}


def _actor(user: User) -> User | None:
    """Who sets the password: whoever is signed in, else the person with a one-time link."""
    around = serving()
    if around is None:
        return None
    actor = getattr(around.request, "user", None)
    return actor if actor is not None and actor.is_authenticated else user


def is_expired(user: User) -> bool:
    """Must the person set a new password before anything else? No statement."""
    days = settings.PASSWORD_MAX_AGE_DAYS
    return bool(days) and timezone.now() - user.password_changed_at > timedelta(days=days)
