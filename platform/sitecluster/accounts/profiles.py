"""An account's name, address and password, and who may change them.

A new address holds once its reader has confirmed it: so nobody takes over the address of another
person, and asking says nothing about whether an account has it.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from sitecluster.audit.trail import record
from sitecluster.tenancy import Tenant

from . import mail
from .membership import locked, one_time_link, valid_email
from .models import User
from .refusals import MembershipError, address_refusal, keep_a_platform_admin, may_edit_profile

SALT = "sitecluster.address"


@dataclass(frozen=True)
class Change:
    """A new address that waits for its reader."""

    user: User
    email: str
    by: User


def edit(user: User, tenant: Tenant, *, by: User, reason: str = "", **fields: Any) -> None:
    """Set ``first_name`` or, as a platform admin, ``is_superuser`` and ``email`` at once.

    What is equal is left; raises `MembershipError` if ``by`` may not, the address is taken, or no
    platform admin would be left.
    """
    with transaction.atomic():
        if user.is_superuser and not fields.get("is_superuser", True):
            keep_a_platform_admin(user)
        user = locked(user)
        after = {name: value for name, value in fields.items() if getattr(user, name) != value}
        if not after:
            return
        if by != user and not may_edit_profile(by, user, tenant):
            raise MembershipError(_("Only admins of the home site may change this."))
        if not by.is_superuser and set(after) - {"first_name"}:
            raise MembershipError(_("Only platform admins may do this."))
        before = {name: getattr(user, name) for name in after}
        if "email" in after:
            _refuse_taken(after["email"], user)
        for name, value in after.items():
            setattr(user, name, value)
        user.save(update_fields=list(after))
        record(
            "account.edited",
            by=by,
            subject=user.email,
            before=before,
            after=after,
            reason=reason.strip(),
        )


def make_platform_admin(user: User) -> None:
    """Give the account every right everywhere; for commands. A second call changes nothing."""
    if not user.is_superuser:
        user.is_superuser = True
        user.save(update_fields=["is_superuser"])
        granted = {"is_superuser": True}
        record("account.edited", subject=user.email, before={"is_superuser": False}, after=granted)


def ask_for_address(user: User, email: str, tenant: Tenant, *, by: User) -> None:
    """Mail a link to ``email`` with which its reader makes it the account's address.

    It holds for ``PASSWORD_RESET_TIMEOUT`` seconds. Raises `MembershipError`.
    """
    refusal = "" if by == user else address_refusal(by, user, tenant)
    if refusal:
        raise MembershipError(refusal)
    address = valid_email(email)
    facts = {"user": user.pk, "old": user.email, "new": address, "by": by.pk, "site": tenant.id}
    token = signing.dumps(facts, salt=SALT)
    path = reverse("confirm_address", urlconf=settings.ROOT_URLCONF, args=[token])
    context = {"user": user, "site": tenant, "link": urljoin(tenant.admin_url, path)}
    with transaction.atomic():
        mail.send("new_address", address, context)
        record("account.address_asked", by=by, subject=user.email, after={"email": address})


def waiting_change(token: str, tenant: Tenant) -> Change:
    """The change that a mailed link asks for; raises `MembershipError` if it no longer holds."""
    gone = MembershipError(_("This link no longer holds."))
    try:
        facts = signing.loads(token, salt=SALT, max_age=settings.PASSWORD_RESET_TIMEOUT)
    except signing.BadSignature:
        raise gone from None
    people = {user.pk: user for user in User.everyone.filter(pk__in=[facts["user"], facts["by"]])}
    user, by = people.get(facts["user"]), people.get(facts["by"])
    if user is None or by is None or not by.is_active or facts["site"] != tenant.id:
        raise gone
    if user.email != facts["old"] or (by != user and address_refusal(by, user, tenant)):
        raise gone
    return Change(user, facts["new"], by)


def confirm_address(change: Change) -> None:
    """Make the address hold, and tell the old one. Raises `MembershipError`."""
    with transaction.atomic():
        before = change.user.email
        user = locked(change.user)
        if user.email != before:
            raise MembershipError(_("This link no longer holds."))
        _refuse_taken(change.email, user)
        user.email = change.email
        user.save(update_fields=["email"])
        record(
            "account.edited",
            by=change.by,
            subject=user.email,
            before={"email": before},
            after={"email": user.email},
        )
        mail.send("address_changed", before, {"user": user})


def mail_one_time_link(user: User, tenant: Tenant, *, by: User) -> str:
    """Mail a link for a new password to the member, and return it. Raises `MembershipError`."""
    if not may_edit_profile(by, user, tenant):
        raise MembershipError(_("Only admins of the home site may change this."))
    link = one_time_link(user, tenant)
    with transaction.atomic():
        mail.send("one_time_link", user.email, {"user": user, "site": tenant, "link": link})
        record("account.link_mailed", by=by, subject=user.email)
    return link


def _refuse_taken(email: str, user: User) -> None:
    if User.everyone.exclude(pk=user.pk).filter(email=email).exists():
        raise MembershipError(_("This email address can't be used."))
