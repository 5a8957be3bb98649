"""What a person's phone does."""

import time

from django.test import Client
from django_otp.oath import totp

from sitecluster.accounts.credentials import Authenticator
from sitecluster.accounts.models import User
from sitecluster.accounts.second_factor import VERIFIED, draft, enrol

STEP = 30  # seconds


def code_of(device: Authenticator, steps: int = 0) -> str:
    """What the app shows, or showed and will show some steps from now."""
    return f"{totp(device.bin_key, t0=int(-steps * STEP)):06d}"


def equip(user: User) -> tuple[Authenticator, list[str]]:
    """Give the account a second factor, as a while ago: the device and the recovery codes."""
    device = draft(user, {})  # type: ignore[arg-type]
    codes = enrol(user, device, code_of(device))
    Authenticator.objects.filter(pk=device.pk).update(last_t=int(time.time()) // STEP - 10)
    return device, codes


def verify_session(client: Client, user: User) -> None:
    """Mark the browser's session as one in which the second factor was given."""
    session = client.session
    assert user.second_factor_since is not None
    session[VERIFIED] = user.second_factor_since.isoformat()
    session.save()
