"""What a new site is to be, and what can be said against it without a look at other sites."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

from sitecluster.cms.identity import SITE_ID_CODE_PATTERN, faults as identity_faults
from sitecluster.cms.slugs import RESERVED

from . import naming
from .models import Kind


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a new site is to be.

    ``domain`` is ``host`` or ``host/path``; empty, it follows from kind and parent
    (`naming.default_address`). ``admin`` is the e-mail address of its first site admin, who is
    one at once or, with ``invite``, is asked under the name ``admin_name``. A site that isn't
    ``live`` is being built. ``theme`` is that of the kind if empty, ``plugins`` those that are on
    by default if None; ``identity`` holds fields of `SiteIdentity` beside ``site_id_code``.
    ``blueprint`` is the code of the blueprint that it is made from, the kind's own if empty.
    """

    code: str
    name: str
    kind: str
    parent: str = ""
    domain: str = ""
    site_id_code: str = ""
    admin: str = ""
    admin_name: str = ""
    invite: bool = False
    base_domain: str = ""
    live: bool = True
    theme: str = ""
    plugins: tuple[str, ...] | None = None
    identity: Mapping[str, str] = field(default_factory=dict)
    blueprint: str = ""


def faults(order: Order) -> list[str]:
    """What is wrong with the order by itself, a sentence each."""
    return [
        *code_faults(order.code, order.kind),
        *name_faults(order.name),
        *kind_faults(order),
        *site_id_faults(order.site_id_code),
        *(f"{name}: {text}" for name, text in identity_faults(order.identity)),
        *(domain_faults(order.domain) if order.domain else ()),
    ]


def split_domain(domain: str) -> tuple[str, str]:
    """Host and prefix of ``host/path``."""
    host, slash, path = domain.strip().lower().partition("/")
    return host, (slash + path).rstrip("/")


def domain_faults(domain: str) -> list[str]:
    """What is wrong with ``host`` or ``host/path`` as the address of any site."""
    host, prefix = split_domain(domain)
    if (
        not re.match(naming.HOST_PATTERN, host)
        or not re.match(naming.PREFIX_PATTERN, prefix)
        or len(prefix) > naming.MAX_PREFIX_LENGTH
    ):
        return [_("The domain %(domain)s is not valid.") % {"domain": domain}]
    for own in (settings.ADMIN_DOMAIN, settings.UPLOADS_DOMAIN):
        if host == own or host.endswith("." + own):
            return [_("The domain %(domain)s belongs to the platform.") % {"domain": domain}]
    for part in prefix.split("/"):
        if part in RESERVED:
            return [
                _("The domain %(domain)s is not possible: %(part)s is a path of the platform.")
                % {"domain": domain, "part": part}
            ]
    return []


def code_faults(code: str, kind: str) -> list[str]:
    """What is wrong with the code of a site of this kind."""
    problems = []
    if not re.match(naming.CODE_PATTERN, code):
        problems.append(
            _("The code %(code)s may hold lower-case letters, digits and single hyphens only.")
            % {"code": code or "“”"}
        )
    if len(code) > naming.MAX_CODE_LENGTH:
        problems.append(
            _("The code %(code)s is longer than %(limit)d characters.")
            % {"code": code, "limit": naming.MAX_CODE_LENGTH}
        )
    of_control_site = code == naming.CONTROL_CODE and kind != Kind.CONTROL
    of_blueprint = code.startswith(naming.BLUEPRINT_PREFIX)
    if code in naming.RESERVED_CODES or of_control_site or of_blueprint:
        problems.append(_("The code %(code)s is reserved.") % {"code": code})
    return problems


def name_faults(name: str) -> list[str]:
    """What is wrong with the legal name of a site."""
    if re.match(naming.NAME_PATTERN, name):
        return []
    return [
        _("The name %(name)s must have 2 to 100 characters and no quotes or brackets <>.")
        % {"name": name or "“”"}
    ]


def kind_faults(order: Order) -> list[str]:
    """What is wrong with the kind of a site of this code."""
    if order.kind not in Kind.values:
        return [
            _("The kind %(kind)s is unknown; it is one of %(kinds)s.")
            % {"kind": order.kind or "“”", "kinds": ", ".join(Kind.values)}
        ]
    if order.kind == Kind.CONTROL and order.code != naming.CONTROL_CODE:
        return [_("A cluster has one control site, whose code is control.")]
    return []


def site_id_faults(code: str) -> list[str]:
    """What is wrong with a site identification code; none is not."""
    if not code or re.match(SITE_ID_CODE_PATTERN, code):
        return []
    return [
        _("The site identification code %(code)s has the wrong form (guideline 2017-47, B.4).")
        % {"code": code}
    ]
