"""B.8: links that leave the government's web say so first."""

from collections.abc import Iterable, Iterator
from urllib.parse import urljoin, urlsplit

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from .rules import Evidence, Finding, Rule
from .visiting import Visit, Visited, links

PROMPT = "即将离开"
MOST_LOOKED_AT = 5
GOVERNMENT = (
    "gov.cn",
    "政务",
    "xn--zfr164b",
    "conac.cn",
)  # the last one issues the mark in the footer


def _prompted(visit: Visit) -> Iterator[Finding]:
    by_script: bool | None = None
    for page in visit.everything:
        bare = _bare(visit, page)
        if bare and by_script is None:
            by_script = _says_so(visit)
        if bare and not by_script:
            shown = ", ".join(sorted(bare)[:3])
            yield Finding(page.url, format_lazy(_("leads away at once: {links}"), links=shown))
        else:
            yield Finding(page.url)


def _bare(visit: Visit, page: Visited) -> set[str]:
    """Links of the page to hosts that aren't a government's."""
    home = urlsplit(visit.home.url).hostname or ""
    known = (home, home.removeprefix("www."), *GOVERNMENT, *visit.known_hosts)
    hosts = ((url, urlsplit(url)) for url, _element in links(page.answer))
    return {
        url
        for url, parts in hosts
        if parts.scheme in ("http", "https")
        and parts.hostname
        and not _below(parts.hostname, known)
    }


def _below(host: str, hosts: Iterable[str]) -> bool:
    return any(host == each or host.endswith(f".{each}") for each in hosts)


def _says_so(visit: Visit) -> bool:
    """Do the home page or its scripts have the words of the prompt?

    Whether a script asks for each link can't be seen from outside, so a site that we know nothing
    of is believed. Ours ask on a page of their own; that they have the words proves nothing.
    """
    if visit.known_hosts:
        return False
    if PROMPT in visit.home.answer.body.decode(errors="replace"):
        return True
    sources = [str(each["src"]) for each in visit.home.answer.soup.find_all("script", src=True)]
    answers = (visit.citizen.fetch(urljoin(visit.home.url, source)) for source in sources)
    return any(PROMPT in answer.body.decode(errors="replace") for answer in answers)


def _worded(visit: Visit) -> Iterator[Finding]:
    """The page between, where the site has one, says what is about to happen."""
    between = {
        url
        for page in visit.everything
        for url, _element in links(page.answer)
        if visit.within(url) and urlsplit(url).path.endswith("/go/")
    }
    for url in sorted(between)[:MOST_LOOKED_AT]:
        said = PROMPT in visit.citizen.fetch(url).text
        yield Finding(url, "" if said else _("doesn't say that the link leads away"))


LEAVING_RULES = [
    Rule("B.8", _("Links to other than government sites warn first"), Evidence.VERIFIED, _prompted),
    Rule("B.8", _("The prompt has the uniform words"), Evidence.VERIFIED, _worded),
]
