"""Which address a site of a kind may have (guideline 2017-47, B.3; requirements A-202, A-203).

The patterns hold for the government's own domains. What ends otherwise is advised against, unless
it is a name of the test bench or below BASE_DOMAIN; which address the platform can serve at all
says `orders.domain_faults`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.utils.translation import gettext as _

from .models import Kind, Tenant
from .orders import split_domain

GOVERNMENT = ".gov.cn"
CHINESE = ".xn--zfr164b"  # .政务
INFORMAL = ("localhost", "test", "example", "invalid", "local", "internal")  # RFC 2606, 6761, 6762
PORTAL = re.compile(r"www\.[a-z0-9-]+\.gov\.cn")
DEPARTMENT = re.compile(r"(?!www\.)[a-z0-9-]+\.[a-z0-9-]+(\.[a-z0-9-]+)?\.gov\.cn")


class Level(StrEnum):
    """How much a finding weighs: an error refuses the address, a warning is only said."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """What there is to say about an address, a sentence."""

    level: Level
    text: str


def advice(kind: str, domain: str, parent: Tenant | None = None) -> list[Finding]:
    """What the rules say about ``domain``, as ``host`` or ``host/path``, for a site of this kind
    below ``parent``; nothing if it is as it should be. One query if there is a parent."""
    host, prefix = split_domain(domain)
    above = parent.domains.filter(is_primary=True).first() if parent else None
    if above is not None and host == above.host and prefix.startswith(above.prefix + "/"):
        return []  # part of the site above, which suits every kind
    if host.endswith(GOVERNMENT):
        return _of_government(kind, host, prefix, above.host if above else "")
    return _elsewhere(kind, host, above.host if above else "")


def errors(kind: str, domain: str, parent: Tenant | None = None) -> list[str]:
    """What forbids the address; empty if it may be taken."""
    return forbidding(advice(kind, domain, parent))


def forbidding(findings: Iterable[Finding]) -> list[str]:
    """Those that refuse an address, as sentences."""
    return [finding.text for finding in findings if finding.level is Level.ERROR]


def is_governments(host: str) -> bool:
    """Does the host lie below one of the suffixes for government sites?"""
    return host.endswith((GOVERNMENT, CHINESE))


def _of_government(kind: str, host: str, prefix: str, above: str) -> list[Finding]:
    if kind == Kind.TOWNSHIP:
        text = _("Townships and streets have no site of their own: they stand below the portal.")
        return [Finding(Level.ERROR, _with_example(text, above and f"{above}/zz/…"))]
    if kind in (Kind.PORTAL, Kind.DISTRICT):
        if PORTAL.fullmatch(host) and not prefix:
            return []
        text = _("The domain of a government's portal has the form www.□□□.gov.cn.")
        return [Finding(Level.ERROR, text)]
    if not DEPARTMENT.fullmatch(host):
        text = _("The domain of a department has the form ○○○.□□□.gov.cn.")
        return [Finding(Level.ERROR, text)]
    return _of_department(kind, host, above)


def _of_department(kind: str, host: str, above: str) -> list[Finding]:
    own = above.removeprefix("www.")
    if not above.endswith(GOVERNMENT) or host.partition(".")[2] == own:
        return []
    text = _("The domain must lie directly below that of the organ above, %(domain)s.")
    level = Level.ERROR if kind == Kind.DEPARTMENT else Level.WARNING
    return [Finding(level, text % {"domain": own})]


def _elsewhere(kind: str, host: str, above: str) -> list[Finding]:
    if host.endswith(CHINESE) or _is_informal(host):
        return []
    text = _("Government sites stand below .gov.cn, or .政务 for a Chinese domain.")
    found = [Finding(Level.WARNING, text)]
    if kind == Kind.TOWNSHIP:
        text = _("Townships and streets have no site of their own: they stand below the portal.")
        found.append(Finding(Level.WARNING, _with_example(text, above and f"{above}/zz/…")))
    return found


def _is_informal(host: str) -> bool:
    base = settings.BASE_DOMAIN
    return host.rpartition(".")[2] in INFORMAL or host == base or host.endswith("." + base)


def _with_example(text: str, example: str) -> str:
    return f"{text} ({example})" if example else text
