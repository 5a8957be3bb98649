"""Opening a site: its blueprint's dump, replayed in one transaction with its rows.

Either a whole site exists at the end or nothing does.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from sitecluster.accounts import invitations, membership
from sitecluster.audit.trail import record
from sitecluster.cms import starting
from sitecluster.rights.roles import SITE_ADMIN
from sitecluster.tenancy import tenant_context
from sitecluster.theming.catalogue import default_theme
from sitecluster.theming.inspection import refusals

from . import blueprinting, content, directory, domain_rules, naming, switching
from .disclosing import called
from .dump import replay
from .models import Blueprint, Domain, State, Tenant
from .orders import Order, domain_faults, faults, split_domain


class ProvisionError(Exception):
    """A site can't be opened; ``problems`` are sentences for the person who asked."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


@dataclass(frozen=True)
class Outcome:
    """The site that an order led to, and whether this call made it."""

    site: directory.Site
    created: bool


def provision(order: Order, *, by: Any = None, reason: str = "", document: str = "") -> Outcome:
    """Open the site of ``order``; one that exists just so is left as it is, but gets the admin.

    ``by`` is who opens it, None in a command; ``reason`` and the number of the ``document`` that
    orders it go into the audit trail.
    Raises `ProvisionError` and then has changed nothing.
    """
    problems = faults(order)
    if problems:
        raise ProvisionError(problems)
    with transaction.atomic():
        queue_behind_same_code(order.code)
        existing = Tenant.objects.filter(code=order.code).select_related("parent").first()
        if existing:
            problems = contradictions(existing, order)
            if problems:
                raise ProvisionError(problems)
            site = directory.record(existing)
            if order.admin:
                refuse_behind(site)
                _add_admin(order, site, by)
            return Outcome(site, created=False)
        site = _create(order, by, reason, document)
        transaction.on_commit(directory.forget)
        return Outcome(site, created=True)


def queue_behind_same_code(code: str) -> None:
    """Of two orders for one code, the second waits and then finds the site."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sitecluster.site.{code}"]
        )


def contradictions(existing: Tenant, order: Order) -> list[str]:
    """Why the order can't mean the site that has its code already; empty if it can."""
    parent = existing.parent.code if existing.parent else ""
    names = {"code": order.code, "name": called(existing)}
    if existing.state == State.REMOVED:
        text = _("The code %(code)s was that of %(name)s, which has been removed: choose another.")
        return [text % names]
    if (existing.kind, parent, existing.name) != (order.kind, order.parent, order.name):
        return [_("The code %(code)s is taken by %(name)s.") % names]
    places = [(domain.host, domain.prefix) for domain in existing.domains.all()]
    if order.domain and split_domain(order.domain) not in places:
        text = _("%(name)s has another address; “manage.py site %(code)s --domain” changes it.")
        return [text % names]
    return []


def _create(order: Order, by: Any, reason: str, document: str) -> directory.Site:
    parent = _parent(order)
    theme = _theme(order)
    blueprinting.hold()
    blueprint = _blueprint(order)
    tenant = Tenant.objects.create(
        code=order.code,
        schema_name=naming.schema_name(order.code),
        name=order.name,
        kind=order.kind,
        parent=parent,
        state=State.LIVE if order.live else State.BUILDING,
        theme=theme,
        blueprint_code=blueprint.code,
        blueprint_version=blueprint.version,
        migration_state=blueprinting.mark_of(blueprint),
    )
    _place(tenant, order, parent)
    renewed = replay(
        blueprinting.dump_of(blueprint), tenant.schema_name, _words(order.name, blueprint.moments)
    )
    site = directory.record(tenant)
    refuse_behind(site)
    with tenant_context(site):
        identity = {**order.identity, "site_id_code": order.site_id_code}
        starting.begin(site, identity, renewed(blueprint.items))
    _note(tenant, site, order, {"by": by, "reason": reason, "document": document})
    site = _with_plugins(tenant, order, by)
    refuse_overlap(site)
    if order.admin:
        _add_admin(order, site, by)
    return site


def _theme(order: Order) -> str:
    if not order.theme:
        return default_theme(order.kind)
    problems = refusals(order.theme)
    if problems:
        raise ProvisionError(problems)
    return order.theme


def _note(tenant: Tenant, site: directory.Site, order: Order, why: dict[str, Any]) -> None:
    opened = {
        "kind": site.kind,
        "parent": order.parent,
        "address": site.address.host + site.address.prefix if site.address else "",
        "theme": site.theme,
        "blueprint": f"{tenant.blueprint_code} {tenant.blueprint_version}",
    }
    record("site.provisioned", site=site, subject=site.name, after=opened, **why)


def _with_plugins(tenant: Tenant, order: Order, by: Any) -> directory.Site:
    try:
        return switching.begin(tenant, order.plugins, by if order.plugins is not None else None)
    except switching.PluginError as error:
        raise ProvisionError(error.problems) from error


def _add_admin(order: Order, site: directory.Site, by: Any) -> None:
    try:
        if order.invite:
            invitations.ask_first_admin(order.admin, site, name=order.admin_name, by=by)
        else:
            membership.add_member(order.admin, site, [SITE_ADMIN.code], by=by)
    except membership.MembershipError as error:
        raise ProvisionError([str(error)]) from None


def _parent(order: Order) -> Tenant | None:
    if not order.parent:
        return None
    try:
        return Tenant.objects.get(code=order.parent, is_blueprint=False)
    except Tenant.DoesNotExist:
        raise ProvisionError(
            [_("The site above, %(code)s, does not exist.") % {"code": order.parent}]
        ) from None


def _place(tenant: Tenant, order: Order, parent: Tenant | None) -> None:
    above = parent.domains.filter(is_primary=True).first() if parent else None
    domain = order.domain or naming.default_address(
        order.kind,
        order.code,
        (above.host, above.prefix) if above else None,
        order.base_domain or settings.BASE_DOMAIN,
    )
    if domain:
        take_address(tenant, domain)


def take_address(tenant: Tenant, domain: str, *, primary: bool = True) -> None:
    """Make ``domain``, as ``host`` or ``host/path``, an address of ``tenant``.

    It must have no primary one yet if this is to be it. Raises `ProvisionError`, also for what
    `domain_rules` forbid; see `refuse_overlap` too.
    """
    problems = domain_faults(domain)
    problems = problems or domain_rules.errors(tenant.kind, domain, tenant.parent)
    if tenant.is_blueprint:
        problems = [_("The site of a blueprint is never public.")]
    if problems:
        raise ProvisionError(problems)
    host, prefix = split_domain(domain)
    taken = Domain.objects.filter(host=host, prefix=prefix).select_related("tenant").first()
    if taken:
        raise ProvisionError(
            [
                _("The address %(domain)s is taken by %(name)s.")
                % {"domain": domain, "name": called(taken.tenant)}
            ]
        )
    try:
        Domain.objects.create(tenant=tenant, host=host, prefix=prefix, is_primary=primary)
    except IntegrityError:  # another order took it a moment ago
        raise ProvisionError([_("The address %(domain)s is taken.") % {"domain": domain}]) from None


def refuse_overlap(site: directory.Site) -> None:
    """Raise `ProvisionError` if a page stands on an address of ``site``, or below its own
    addresses one of its pages on that of another site, whichever of the two was there first."""
    for place in site.addresses:
        refuse_page_at(place.host, place.prefix, of=site)
        others = Domain.objects.filter(host=place.host).exclude(tenant_id=site.id)
        for other in others:
            if other.prefix.startswith(place.prefix + "/"):
                _refuse_page(site, other.prefix.removeprefix(place.prefix), str(other))


def refuse_page_at(host: str, prefix: str, of: directory.Site | None = None) -> None:
    """Raise `ProvisionError` if a page of another site than ``of`` stands at this address."""
    others = Domain.objects.filter(host=host).exclude(tenant_id=of.id if of else 0)
    for other in others.select_related("tenant"):
        if prefix.startswith(other.prefix + "/"):
            path = prefix.removeprefix(other.prefix)
            _refuse_page(directory.record(other.tenant), path, host + prefix)


def _refuse_page(owner: directory.Site, path: str, domain: str) -> None:
    refuse_behind(owner)
    with tenant_context(owner):
        page = starting.page_at(path)
    if page:
        text = _("At %(domain)s stands the page %(title)s of %(name)s.")
        names = {"domain": domain, "title": called(owner, page), "name": called(owner)}
        raise ProvisionError([text % names])


def refuse_behind(site: directory.Site) -> None:
    """Raise `ProvisionError` if the site's schema isn't what this code expects."""
    if site.behind:
        text = _("%(name)s is behind this version of the platform: run “manage.py upgrade” first.")
        raise ProvisionError([text % {"name": called(site)}])


def _words(name: str, moments: dict[str, int]) -> dict[str, str]:
    """What the tokens of the starter texts stand for on the site of this name."""
    words = {content.NAME: name, content.SHORT_NAME: naming.short_name(name)}
    return words | blueprinting.words_of_moments(moments)


def _blueprint(order: Order) -> Blueprint:
    code = order.blueprint or blueprinting.code_of(order.kind)
    try:
        blueprint = blueprinting.of_code(code)
    except Blueprint.DoesNotExist:
        if order.blueprint:
            text = _("There is no blueprint %(code)s.")
            raise ProvisionError([text % {"code": code}]) from None
        raise ProvisionError(
            [_("There are no blueprints yet: run “manage.py upgrade” first.")]
        ) from None
    if blueprinting.code_of(blueprint.kind) != blueprinting.code_of(order.kind):
        text = _("The blueprint %(code)s is for sites of another kind.")
        raise ProvisionError([text % {"code": code}])
    return remembered(blueprint.pk)


@lru_cache(maxsize=8)
def remembered(blueprint_id: int) -> Blueprint:
    """A blueprint never changes once it is published, so a process reads it once."""
    return Blueprint.objects.get(pk=blueprint_id)
