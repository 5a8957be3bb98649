"""What may be done with an account and its membership of sites.

Each function is one transaction; groups are written in the site's own schema.
"""

from collections.abc import Iterable
from typing import Any
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
from wagtail.models import APIToken, PageSubscription

from sitecluster.audit.trail import record
from sitecluster.rights import roles as rights
from sitecluster.tenancy import CONTROL, Tenant

from .branches import DELEGATES
from .models import Delegation, Invitation, Membership, Outcome, User
from .refusals import MembershipError as MembershipError, acting_on, guard


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

    At once and without asking the person, hence for platform admins and commands alone; site
    admins invite (`invitations`). Returns the account and whether it is new. An account that
    exists keeps its name, its password (unless it has none yet) and its home site. Raises
    `MembershipError` for a bad address, password or role, and for a suspended account.
    """
    codes = _known_roles(roles)
    with acting_on(tenant):
        user, created = _find_or_create(valid_email(email), name, password)
        if user.home_site_id is None:
            user.home_site_id = tenant.id
            user.save(update_fields=["home_site"])
        join(user, tenant, rights.groups_of(codes), act="member.added", by=by)
    return user, created


def join(
    user: User,
    tenant: Tenant,
    groups: Iterable[Group],
    *,
    act: str,
    by: User | None,
    added_by: User | None = None,
) -> None:
    """Make ``user`` a member, if it isn't one, and add ``groups``; record ``act`` if that changed
    something. For `add_member` and `invitations`, in a transaction and the site's schema.

    Raises `MembershipError` for a suspended account.
    """
    if not user.is_active:
        raise MembershipError(_("The account %(user)s is suspended.") % {"user": user.email})
    membership, opened = Membership.objects.select_for_update().get_or_create(
        user=user, tenant_id=tenant.id, defaults={"added_by": added_by or by}
    )
    if membership.ended_at:
        membership.added_by, membership.ended_at, membership.ended_by = added_by or by, None, None
        opened = True
    before = membership.roles
    rights.give(user, groups)
    _mirror(user, membership)
    if opened or membership.roles != before:
        _record(act, membership, before, by)


def end_membership(user: User, tenant: Tenant, *, by: User | None = None, reason: str = "") -> None:
    """Take the account off the site, with every right and API token it has there.

    What it has asked others to join is withdrawn. Raises `MembershipError` if it isn't a member,
    and unless ``by`` (None: a command) is a platform admin, for the last site admin and for
    someone with rights that ``by`` lacks.
    """
    with acting_on(tenant):
        membership = _active(user, tenant)
        before = membership.roles
        guard(user, [], by)
        _refuse_delegate(user, tenant, [])
        rights.revoke(user)
        APIToken.objects.filter(user_id=user.pk, revoked_at=None).update(revoked_at=timezone.now())
        PageSubscription.objects.filter(user_id=user.pk).delete()
        membership.ended_at, membership.ended_by = timezone.now(), by
        _mirror(user, membership)
        withdraw_all(user, tenant_id=tenant.id)
        _record("member.ended", membership, before, by, reason)


@transaction.atomic
def end_memberships(
    user: User, tenants: Iterable[Tenant], *, by: User | None = None, reason: str = ""
) -> None:
    """Take the account off all these sites or, if one of them refuses, off none."""
    for tenant in tenants:
        end_membership(user, tenant, by=by, reason=reason)


def set_groups(
    user: User, tenant: Tenant, groups: Iterable[Group], *, by: User | None = None
) -> None:
    """Give the member exactly these groups of the site.

    Raises `MembershipError` if it isn't a member, and unless ``by`` (None: a command) is a
    platform admin, for a group with rights that ``by`` lacks and for the last site admin's role.
    """
    wanted = list(groups)
    with acting_on(tenant):
        membership = _active(user, tenant)
        before = membership.roles
        guard(user, wanted, by)
        _refuse_delegate(user, tenant, wanted)
        rights.assign(user, wanted)
        _mirror(user, membership)
        if membership.roles != before:
            _record("member.roles_set", membership, before, by)


def move_home(user: User, tenant: Tenant, *, by: User | None = None) -> None:
    """Make ``tenant`` the site whose admins look after the account.

    Raises `MembershipError` if ``by`` is no platform admin (None: a command) or the account is no
    member there.
    """
    if by is not None and not by.is_superuser:
        raise MembershipError(_("Only platform admins may do this."))
    with acting_on(tenant):
        _active(user, tenant)
        user = locked(user)
        before = user.home_site and user.home_site.code
        user.home_site_id = tenant.id
        user.save(update_fields=["home_site"])
        record(
            "account.home_moved",
            by=by,
            subject=user.email,
            before={"home": before},
            after={"home": tenant.code},
        )


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


def locked(user: User) -> User:
    """Refresh what the caller holds, under a lock."""
    fresh = User.everyone.select_for_update(of=("self",)).get(pk=user.pk)
    for field in User._meta.concrete_fields:
        setattr(user, field.attname, getattr(fresh, field.attname))
    return user


def withdraw_all(user: User, **where: Any) -> None:
    """Nobody joins on the word of someone who has left."""
    Invitation.objects.filter(invited_by=user, closed_at=None, **where).update(
        closed_at=timezone.now(), outcome=Outcome.WITHDRAWN
    )


def _record(
    act: str, membership: Membership, before: list[str], by: User | None, reason: str = ""
) -> None:
    record(
        act,
        by=by,
        subject=membership.user.email,
        before={"roles": before},
        after={"roles": membership.roles},
        reason=reason.strip(),
    )


def _find_or_create(email: str, name: str, password: str | None) -> tuple[User, bool]:
    user, created = User.everyone.get_or_create(
        email=email, defaults={"first_name": name.strip(), "password": make_password(None)}
    )
    if not user.first_name:
        user.first_name = name.strip()
        user.save(update_fields=["first_name"])
    if password is not None and not user.has_usable_password():
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise MembershipError(" ".join(error.messages)) from None
        user.set_password(password)
        user.save()
    return user, created


def _refuse_delegate(user: User, tenant: Tenant, wanted: list[Group]) -> None:
    """What lets a delegate into the control site goes with the last delegation, not before."""
    if tenant.kind != CONTROL or any(group.name == DELEGATES for group in wanted):
        return
    if Delegation.objects.filter(user_id=user.pk, ended_at=None).exists():
        text = _("%(user)s runs a branch or asks for sites: end the delegations first.")
        raise MembershipError(text % {"user": user})


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


def mirror_again(people: Iterable[User], tenant: Tenant) -> None:
    """Note the groups of members anew, after a group was renamed or removed."""
    for user in people:
        _mirror(user, Membership.objects.get(user=user, tenant_id=tenant.id))


def forget_rights(user: User) -> None:
    """Drop what an account object remembers of one site: memberships, permissions, profile."""
    for name in REMEMBERED:
        user.__dict__.pop(name, None)
    user._state.fields_cache.pop("wagtail_userprofile", None)


REMEMBERED = (
    "_known_memberships",
    "_known_branches",
    "_perm_cache",
    "_user_perm_cache",
    "_group_perm_cache",
    "_page_permission_cache",
    "_site_permission_cache",
    "_collection_permission_cache",
)


def valid_email(email: str) -> str:
    """The address as accounts have it; raises `MembershipError` if it is none."""
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
