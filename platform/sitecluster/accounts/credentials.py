"""What an account proves itself with, beside its password.

TOTP keys and recovery codes of django-otp lie in its tables as derivatives of `SECRET_KEY`: whoever
reads the database alone can neither compute a code nor use a recovery code. Another `SECRET_KEY`
makes all of them worthless; `manage.py account reset-second-factor` then lets a person enrol anew.
"""

import re
import unicodedata
from base64 import b32encode
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

KEY_BYTES = 20  # RFC 4226, section 4: 160 bits
DIGEST_LENGTH = 16  # hexadecimal digits, which is what django-otp's column holds
CODE = re.compile(r"[0-9]{6}")


def plain(code: str) -> str:
    """What a person typed or pasted, in narrow letters and digits, without spaces and hyphens."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code)).lower()


class Authenticator(TOTPDevice):
    """A person's app that shows a code of six digits, new every 30 seconds (RFC 6238).

    The column holds a random seed; the key that the app knows follows from it and `SECRET_KEY`.
    """

    class Meta:
        proxy = True
        default_permissions = ()

    @property
    def bin_key(self) -> bytes:
        """The key, 20 bytes."""
        digest = salted_hmac("sitecluster.authenticator", self.key, algorithm="sha256").digest()
        return digest[:KEY_BYTES]

    @property
    def secret(self) -> str:
        """The key as the app takes it, in base 32."""
        return b32encode(self.bin_key).decode()

    def confirm(self, code: str) -> bool:
        """Is this the code that the app shows now? Saves the device if it is."""
        totp = TOTP(self.bin_key, self.step, self.t0, self.digits)
        if not CODE.fullmatch(code) or not totp.verify(int(code), self.tolerance):
            return False
        self.last_t = totp.t()  # the same code can't be used again
        self.confirmed = True
        self.save()
        return True


class RecoveryCodes(StaticDevice):
    """The codes with which a person signs in once each, without the app.

    Django-otp's table keeps a keyed digest of each.
    """

    class Meta:
        proxy = True
        default_permissions = ()

    def digest(self, code: str) -> str:
        """What stands in the table for ``code``."""
        value = f"{self.user_id} {code}"
        full = salted_hmac("sitecluster.recovery", value, algorithm="sha256").hexdigest()
        return full[:DIGEST_LENGTH]

    def verify_token(self, token: str) -> bool:
        """Use the code up; False if it isn't one of them."""
        known: bool = super().verify_token(self.digest(token))
        return known


class PasswordRecord(models.Model):
    """A password that an account has or had, as its hash."""

    user = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="password_records"
    )
    password = models.CharField(max_length=128)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.user} {self.created_at:%Y-%m-%d}"


class SentLink(models.Model):
    """A link was mailed to an address, of which a digest is kept."""

    address = models.CharField(max_length=64, db_index=True)
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.sent_at:%Y-%m-%d %H:%M}"
