"""What may not be done to an account, and by whom (design, Identity)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from sitecluster.rights import roles as rights
from sitecluster.rights.reach import groups_within
from sitecluster.tenancy import Tenant, tenant_context

from .branches import groups_given_by, may_look_after
from .models import Delegation, Membership, User

MANAGE = "accounts.change_user"


class MembershipError(Exception):
    """Why an act on an account can't be done: one sentence for the person who asked."""


@contextmanager
def acting_on(tenant: Tenant) -> Iterator[None]:
    """For the length of the block: one transaction, in the site's schema.

    Raises `MembershipError` while the schema isn't what this code expects.
    """
    if tenant.behind:
        text = _("%(site)s is being upgraded; please try again later.")
        raise MembershipError(text % {"site": tenant.name})
    with transaction.atomic(), tenant_context(tenant):
        yield


def may_edit_profile(actor: User, user: User, tenant: Tenant) -> bool:
    """May ``actor`` change the account's name and address, suspend it, mail it a link?

    Of a site's admins only those of its home site, ``tenant``, may; a platform admin's account is
    nobody else's (design, Identity), and neither is that of someone with rights that ``actor``
    lacks, or to whom a branch of the cluster was delegated. Whoever runs a branch: see
    `branches.may_look_after`.
    """
    if actor.is_superuser:
        return True
    if user.is_superuser:
        return False
    return _may_as_site_admin(actor, user, tenant) or may_look_after(actor, user)


def address_refusal(actor: User, user: User, tenant: Tenant) -> str:
    """Why ``actor`` can't have the account take another address, at which it then gets its links;
    "" if they may.

    That is as good as the account, so a site admin may for somebody who works on this site alone:
    on another one the account may hold what the admin lacks.
    """
    if not may_edit_profile(actor, user, tenant):
        return _("Only admins of the home site may change this.")
    if may_look_after(actor, user) or not _works_elsewhere(user, tenant):
        return ""
    return _(
        "The account works on other sites too; the person or a platform admin changes its address."
    )


def _works_elsewhere(user: User, tenant: Tenant) -> bool:
    held = Membership.objects.filter(user_id=user.pk, ended_at=None)
    return held.exclude(tenant_id=tenant.id).exclude(tenant__state="removed").exists()


def _may_as_site_admin(actor: User, user: User, tenant: Tenant) -> bool:
    if user.home_site_id != tenant.id:
        return False
    if Delegation.objects.filter(user_id=user.pk, ended_at=None).exists():
        return False
    with tenant_context(tenant):
        return actor.has_perm(MANAGE) and within_reach(actor, user)


def within_reach(actor: User, user: User) -> bool:
    """Does ``user`` hold no group of the active site that ``actor`` couldn't give?"""
    held = Group.objects.filter(usergroup__user_id=user.pk)
    return not held.exclude(pk__in=groups_within(actor)).exists()


def guard(user: User, wanted: list[Group], by: User | None) -> None:
    """Raise `MembershipError` unless ``by`` may leave ``user`` with just these groups."""
    if by is None or by.is_superuser:
        return
    if user.is_superuser:
        raise MembershipError(_("Only platform admins may do this."))
    # Two admins who take each other's role at the same moment queue here.
    admins = Group.objects.select_for_update(no_key=True).filter(name=rights.SITE_ADMIN.name)
    admin = admins.first()
    held = set(Group.objects.filter(usergroup__user_id=user.pk))
    beyond = (held ^ set(wanted)) - set(groups_given_by(by))
    if beyond:
        names = "、".join(sorted(group.name for group in beyond))
        text = _("You may not give or take %(roles)s: it holds rights that you lack.")
        raise MembershipError(text % {"roles": names})
    if admin in held and admin not in wanted and not _other_admins(user):
        raise MembershipError(
            _("%(user)s is the site's last admin; a platform admin can change that.")
            % {"user": user}
        )


def keep_a_platform_admin(user: User) -> None:
    """Raise `MembershipError` if the cluster had no platform admin without ``user``.

    To be asked before the account itself is locked: all of them queue here in the same order.
    """
    admins = User.everyone.select_for_update(of=("self",)).order_by("pk")
    if {admin.pk for admin in admins.filter(is_superuser=True, is_active=True)} == {user.pk}:
        text = _("%(user)s is the last platform admin.")
        raise MembershipError(text % {"user": user})


def _other_admins(user: User) -> bool:
    members = User.objects.filter(is_active=True, groups__name=rights.SITE_ADMIN.name)
    return bool(members.exclude(pk=user.pk).exists())
