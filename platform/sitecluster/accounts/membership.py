"""What may be done with an account and its membership of sites.

Each function is one transaction; groups are written in the site's own schema.
"""

from collections.abc import Iterable
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from sitecluster.rights import roles as rights
from sitecluster.tenancy import Tenant, tenant_context

from .models import Membership, User


class MembershipError(Exception):
    """Why an act on an account can't be done: one sentence for the person who asked."""


def find_account(email: str) -> User:
    """The account with this address; raises `MembershipError` if there is none."""
    try:
        return User.everyone.get_by_natural_key(email)
    except User.DoesNotExist:
        raise MembershipError(_("There is no account %(email)s.") % {"email": email}) from None


def add_member(
    email: str,
    tenant: Tenant,
    roles: Iterable[str],
    *,
    name: str = "",
    password: str | None = None,
    by: User | None = None,
) -> tuple[User, bool]:
    """Make the account if there is none, its membership of the site, and add ``roles`` (codes).

    Returns the account and whether it is new. An account that exists keeps its name, its
    password (unless it has none yet) and its home site. Raises `MembershipError` for a bad
    address, password or role, and for a suspended account.
    """
    codes = _known_roles(roles)
    with transaction.atomic(), tenant_context(tenant):
        user, created = _find_or_create(_valid_email(email), name, password)
        if user.suspended_at:
            raise MembershipError(_("The account %(user)s is suspended.") % {"user": user.email})
        if user.home_site_id is None:
            user.home_site_id = tenant.id
            user.save(update_fields=["home_site"])
        membership = Membership.objects.get_or_create(
            user=user, tenant_id=tenant.id, defaults={"added_by": by}
        )[0]
        if membership.ended_at:
            membership.added_by, membership.ended_at, membership.ended_by = by, None, None
        rights.grant(user, codes)
        _mirror(user, membership)
    return user, created


def end_membership(user: User, tenant: Tenant, *, by: User | None = None) -> None:
    """Take the account off the site, with every right it has there.

    Raises `MembershipError` if it isn't a member.
    """
    with transaction.atomic(), tenant_context(tenant):
        membership = _active(user, tenant)
        rights.revoke(user)
        membership.ended_at, membership.ended_by = timezone.now(), by
        _mirror(user, membership)


def set_groups(user: User, tenant: Tenant, groups: Iterable[Group]) -> None:
    """Give the member exactly these groups of the site; raises `MembershipError`."""
    with transaction.atomic(), tenant_context(tenant):
        membership = _active(user, tenant)
        rights.assign(user, groups)
        _mirror(user, membership)


def suspend(user: User, reason: str, *, by: User | None = None) -> None:
    """Shut the account out of every site and end its sessions (design, Identity).

    Raises `MembershipError` without a reason.
    """
    if not reason.strip():
        raise MembershipError(_("A suspension needs a reason."))
    user.is_active = False
    user.suspended_at = user.sessions_valid_from = timezone.now()
    user.suspension_reason, user.suspended_by = reason.strip(), by
    user.save(update_fields=[*SUSPENSION, "sessions_valid_from"])


def reinstate(user: User) -> None:
    """Let a suspended account in again; sessions from before stay ended."""
    user.is_active = True
    user.suspended_at = user.suspended_by = None
    user.suspension_reason = ""
    user.save(update_fields=SUSPENSION)


SUSPENSION = ["is_active", "suspended_at", "suspended_by", "suspension_reason"]


def one_time_link(user: User, tenant: Tenant) -> str:
    """An address on the site's admin host at which the member sets a password, once.

    It holds for ``PASSWORD_RESET_TIMEOUT`` seconds and until the next sign-in.
    """
    path = reverse(
        "wagtailadmin_password_reset_confirm",
        urlconf=settings.ROOT_URLCONF,
        kwargs={
            "uidb64": urlsafe_base64_encode(force_bytes(user.pk)),
            "token": default_token_generator.make_token(user),
        },
    )
    return urljoin(tenant.admin_url, path)


def may_edit_profile(actor: User, user: User, tenant: Tenant) -> bool:
    """May ``actor``, who manages the site's members, change the account's name and address?

    Only admins of its home site and platform admins may, and a platform admin's account is
    nobody else's (design, Identity).
    """
    if actor.is_superuser:
        return True
    return user.home_site_id == tenant.id and not user.is_superuser


def _find_or_create(email: str, name: str, password: str | None) -> tuple[User, bool]:
    user, created = User.everyone.get_or_create(
        email=email, defaults={"first_name": name.strip(), "password": make_password(None)}
    )
    if not user.first_name:
        user.first_name = name.strip()
    if password is not None and not user.has_usable_password():
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise MembershipError(" ".join(error.messages)) from None
        user.set_password(password)
    user.save()
    return user, created


def _active(user: User, tenant: Tenant) -> Membership:
    try:
        return Membership.objects.select_for_update().get(
            user=user, tenant_id=tenant.id, ended_at=None
        )
    except Membership.DoesNotExist:
        text = _("%(user)s is not a member of %(site)s.")
        raise MembershipError(text % {"user": user.email, "site": tenant.name}) from None


def _mirror(user: User, membership: Membership) -> None:
    """Note the site's groups in the shared schema, and forget what the account object knew."""
    membership.roles = rights.roles_of(user)
    membership.save()
    forget_rights(user)


def forget_rights(user: User) -> None:
    """Drop what an account object remembers of one site: memberships, permissions, profile."""
    for name in REMEMBERED:
        user.__dict__.pop(name, None)
    user._state.fields_cache.pop("wagtail_userprofile", None)


REMEMBERED = (
    "_known_memberships",
    "_perm_cache",
    "_user_perm_cache",
    "_group_perm_cache",
    "_page_permission_cache",
    "_site_permission_cache",
    "_collection_permission_cache",
)


def _valid_email(email: str) -> str:
    try:
        validate_email(email.strip())
    except ValidationError:
        raise MembershipError(_("%(email)s is no email address.") % {"email": email}) from None
    return email.strip().lower()


def _known_roles(roles: Iterable[str]) -> list[str]:
    codes = list(roles)
    unknown = [code for code in codes if code not in rights.ROLES]
    if unknown:
        raise MembershipError(
            _("There is no role %(role)s; choose from %(roles)s.")
            % {"role": ", ".join(unknown), "roles": ", ".join(rights.ROLES)}
        )
    return codes
