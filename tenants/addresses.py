"""Where citizens find a site: adding, choosing, redirecting and dropping its addresses.

Every verb is one transaction with its audit entry; Wagtail's Site row follows the primary address,
and every process sees the change within a second. What is refused at one is refused at all: an
address that isn't one, another site's, the platform's, on a page that stands, or against the
patterns of `domain_rules`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext as _

from sitecluster.cms.addresses import sync_site
from sitecluster.tenancy import tenant_context

from . import directory
from .changing import changing, note
from .models import Domain, Kind, Tenant
from .orders import split_domain
from .provisioning import ProvisionError, refuse_behind, refuse_overlap, take_address


def change_address(
    code: str,
    domain: str,
    *,
    keep: bool = False,
    by: Any = None,
    reason: str = "",
    document: str = "",
) -> directory.Site:
    """Let citizens find the site at ``domain`` (``host`` or ``host/path``) from now on.

    With ``keep`` the address before stays a second one, so that old links go on working; the
    sites below keep theirs in any case. Raises `ProvisionError` and then has changed nothing.
    """
    with _changing("site.address_changed", code, by, reason, document) as tenant:
        host, prefix = split_domain(domain)
        tenant.domains.filter(host=host, prefix=prefix).delete()
        if keep:
            tenant.domains.update(is_primary=False)
        else:
            tenant.domains.filter(is_primary=True).delete()
        take_address(tenant, domain)
    return directory.record(tenant)


def add_address(
    code: str,
    domain: str,
    *,
    redirects: bool = False,
    by: Any = None,
    reason: str = "",
    document: str = "",
) -> directory.Site:
    """Give the site one more address; its first one is the primary one.

    With ``redirects`` it leads to the primary one. Raises `ProvisionError`.
    """
    with _changing("site.address_added", code, by, reason, document) as tenant:
        first = not tenant.domains.exists()
        take_address(tenant, domain, primary=first)
        host, prefix = split_domain(domain)
        if redirects and not first:
            tenant.domains.filter(host=host, prefix=prefix).update(redirects=True)
    return directory.record(tenant)


def make_primary(
    code: str,
    domain: str,
    *,
    redirect_old: bool = False,
    by: Any = None,
    reason: str = "",
    document: str = "",
) -> directory.Site:
    """Make one of the site's addresses the one that its pages link to.

    With ``redirect_old`` the primary address before leads there from now on. Raises
    `ProvisionError`.
    """
    with _changing("site.address_changed", code, by, reason, document) as tenant:
        place = _own(tenant, domain)
        if not place.is_primary:
            old = tenant.domains.filter(is_primary=True)
            changes = {"redirects": True} if redirect_old else {}
            old.update(is_primary=False, **changes)
            place.is_primary, place.redirects = True, False
            place.save(update_fields=["is_primary", "redirects"])
    return directory.record(tenant)


def redirect(
    code: str,
    domain: str,
    *,
    redirects: bool = True,
    by: Any = None,
    reason: str = "",
    document: str = "",
) -> directory.Site:
    """Let one of the site's further addresses lead to the primary one by 301, to the same path;
    with ``redirects=False`` it shows the pages itself again. Raises `ProvisionError`."""
    act = "site.address_redirected" if redirects else "site.address_shown"
    with _changing(act, code, by, reason, document) as tenant:
        place = _own(tenant, domain)
        if place.is_primary:
            raise ProvisionError([_("The primary address leads nowhere else.")])
        place.redirects = redirects
        place.save(update_fields=["redirects"])
    return directory.record(tenant)


def drop_address(
    code: str, domain: str, *, by: Any = None, reason: str = "", document: str = ""
) -> directory.Site:
    """Take one of the site's further addresses away; raises `ProvisionError`."""
    with _changing("site.address_dropped", code, by, reason, document) as tenant:
        place = _own(tenant, domain)
        if place.is_primary:
            text = _("The primary address can't be taken away: make another one primary first.")
            raise ProvisionError([text])
        place.delete()
    return directory.record(tenant)


@contextmanager
def _changing(act: str, code: str, by: Any, reason: str, document: str) -> Iterator[Tenant]:
    """The site's row, locked; after the block the site follows its addresses, if they are good."""
    with changing(code) as tenant:
        if tenant.kind == Kind.CONTROL:
            raise ProvisionError([_("The control site has no public address.")])
        if tenant.is_blueprint:
            raise ProvisionError([_("A template of new sites has no public address.")])
        before = _facts(tenant)
        yield tenant
        site = directory.record(tenant)
        refuse_behind(site)
        with tenant_context(site):
            sync_site(site)
        refuse_overlap(site)
        why = {"by": by, "reason": reason, "document": document}
        note(act, site, before, _facts(tenant), why)


def _own(tenant: Tenant, domain: str) -> Domain:
    host, prefix = split_domain(domain)
    place = tenant.domains.filter(host=host, prefix=prefix).first()
    if place is None:
        names = {"domain": domain, "name": tenant.name}
        raise ProvisionError([_("%(domain)s is no address of %(name)s.") % names])
    return place


def _facts(tenant: Tenant) -> dict[str, list[str]]:
    """The addresses, the primary one first; those that only lead there apart."""
    places = list(tenant.domains.order_by("-is_primary", "host", "prefix"))
    facts = {"addresses": [str(place) for place in places if not place.redirects]}
    leading = [str(place) for place in places if place.redirects]
    return {**facts, "redirects": leading} if leading else facts
