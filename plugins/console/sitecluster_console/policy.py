"""Who sees and runs which sites in the console.

Platform admins run every site, a delegate the branches given to them (`accounts.Delegation`).
Wagtail's generic views ask a policy about the model and never about the row, so every view takes
its rows from `sites_of`.
"""

from typing import Any

from django.db.models import QuerySet
from wagtail.permission_policies import BasePermissionPolicy

from sitecluster.accounts.models import Delegation, User
from tenants.models import State, Tenant

ACTIONS = {"add", "change", "view"}  # a site is closed by an act, never deleted


def may_enter(user: Any) -> bool:
    """May the person enter the console at all?"""
    if not user.is_authenticated or not user.is_active:
        return False
    return runs_any(user) or bool(user.branch(Delegation.Role.APPLICANT))


def runs_any(user: Any) -> bool:
    """Does the person run the cluster or a branch of it?"""
    branch = user.branch()
    return branch is None or bool(branch)


def sites_of(user: Any, role: str = Delegation.Role.MANAGER) -> QuerySet[Tenant]:
    """The sites that the person runs, templates of new ones and removed ones left out."""
    standing = Tenant.objects.filter(is_blueprint=False).exclude(state=State.REMOVED)
    branch = user.branch(role)
    return standing if branch is None else standing.filter(pk__in=branch)


class BranchPolicy(BasePermissionPolicy):
    """What Wagtail asks about sites; no row of auth.Permission is asked."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action in ACTIONS and may_enter(user)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Tenant) -> bool:
        return action in ACTIONS and sites_of(user).filter(pk=instance.pk).exists()

    def instances_user_has_any_permission_for(self, user: Any, actions: Any) -> "QuerySet[Tenant]":
        return sites_of(user) if ACTIONS.intersection(actions) else Tenant.objects.none()

    def users_with_any_permission(self, actions: Any) -> "QuerySet[User]":
        everyone = User.everyone.filter(is_active=True)
        running = everyone.filter(delegations__ended_at=None, delegations__isnull=False)
        return (everyone.filter(is_superuser=True) | running).distinct()
