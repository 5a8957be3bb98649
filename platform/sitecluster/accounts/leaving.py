"""Taking a person off every site at once."""

from django.db import transaction

from sitecluster.tenancy import find_sites

from . import delegation
from .membership import end_memberships
from .models import Delegation, Membership, User


@transaction.atomic
def leave_all(user: User, *, by: User, reason: str) -> int:
    """End every membership and delegation of the person that is ``by``'s to end; how many
    memberships.

    A delegate ends those of the sites that they run. Raises `MembershipError` if one of the sites
    refuses (`membership.end_membership`), and then none has ended.
    """
    held = Delegation.objects.filter(user_id=user.pk, ended_at=None)
    for given in held.select_related("user", "tenant"):
        if delegation.may_end(by, given):
            delegation.end(given, by=by, reason=reason)
    active = Membership.objects.filter(user_id=user.pk, ended_at=None)
    branch = by.branch()
    if branch is not None:
        active = active.filter(tenant_id__in=branch)
    sites = find_sites(active.values_list("tenant_id", flat=True))
    end_memberships(user, sites, by=by, reason=reason)
    return len(sites)
