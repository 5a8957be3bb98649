"""A walk through a site: the home page, the columns of its menu, pages of their lists."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from urllib.parse import urljoin, urlsplit

from bs4 import Tag

from .fetching import Answer, Citizen

PAGES = 30  # fetched at most, unless the caller says otherwise
CLOCK = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}")
FILES = re.compile(r"\.(?!html?$|shtml$|aspx?$|php$|jsp$)\w{2,5}$", re.I)  # no pages


class Kind(StrEnum):
    """What a page is, as the rules for page tags have it."""

    HOME = "home"
    COLUMN = "column"
    CONTENT = "content"
    OTHER = "other"


@dataclass(frozen=True)
class Visited:
    """A page of the site."""

    kind: Kind
    answer: Answer

    @property
    def url(self) -> str:
        """Where it was found."""
        return self.answer.url

    @property
    def language(self) -> str:
        """The language that the page says it is in."""
        html = self.answer.soup.find("html")
        return str(html.get("lang", "")) if isinstance(html, Tag) else ""

    def tag(self, name: str) -> str | None:
        """The content of a ``<meta name>``, None where there is none."""
        found = self.answer.soup.find("meta", attrs={"name": name})
        return str(found.get("content", "")).strip() if isinstance(found, Tag) else None


@dataclass
class Visit:
    """What was seen of a site; ``menu`` are the addresses of its first-level columns."""

    citizen: Citizen
    home: Visited
    menu: list[str] = field(default_factory=list)
    pages: list[Visited] = field(default_factory=list)
    known_hosts: frozenset[str] = frozenset()

    def of(self, *kinds: Kind) -> list[Visited]:
        """The pages of these kinds, the home page included."""
        return [page for page in [self.home, *self.pages] if page.kind in kinds]

    def within(self, url: str) -> bool:
        """Does the address belong to the site?"""
        return within(url, self.home.url)

    @cached_property
    def editions(self) -> set[str]:
        """The front pages of the site in other languages, as its own says."""
        named = self.home.answer.soup.select("a[hreflang][href]")
        return {urljoin(self.home.url, str(link["href"])) for link in named}

    @property
    def everything(self) -> list[Visited]:
        """All pages that were fetched."""
        return [self.home, *self.pages]


class NotFound(Exception):
    """No page answers; the message is the address with what happened."""


def visit(address: str, most: int = PAGES) -> Visit:
    """Walk through the site at ``address`` and fetch at most ``most`` pages; raises `NotFound`."""
    citizen = Citizen()
    answer = citizen.fetch(address)
    if not answer.is_page:
        raise NotFound(f"{answer.url} ({answer.status or answer.problem})")
    found = Visit(citizen, Visited(Kind.HOME, answer))
    found.menu = _menu(answer)
    half = max(1, most // 2)
    columns = [*found.menu, *_links_within(found, answer)]
    _look(found, columns, half)
    listed = [url for page in found.of(Kind.COLUMN) for url in _links_within(found, page.answer)]
    _look(found, _contents_first(listed), most)
    return found


def links(answer: Answer) -> Iterator[tuple[str, Tag]]:
    """Every link of a page: its full address and its element."""
    for element in answer.soup.find_all("a", href=True):
        href = str(element["href"]).strip()
        if href and not href.startswith(("#", "javascript:", "mailto:", "tel:")):
            yield urljoin(answer.url, href), element


def within(url: str, home: str) -> bool:
    """Is ``url`` the site's at ``home`` (same host, below the folder of its path)?"""
    one, other = urlsplit(url), urlsplit(home)
    folder = other.path.rpartition("/")[0] + "/"
    return one.netloc == other.netloc and (one.path or "/").startswith(folder)


def _look(found: Visit, urls: list[str], most: int) -> None:
    seen = {found.home.url, *(page.url for page in found.pages)}
    for url in dict.fromkeys(urls):
        if len(found.pages) >= most:
            return
        if url in seen or FILES.search(urlsplit(url).path):
            continue
        seen.add(url)
        answer = found.citizen.fetch(url)
        if answer.url != url and answer.url in seen:
            continue
        seen.add(answer.url)
        if answer.is_page and found.within(answer.url):
            kind = Kind.HOME if answer.url in found.editions else _kind(answer)
            found.pages.append(Visited(kind, answer))


def _menu(answer: Answer) -> list[str]:
    """The first-level columns: links of the first ``<nav>`` with three of the site's or more."""
    places = answer.soup.select("nav, [role=navigation], .nav, #nav, .menu")
    for place in places:
        top = [
            urljoin(answer.url, str(link["href"]))
            for link in place.find_all("a", href=True)
            if _level(link, place) == 1
        ]
        own = [url for url in dict.fromkeys(top) if within(url, answer.url) and url != answer.url]
        if len(own) >= 3:
            return own
    return []


def _level(link: Tag, place: Tag) -> int:
    """How many lists of ``place`` a link stands in; 1 outside of any."""
    return max(1, sum(parent.name == "ul" for parent in link.parents if place in parent.parents))


def _links_within(found: Visit, answer: Answer) -> list[str]:
    home = urlsplit(found.home.url)
    return [
        url.partition("#")[0]
        for url, _element in links(answer)
        if found.within(url) and urlsplit(url).path != home.path and not urlsplit(url).query
    ]


def _contents_first(urls: list[str]) -> list[str]:
    """Addresses with digits, which are articles rather than columns, before the others."""
    unique = list(dict.fromkeys(urls))
    return sorted(unique, key=lambda url: not re.search(r"\d{4,}", urlsplit(url).path))


def _kind(answer: Answer) -> Kind:
    names = {str(each.get("name", "")) for each in answer.soup.find_all("meta")}
    if "ArticleTitle" in names:
        return Kind.CONTENT
    if "ColumnName" in names:
        return Kind.COLUMN
    path = urlsplit(answer.url).path
    if re.search(r"\d{4,}[^/]*/?$", path) and CLOCK.search(answer.text):
        return Kind.CONTENT
    many = len(answer.soup.select("main li a, .list li a, ul li a")) >= 10
    return Kind.COLUMN if many and path.endswith("/") else Kind.OTHER
