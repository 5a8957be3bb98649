"""The second factor: an app's code, and recovery codes for the day the phone is lost.

An account that has one gives it at every sign-in, on whatever site. A site, the cluster
(``REQUIRE_SECOND_FACTOR``) and always the control site demand that there be one, and so may an
admin of a single person (``User.second_factor_required``), on every site.
"""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django_otp.util import random_hex

from sitecluster.audit.trail import record
from sitecluster.tenancy import CONTROL, Tenant

from .credentials import CODE, KEY_BYTES, Authenticator, RecoveryCodes, plain
from .models import User

VERIFIED, SEED = "second_factor", "second_factor_seed"  # keys of the session
CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
CODE_LENGTH = 10  # of 31 letters: 49 bits


class WrongCode(Exception):
    """A code that isn't accepted: one sentence for the person."""


def is_control(tenant: Tenant) -> bool:
    """Is it the site from which the cluster is run, outside a trial on one machine?"""
    return tenant.kind == CONTROL and not settings.TRIAL_WITHOUT_SECOND_FACTOR


def is_required(tenant: Tenant) -> bool:
    """Must whoever works on the site have a second factor?"""
    return is_control(tenant) or settings.REQUIRE_SECOND_FACTOR or tenant.second_factor


def is_required_of(user: User, tenant: Tenant) -> bool:
    """Must this person have one on this site? No statement."""
    return user.second_factor_required or is_required(tenant)


def is_enrolled(user: User) -> bool:
    """Has the account a second factor? No statement."""
    return user.second_factor_since is not None


def is_owed(request: HttpRequest) -> bool:
    """Must the session's person still give the second factor that the account has?"""
    user: Any = request.user
    return is_enrolled(user) and request.session.get(VERIFIED) != _mark(user)


def accept(request: HttpRequest) -> None:
    """The session's person has given it: all sites know by the session, under a new key."""
    user: Any = request.user
    request.session.cycle_key()
    request.session[VERIFIED] = _mark(user)


def _mark(user: User) -> str:
    """Names this enrolment, so that a session of an earlier one isn't taken for complete."""
    return user.second_factor_since.isoformat() if user.second_factor_since else ""


def draft(user: User, session: SessionBase) -> Authenticator:
    """The device that the person is about to enrol; the same until it is, nothing is saved."""
    seed = session.setdefault(SEED, random_hex(KEY_BYTES))
    return Authenticator(user=user, name="app", key=seed, confirmed=False)


@transaction.atomic
def enrol(user: User, device: Authenticator, code: str) -> list[str]:
    """Make ``device`` the account's second factor; returns its recovery codes.

    Raises `WrongCode` if ``code`` isn't what it shows now, or if there is a second factor already.
    """
    locked = User.everyone.select_for_update().get(pk=user.pk)
    if is_enrolled(locked):
        raise WrongCode(_("The account has a second factor already."))
    if not device.confirm(plain(code)):
        raise WrongCode(_("This code isn't right. Check that the phone's clock is."))
    user.second_factor_since = timezone.now()
    user.save(update_fields=["second_factor_since"])
    record("second_factor.enrolled", by=user, subject=user.email)
    return _new_codes(user)


def verify(user: User, code: str) -> None:
    """Take the code of the app, or a recovery code and use it up.

    Raises `WrongCode`, also for a code that was used before and for one that comes too soon after
    a wrong one.
    """
    text = plain(code)
    model = Authenticator if CODE.fullmatch(text) else RecoveryCodes
    with transaction.atomic():  # ends before the error, so that the failure is kept
        device = model.objects.select_for_update().filter(user=user, confirmed=True).first()
        allowed = device is not None and device.verify_is_allowed()[0]
        right = allowed and device.verify_token(text)
        if right and model is RecoveryCodes:
            record("recovery.used", by=user, subject=user.email, after={"left": left(user)})
    if device is not None and not allowed:
        raise WrongCode(_("Too soon after a wrong code. Wait a moment and try again."))
    if not right:
        raise WrongCode(_("This code isn't right, or it has been used."))


def left(user: User) -> int:
    """How many recovery codes the account has."""
    device = RecoveryCodes.objects.filter(user=user).first()
    return device.token_set.count() if device else 0


@transaction.atomic
def renew(user: User) -> list[str]:
    """New recovery codes in place of the old ones; the caller has verified the person."""
    record("recovery.renewed", by=user, subject=user.email)
    return _new_codes(user)


@transaction.atomic
def remove(user: User) -> None:
    """The account has no second factor any more; the caller has verified the person."""
    _delete(user)
    record("second_factor.removed", by=user, subject=user.email)


@transaction.atomic
def reset(user: User, reason: str, *, by: User | None = None) -> bool:
    """Take a lost second factor off the account and end its sessions; False if it has none."""
    if not is_enrolled(user):
        return False
    _delete(user)
    user.sessions_valid_from = timezone.now()
    user.save(update_fields=["sessions_valid_from"])
    record("second_factor.reset", by=by, subject=user.email, reason=reason)
    return True


def _delete(user: User) -> None:
    Authenticator.objects.filter(user=user).delete()
    RecoveryCodes.objects.filter(user=user).delete()
    user.second_factor_since = None
    user.save(update_fields=["second_factor_since"])


def _new_codes(user: User) -> list[str]:
    RecoveryCodes.objects.filter(user=user).delete()
    device = RecoveryCodes.objects.create(user=user, name="recovery")
    codes = [_random_code() for _number in range(CODES)]
    for code in codes:
        device.token_set.create(token=device.digest(plain(code)))
    return codes


def _random_code() -> str:
    letters = "".join(secrets.choice(LETTERS) for _place in range(CODE_LENGTH))
    half = CODE_LENGTH // 2
    return f"{letters[:half]}-{letters[half:]}"
