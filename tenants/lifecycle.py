"""Changes of a site that stands: its address, its state, its theme. Each leaves an audit entry.

Every process sees them within a second, since the directory follows the rows; Wagtail's Site row
follows in the same transaction. Which state may follow which, and who may ask, comes with the
administration of sites (guideline 2017-47, B.4).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sitecluster.audit.trail import record
from sitecluster.cms.addresses import sync_site
from sitecluster.tenancy import shared_context, tenant_context
from sitecluster.theming.inspection import refusals

from . import directory
from .models import Kind, State, Tenant
from .orders import split_domain
from .provisioning import ProvisionError, refuse_behind, refuse_overlap, take_address

# Removing a site means more than a word in its row.
SETTABLE = [state.value for state in State if state is not State.REMOVED]


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
    with _changing(code) as tenant:
        if tenant.kind == Kind.CONTROL:
            raise ProvisionError([_("The control site has no public address.")])
        before = _addresses(directory.record(tenant))
        host, prefix = split_domain(domain)
        tenant.domains.filter(host=host, prefix=prefix).delete()
        if keep:
            tenant.domains.update(is_primary=False)
        else:
            tenant.domains.filter(is_primary=True).delete()
        take_address(tenant, domain)
        site = directory.record(tenant)
        refuse_behind(site)
        with tenant_context(site):
            sync_site(site)
        refuse_overlap(site)
        why = {"by": by, "reason": reason, "document": document}
        _note("site.address_changed", site, before, _addresses(site), why)
    return site


def set_state(
    code: str,
    state: str,
    notice: str = "",
    *,
    by: Any = None,
    reason: str = "",
    document: str = "",
) -> directory.Site:
    """Put the site into ``state``; citizens of a paused or closed site read ``notice``.

    Raises `ProvisionError`.
    """
    if state not in SETTABLE:
        text = _("The state %(state)s is unknown; it is one of %(states)s.")
        raise ProvisionError([text % {"state": state, "states": ", ".join(SETTABLE)}])
    with _changing(code) as tenant:
        before = {"state": tenant.state, "notice": tenant.state_note}
        tenant.state, tenant.state_note = state, notice
        tenant.save(update_fields=["state", "state_note"])
        site, why = directory.record(tenant), {"by": by, "reason": reason, "document": document}
        _note("site.state_changed", site, before, {"state": state, "notice": notice}, why)
    return site


def set_theme(
    code: str, theme: str, *, by: Any = None, reason: str = "", document: str = ""
) -> directory.Site:
    """Give the site an installed theme that is sound; raises `ProvisionError`.

    A server that was started before the theme was installed shows the base theme until its restart.
    """
    problems = refusals(theme)
    if problems:
        raise ProvisionError(problems)
    with _changing(code) as tenant:
        before, tenant.theme = tenant.theme, theme
        tenant.save(update_fields=["theme"])
        site, why = directory.record(tenant), {"by": by, "reason": reason, "document": document}
        _note("theme.set", site, {"theme": before}, {"theme": theme}, why)
    return site


def set_second_factor(code: str, *, required: bool, by: Any = None) -> directory.Site:
    """Say whether whoever works on the site must have a second factor; raises `ProvisionError`.

    The control site requires one in any case.
    """
    with _changing(code) as tenant:
        if tenant.kind == Kind.CONTROL and not required:
            raise ProvisionError([_("The control site always requires a second factor.")])
        before, tenant.second_factor = tenant.second_factor, required
        tenant.save(update_fields=["second_factor"])
        site = directory.record(tenant)
        change = {"second_factor": before}, {"second_factor": required}
        _note("site.second_factor_set", site, *change, {"by": by})
    return site


def _addresses(site: directory.Site) -> dict[str, list[str]]:
    return {"addresses": [place.host + place.prefix for place in site.addresses]}


def _note(
    act: str,
    site: directory.Site,
    before: dict[str, Any],
    after: dict[str, Any],
    why: dict[str, Any],
) -> None:
    """Record the act unless nothing has changed."""
    if before != after:
        record(act, site=site, subject=site.name, before=before, after=after, **why)


@contextmanager
def _changing(code: str) -> Iterator[Tenant]:
    """The site's row, locked; what the block does is one transaction."""
    with shared_context(), transaction.atomic():
        standing = Tenant.objects.select_for_update().exclude(state=State.REMOVED)
        tenant = standing.filter(code=code).first()
        if tenant is None:
            raise ProvisionError([_("There is no site %(code)s.") % {"code": code}])
        yield tenant
        transaction.on_commit(directory.forget)
