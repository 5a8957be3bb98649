"""What the rules say about a site before it is opened, field by field.

Guideline 2017-47, B.3: an organ has at most one site, and where its address may lie; requirement
A-191: townships and county departments have a part of their government's site and none of their
own. The console shows these findings at the fields, whoever opens many sites at their cells.
"""

import re
import unicodedata
from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from sitecluster.cms.slugs import latin_slug

from . import naming
from .disclosing import called, may_name
from .domain_rules import Finding, Level, advice, forbidding
from .models import Clearance, Domain, Kind, State, Tenant
from .orders import code_faults, domain_faults, name_faults, site_id_faults, split_domain
from .provisioning import ProvisionError, refuse_page_at

GOVERNMENTS = (Kind.PORTAL, Kind.DISTRICT)
PARENTS: dict[str, tuple[str, ...]] = {
    Kind.PORTAL: (Kind.PORTAL,),
    Kind.DISTRICT: (Kind.PORTAL,),
    Kind.DEPARTMENT: (*GOVERNMENTS, Kind.DEPARTMENT),
    Kind.PARTY: (*GOVERNMENTS, Kind.PARTY),
    Kind.TOWNSHIP: GOVERNMENTS,
}
SUBSITES = (Kind.DEPARTMENT, Kind.TOWNSHIP)  # A-191; B.3 for the departments of cities
GATE = "site-id-code"
ENDED = (State.CLOSED, State.REMOVED)


def parent_problems(kind: str, parent: Tenant | None) -> list[str]:
    """Why a site of this kind can't stand below ``parent`` (None: at the top)."""
    allowed = PARENTS.get(kind, ())
    kinds = "、".join(str(Kind(one).label) for one in allowed)
    if parent is None:
        if kind == Kind.PORTAL:
            return []
        return [_("Choose the site above; it is one of these: %(kinds)s.") % {"kinds": kinds}]
    if parent.is_blueprint or parent.state in ENDED:
        return [_("%(name)s is closed.") % {"name": parent.name}]
    if parent.kind not in allowed:
        text = _("%(name)s can't be the site above; that is one of these: %(kinds)s.")
        return [text % {"name": parent.name, "kinds": kinds}]
    return []


def code_problems(code: str, kind: str) -> list[str]:
    """Why a new site of this kind can't have the code."""
    problems = code_faults(code, kind)
    taken = Tenant.objects.filter(code=code).first() if not problems else None
    if taken:
        text = _("The code %(code)s is taken by %(name)s.")
        problems.append(text % {"code": code, "name": called(taken)})
    return problems


def name_problems(name: str) -> list[str]:
    """Why no new site can have the legal name: its form, or the organ has a site (B.3)."""
    return name_faults(name) or _one_site(name)


def host_unit_problems(unit: str, name: str, parent: Tenant | None) -> list[str]:
    """Why the organ ``unit`` can't be the host unit of a new site of this legal name.

    A government is the host unit of the parts of its own site too.
    """
    if same_organ(unit) in {same_organ(name), *(same_organ(one.name) for one in _above(parent))}:
        return []
    return _one_site(unit)


def site_id_problems(code: str) -> list[str]:
    """Why a new site can't have the site identification code (B.4); none is fine."""
    problems = site_id_faults(code)
    if problems or not code:
        return problems
    others = Clearance.objects.filter(gate_id=GATE, number=code).exclude(tenant__state__in=ENDED)
    text = _("The site identification code %(code)s is that of %(name)s.")
    return [
        text % {"code": code, "name": called(other.tenant)}
        for other in others.select_related("tenant")[:1]
    ]


def domain_findings(kind: str, code: str, domain: str, parent: Tenant | None) -> list[Finding]:
    """What there is to say about ``host`` or ``host/path`` as the address of a new site."""
    errors = domain_faults(domain)
    if not errors:
        errors = [*_taken(domain), *subsite_problems(kind, code, domain, _place(parent))]
    if errors:
        return [Finding(Level.ERROR, text) for text in errors]
    found = advice(kind, domain, parent)
    if not forbidding(found):
        found += [Finding(Level.ERROR, text) for text in _page_there(domain)]
    return found


def default_domain(kind: str, code: str, parent: Tenant | None) -> str:
    """The address that a site of this kind has unless told otherwise."""
    return naming.default_address(kind, code, _place(parent), settings.BASE_DOMAIN)


def suggested_code(name: str, parent: Tenant | None, kind: str = "") -> str:
    """A code for the site of this legal name that is free: the pinyin initials of what the name
    says beyond that of the site above; "" if the name gives none."""
    short = naming.short_name(name)
    beyond = short.removeprefix(naming.short_name(parent.name)) if parent else ""
    slugs = [slug for text in (beyond, short) if (slug := latin_slug(text).lstrip("0123456789-"))]
    numbered = [f"{slugs[-1]}-{number}" for number in range(2, 100)] if slugs else []
    wanted = [code for code in (*slugs, *numbered) if not code_faults(code, kind)]
    taken = set(Tenant.objects.filter(code__in=wanted).values_list("code", flat=True))
    return next((code for code in wanted if code not in taken), "")


def same_organ(name: str) -> str:
    """The name of an organ without what two people write differently: width, spaces, brackets."""
    return re.sub(r"[\s()·・\-]", "", unicodedata.normalize("NFKC", name)).casefold()


def _one_site(organ: str) -> list[str]:
    """A sentence that names the organ's site if there is one."""
    standing = Tenant.objects.filter(is_blueprint=False).exclude(state__in=ENDED)
    wanted = same_organ(organ)
    if not wanted:
        return []
    for site in standing.only("code", "name"):
        if same_organ(site.name) != wanted:
            continue
        if not may_name(site):
            return [_("This organ has a site already: an organ has one site at most.")]
        text = _("%(name)s has a site already, %(code)s: an organ has one site at most.")
        return [text % {"name": site.name, "code": site.code}]
    return []


def _above(site: Tenant | None) -> Iterator[Tenant]:
    """The site and those above it."""
    while site is not None:
        yield site
        site = site.parent


def _taken(domain: str) -> list[str]:
    host, prefix = split_domain(domain)
    taken = Domain.objects.filter(host=host, prefix=prefix).select_related("tenant").first()
    if taken is None:
        return []
    text = _("The address %(domain)s is taken by %(name)s.")
    return [text % {"domain": host + prefix, "name": called(taken.tenant)}]


def subsite_problems(kind: str, code: str, domain: str, above: tuple[str, str] | None) -> list[str]:
    """A-191: only a path or a subdomain of the government's address, ``above``, will do."""
    if kind not in SUBSITES or above is None:
        return []
    host, prefix = split_domain(domain)
    below = host == above[0] and prefix.startswith(above[1] + "/")
    if below or host.endswith("." + above[0].removeprefix("www.")):
        return []
    text = _(
        "A %(kind)s has no site of its own but a part of its government's: "
        "take %(domain)s or another address below %(above)s, or a column of that site."
    )
    names = {
        "kind": Kind(kind).label,
        "domain": naming.default_address(kind, code, above, settings.BASE_DOMAIN),
        "above": "".join(above),
    }
    return [text % names]


def _place(site: Tenant | None) -> tuple[str, str] | None:
    """Host and prefix of the site's primary address."""
    found = site.domains.filter(is_primary=True).first() if site else None
    return (found.host, found.prefix) if found else None


def _page_there(domain: str) -> list[str]:
    try:
        refuse_page_at(*split_domain(domain))
    except ProvisionError as error:
        return error.problems
    return []


def domain_rule(kind: str) -> str:
    """Where the address of a site of this kind may lie, a sentence for the person who chooses."""
    if kind in GOVERNMENTS:
        return _(
            "The portal of a government stands at www.□□□.gov.cn, where □□□ is the place in "
            "pinyin or English; there is one such domain and one in .政务 at most."
        )
    if kind == Kind.TOWNSHIP:
        return _(
            "Townships and streets have no domain of their own: they stand at a path or subdomain "
            "of their government's address."
        )
    return _(
        "A department stands at ○○○.□□□.gov.cn, directly below the domain of its government or "
        "of the department above, or at a path of it."
    )


def kind_rule(kind: str) -> str:
    """What a site of this kind is and stands below, a sentence for the person who chooses."""
    rules = {
        Kind.PORTAL: _("The site of a government at www.□□□.gov.cn."),
        Kind.DISTRICT: _("The government's site of a district or county, below a portal."),
        Kind.DEPARTMENT: _(
            "An office of a government. Departments of districts and counties have a part of "
            "their government's site and none of their own."
        ),
        Kind.PARTY: _("An organ of the party, the congress, a court or procuratorate."),
        Kind.TOWNSHIP: _("A part of the site of its district or county; no site of its own."),
    }
    return rules.get(Kind(kind), "")
