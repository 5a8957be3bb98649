"""Shutting an account out of the whole cluster, with a reason (A-225)."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sitecluster.audit.trail import record
from sitecluster.tenancy import required_tenant

from .membership import locked, withdraw_all
from .models import User
from .refusals import MembershipError, keep_a_platform_admin, may_edit_profile

SUSPENSION = ["is_active", "suspended_at", "suspended_by", "suspension_reason"]


def suspend(
    user: User,
    reason: str,
    *,
    by: User | None = None,
    document: str = "",
    sanction: bool = False,
) -> None:
    """Shut the account out of every site and end its sessions at once (A-225).

    API tokens made before are dead for good. ``sanction``: it is closed for bad work, with a
    criticism notice, which needs ``document``, the number of the decision. Raises
    `MembershipError` without a reason, for the last platform admin, and unless ``by`` (None: a
    command) is a platform admin, for an account that isn't theirs to look after.
    """
    if not reason.strip():
        raise MembershipError(_("A suspension needs a reason."))
    if sanction and not document.strip():
        raise MembershipError(_("A suspension as a sanction needs the number of its decision."))
    with transaction.atomic():
        if user.is_superuser and by is not None:
            keep_a_platform_admin(user)
        user = locked(user)
        _may_suspend(user, by)
        user.is_active = False
        user.suspended_at = user.sessions_valid_from = timezone.now()
        user.suspension_reason, user.suspended_by = reason.strip(), by
        user.save(update_fields=[*SUSPENSION, "sessions_valid_from"])
        withdraw_all(user)
        record(
            "account.suspended",
            by=by,
            subject=user.email,
            after={"sanction": True} if sanction else None,
            reason=user.suspension_reason,
            document=document.strip(),
        )


def reinstate(user: User, *, by: User | None = None, reason: str = "") -> None:
    """Let a suspended account in again; sessions and API tokens from before stay ended.

    Raises `MembershipError` as `suspend` does.
    """
    with transaction.atomic():
        user = locked(user)
        _may_suspend(user, by)
        if user.is_active:
            return
        before = {"reason": user.suspension_reason}
        user.is_active = True
        user.suspended_at = user.suspended_by = None
        user.suspension_reason = ""
        user.save(update_fields=SUSPENSION)
        record(
            "account.reinstated", by=by, subject=user.email, before=before, reason=reason.strip()
        )


def _may_suspend(user: User, by: User | None) -> None:
    if by is None or by.is_superuser:
        return
    tenant = required_tenant()
    if user == by or not may_edit_profile(by, user, tenant):
        raise MembershipError(_("You may not do this with %(user)s.") % {"user": user})
