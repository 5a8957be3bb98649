"""What an admin does for a person who can't sign in any more."""

from django.db import transaction
from django.utils.translation import gettext as _

from sitecluster.audit.trail import record
from sitecluster.tenancy import required_tenant

from . import lockout, second_factor
from .membership import locked
from .models import User
from .refusals import MembershipError, may_edit_profile


def reset_second_factor(user: User, reason: str, *, by: User | None = None) -> None:
    """Take a lost second factor off the account and end its sessions.

    Raises `MembershipError` without a reason, for an account that has no second factor, and unless
    ``by`` (None: a command) is a platform admin, for an account that isn't at home on the active
    site. Nobody does it for themselves: they have their codes.
    """
    if not reason.strip():
        raise MembershipError(_("A reset needs a reason."))
    with transaction.atomic():
        user = locked(user)
        _may_help(user, by)
        if not second_factor.reset(user, reason.strip(), by=by):
            text = _("%(user)s has no second factor.")
            raise MembershipError(text % {"user": user.email})


def unlock(user: User, *, by: User | None = None) -> bool:
    """Let a person who failed too often try again; returns whether there was a failure.

    Raises `MembershipError` as `reset_second_factor` does.
    """
    with transaction.atomic():
        _may_help(user, by)
        return lockout.unlock(user, by=by)


def require_second_factor(
    user: User, required: bool, reason: str, *, by: User | None = None
) -> None:
    """Demand of the person a second factor on every site, or no longer; `gate` leads them to it.

    Raises `MembershipError` as `reset_second_factor` does.
    """
    if not reason.strip():
        raise MembershipError(_("This needs a reason."))
    with transaction.atomic():
        user = locked(user)
        _may_help(user, by)
        if user.second_factor_required == required:
            return
        user.second_factor_required = required
        user.save(update_fields=["second_factor_required"])
        record(
            "account.second_factor_set",
            by=by,
            subject=user.email,
            before={"second_factor": not required},
            after={"second_factor": required},
            reason=reason.strip(),
        )


def _may_help(user: User, by: User | None) -> None:
    if by is None:
        return
    if user == by or not may_edit_profile(by, user, required_tenant()):
        raise MembershipError(_("You may not do this with %(user)s.") % {"user": user})
