"""Which persons somebody who runs sites knows of, and what of them.

A platform admin knows everything. A delegate knows those who are members of a site of the branch,
and of them nothing that lies beyond it: neither on which sites they work there nor on how many.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from sitecluster.accounts.branches import DELEGATES as DELEGATES
from sitecluster.accounts.delegation import known_to
from sitecluster.accounts.models import Delegation, Invitation, Membership, User
from sitecluster.rights.roles import ROLES
from sitecluster.tenancy import Tenant as Site, find_sites, tenant_context
from sitecluster_console.policy import sites_of
from tenants.models import State, Tenant


def people_of(actor: User) -> QuerySet[User]:
    """The accounts that ``actor`` knows of."""
    return known_to(actor)


def memberships(actor: User) -> QuerySet[Membership]:
    """The memberships, ended ones too, that ``actor`` knows of."""
    return _within(actor, Membership.objects.exclude(tenant__state=State.REMOVED))


def invitations(actor: User) -> QuerySet[Invitation]:
    """The open invitations that ``actor`` knows of."""
    return _within(actor, Invitation.objects.filter(closed_at=None))


def delegations(actor: User) -> QuerySet[Delegation]:
    """The delegations that hold and that ``actor`` knows of."""
    return _within(actor, Delegation.objects.filter(ended_at=None))


def _within(actor: User, rows: Any) -> Any:
    branch = actor.branch()
    return rows if branch is None else rows.filter(tenant_id__in=branch)


def having(actor: User, site: str = "", role: str = "") -> Q:
    """Those with one membership of a site that ``site`` names, by code or part of the name, in the
    role ``role``."""
    rows = memberships(actor).filter(user=OuterRef("pk"), ended_at=None)
    if site:
        rows = rows.filter(Q(tenant__code__iexact=site) | Q(tenant__name__icontains=site))
    if role:
        rows = rows.filter(roles__contains=[role])
    return Q(Exists(rows))


def sites_named(actor: User, text: str) -> QuerySet[Tenant]:
    """Sites that ``actor`` runs with this code or this text in the name."""
    return sites_of(actor).filter(Q(code__iexact=text) | Q(name__icontains=text))


def not_seen_for(people: QuerySet[User], days: int) -> QuerySet[User]:
    """Those whose last sign-in, or without one whose account, is older than ``days``."""
    seen = people.annotate(seen_at=Coalesce("last_login", "date_joined"))
    return seen.filter(seen_at__lt=timezone.now() - timedelta(days=days))


def role_title(role: str) -> str:
    """What a role of a membership is called."""
    return ROLES[role].name if role in ROLES else role


def home_of(actor: User, user: User) -> Site | None:
    """The home site, as far as ``actor`` may know of it."""
    branch = actor.branch()
    if user.home_site_id is None or (branch is not None and user.home_site_id not in branch):
        return None
    return next(iter(find_sites([user.home_site_id])), None)


@contextmanager
def at_home(user: User) -> Iterator[None]:
    """In the home site, where the acts on an account are recorded, so that its admins and those
    who run the branch read of them; where there is none, on the site that is active."""
    for site in find_sites([user.home_site_id or 0]):
        with tenant_context(site):
            yield
        return
    yield
