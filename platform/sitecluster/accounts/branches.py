"""What a delegate may do with the people of the branch that they run (`models.Delegation`).

On the sites of the branch they give and take what a site admin there could. An account they look
after only if all that it may do lies within the branch too: taking it over then gives them nothing
that they lack.
"""

from django.contrib.auth.models import Group
from django.db.models import QuerySet

from sitecluster.rights.reach import groups_within, groups_within_admin
from sitecluster.rights.roles import ROLES
from sitecluster.tenancy import CONTROL, below, find_sites, required_tenant, tenant_context

from .models import Delegation, Membership, User

DELEGATES = "分级管理员"  # a group of the control site; its name is data


def groups_given_by(actor: User) -> QuerySet[Group]:
    """The active site's groups which ``actor`` may give and take, as a member or as the delegate
    who runs the site."""
    within = groups_within(actor)
    branch = actor.branch()
    if branch is None or required_tenant().id not in branch:
        return within
    return within | groups_within_admin()


def may_look_after(actor: User, user: User) -> bool:
    """May ``actor``, who runs a branch, suspend the account, reset what it signs in with, or
    change its name and address?

    Platform admins may. A delegate may for somebody else who is at home in the branch, is a member
    of its sites alone, runs less than they do (suspended or not: it could be let in again), and
    holds no group that a site admin couldn't give.
    """
    branch = actor.branch()
    if branch is None:
        return True
    if user.pk == actor.pk or user.is_superuser or user.home_site_id not in branch:
        return False
    return _runs_less(user, branch) and _works_within(user, branch)


def _runs_less(user: User, branch: frozenset[int]) -> bool:
    tops: dict[str, set[int]] = {role: set() for role in Delegation.Role.values}
    held = Delegation.objects.filter(user_id=user.pk, ended_at=None)
    for role, tenant_id in held.values_list("role", "tenant_id"):
        tops[role].add(tenant_id)
    runs, asks = (
        below(tops[role]) for role in (Delegation.Role.MANAGER, Delegation.Role.APPLICANT)
    )
    return runs < branch and asks <= branch


def _works_within(user: User, branch: frozenset[int]) -> bool:
    held = Membership.objects.filter(user_id=user.pk, ended_at=None)
    rows = held.exclude(tenant__state="removed")
    special = set()
    for tenant_id, kind, roles in rows.values_list("tenant_id", "tenant__kind", "roles"):
        if kind == CONTROL and roles == [DELEGATES]:
            continue  # what a delegation brings
        if tenant_id not in branch:
            return False
        if not set(roles) <= set(ROLES):
            special.add(tenant_id)
    return all(_within_admin(user, site) for site in find_sites(special))


def _within_admin(user: User, site: object) -> bool:
    with tenant_context(site):  # type: ignore[arg-type]
        held = Group.objects.filter(usergroup__user_id=user.pk)
        return not held.exclude(pk__in=groups_within_admin()).exists()
