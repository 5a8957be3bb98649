"""The sites between which a person switches."""

from sitecluster.tenancy import Tenant, all_sites, find_sites

from .models import User


def sites_of(user: User) -> list[Tenant]:
    """The sites where ``user`` may enter: first those of its memberships, by code.

    A platform admin may enter every site. One statement.
    """
    ids = set(user.memberships.filter(ended_at=None).values_list("tenant_id", flat=True))
    own = find_sites(ids)
    if user.is_superuser:
        own += [site for site in all_sites() if site.id not in ids]
    return own


def matching(sites: list[Tenant], text: str) -> list[Tenant]:
    """Those whose name or code contains ``text``."""
    wanted = text.strip().lower()
    return [site for site in sites if wanted in site.name.lower() or wanted in site.code]
