"""Opening a site: its blueprint's dump, replayed in one transaction with its rows.

Either a whole site exists at the end or nothing does.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sitecluster.accounts import membership
from sitecluster.cms import starting
from sitecluster.tenancy import tenant_context

from . import blueprinting, directory, naming
from .dump import replay
from .models import Blueprint, Domain, Kind, State, Tenant


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a new site is to be.

    ``domain`` is ``host`` or ``host/path``; empty, it follows from kind and parent
    (`naming.default_address`). ``admin`` is the e-mail address of its first site admin.
    """

    code: str
    name: str
    kind: str
    parent: str = ""
    domain: str = ""
    site_id_code: str = ""
    admin: str = ""
    base_domain: str = ""


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


def provision(order: Order) -> Outcome:
    """Open the site of ``order``; a site that exists already just so is left as it is.

    Raises `ProvisionError` and then has changed nothing.
    """
    problems = faults(order)
    if problems:
        raise ProvisionError(problems)
    with transaction.atomic():
        _queue_behind_same_code(order.code)
        existing = Tenant.objects.filter(code=order.code).select_related("parent").first()
        if existing:
            return Outcome(_unchanged(existing, order), created=False)
        site = _create(order)
        transaction.on_commit(directory.forget)
        return Outcome(site, created=True)


def faults(order: Order) -> list[str]:
    """What is wrong with the order by itself, without a look at other sites."""
    problems = []
    if not re.match(naming.CODE_PATTERN, order.code):
        problems.append(
            _("The code %(code)s may hold lower-case letters, digits and single hyphens only.")
            % {"code": order.code or "“”"}
        )
    if len(order.code) > naming.MAX_CODE_LENGTH:
        problems.append(
            _("The code %(code)s is longer than %(limit)d characters.")
            % {"code": order.code, "limit": naming.MAX_CODE_LENGTH}
        )
    if order.code in naming.RESERVED_CODES:
        problems.append(_("The code %(code)s is reserved.") % {"code": order.code})
    if not re.match(naming.NAME_PATTERN, order.name):
        problems.append(
            _("The name %(name)s must have 2 to 100 characters and no quotes or brackets <>.")
            % {"name": order.name or "“”"}
        )
    if order.kind not in Kind.values:
        problems.append(
            _("The kind %(kind)s is unknown; it is one of %(kinds)s.")
            % {"kind": order.kind or "“”", "kinds": ", ".join(Kind.values)}
        )
    if order.site_id_code and not re.match(naming.SITE_ID_CODE_PATTERN, order.site_id_code):
        problems.append(
            _("The site identification code %(code)s has the wrong form (guideline 2017-47, B.4).")
            % {"code": order.site_id_code}
        )
    return problems + _address_faults(order.domain)


def split_domain(domain: str) -> tuple[str, str]:
    """Host and prefix of ``host/path``."""
    host, slash, path = domain.strip().lower().partition("/")
    return host, (slash + path).rstrip("/")


def _address_faults(domain: str) -> list[str]:
    if not domain:
        return []
    host, prefix = split_domain(domain)
    if not re.match(naming.HOST_PATTERN, host) or not re.match(naming.PREFIX_PATTERN, prefix):
        return [_("The domain %(domain)s is not valid.") % {"domain": domain}]
    for reserved in (settings.ADMIN_DOMAIN, settings.UPLOADS_DOMAIN):
        if host == reserved or host.endswith("." + reserved):
            return [_("The domain %(domain)s belongs to the platform.") % {"domain": domain}]
    return []


def _queue_behind_same_code(code: str) -> None:
    """Of two orders for one code, the second waits and then finds the site."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sitecluster.site.{code}"]
        )


def _unchanged(existing: Tenant, order: Order) -> directory.Site:
    parent = existing.parent.code if existing.parent else ""
    if (existing.kind, parent, existing.name) != (order.kind, order.parent, order.name):
        raise ProvisionError(
            [
                _("The code %(code)s is taken by %(name)s.")
                % {"code": order.code, "name": existing.name}
            ]
        )
    return directory.record(existing)


def _create(order: Order) -> directory.Site:
    parent = _parent(order)
    blueprint = _blueprint(order.kind)
    tenant = Tenant.objects.create(
        code=order.code,
        schema_name=naming.schema_name(order.code),
        name=order.name,
        kind=order.kind,
        parent=parent,
        site_id_code=order.site_id_code,
        state=State.LIVE,
        blueprint_version=blueprint.version,
    )
    _place(tenant, order, parent)
    renewed = replay(
        blueprinting.dump_of(blueprint), tenant.schema_name, _words(order.name, blueprint.moments)
    )
    site = directory.record(tenant)
    with tenant_context(site):
        starting.begin(site, order.site_id_code, renewed(blueprint.items))
    if order.admin:
        membership.add_member(order.admin, site, ["site_admin"])
    return site


def _parent(order: Order) -> Tenant | None:
    if not order.parent:
        return None
    try:
        return Tenant.objects.get(code=order.parent)
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
    if not domain:
        return
    host, prefix = split_domain(domain)
    taken = Domain.objects.filter(host=host, prefix=prefix).select_related("tenant").first()
    if taken:
        raise ProvisionError(
            [
                _("The address %(domain)s is taken by %(name)s.")
                % {"domain": domain, "name": taken.tenant.name}
            ]
        )
    _refuse_page_below(host, prefix, domain)
    Domain.objects.create(tenant=tenant, host=host, prefix=prefix)


def _refuse_page_below(host: str, prefix: str, domain: str) -> None:
    """A site can't take a path on which a page of the portal stands already."""
    for above in Domain.objects.filter(host=host).select_related("tenant"):
        if prefix.startswith(above.prefix + "/"):
            with tenant_context(directory.record(above.tenant)):
                page = starting.page_at(prefix.removeprefix(above.prefix))
            if page:
                raise ProvisionError(
                    [
                        _("At %(domain)s stands the page %(title)s of %(name)s.")
                        % {"domain": domain, "title": page, "name": above.tenant.name}
                    ]
                )


def _words(name: str, moments: dict[str, int]) -> dict[str, str]:
    """What the tokens of the starter texts stand for on the site of this name.

    The publish times of starter articles count from now; they occur as COPY, JSON and Python
    write them.
    """
    words = {"@@name@@": name, "@@short@@": naming.short_name(name)}
    now = timezone.now().replace(second=0, microsecond=0)
    for moment, minutes in moments.items():
        old = datetime.fromisoformat(moment)
        new = now - timedelta(minutes=minutes)
        for written in ("%Y-%m-%d %H:%M:%S+00", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+00:00"):
            words[old.strftime(written)] = new.strftime(written)
    return words


def _blueprint(kind: str) -> Blueprint:
    try:
        return _remembered(blueprinting.of_kind(kind).pk)
    except Blueprint.DoesNotExist:
        raise ProvisionError(
            [_("There are no blueprints yet: run “manage.py upgrade” first.")]
        ) from None


@lru_cache(maxsize=8)
def _remembered(blueprint_id: int) -> Blueprint:
    """A blueprint never changes once it is published, so a process reads it once."""
    return Blueprint.objects.get(pk=blueprint_id)
