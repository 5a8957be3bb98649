"""B.6: what the pages themselves must be like."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from bs4 import Tag
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from .footer_rules import FOOTERS, HEADERS, zone
from .rules import Evidence, Finding, Rule
from .visiting import CLOCK, Kind, Visit, Visited, links

SLOWEST_SECONDS = 3.0
CHANNELS = range(5, 9)
MOST_LINKS = 60  # of the site, followed in search of broken ones
UNFINISHED = re.compile(r"正在建设中|栏目建设中|敬请期待")
MAINS = "main, [role=main], #main, .main, .content, #content"
TOOLS = {
    _("position navigation"): re.compile(r"当前位置|您的位置|您现在的位置|You are here"),
    _("print"): re.compile(r"打印|Print"),
    _("font size"): re.compile(r"字号|字体|大小|Font size|Text size"),
}


def _zones(visit: Visit) -> Iterator[Finding]:
    for page in visit.everything:
        whole = all(zone(page, part) is not None for part in (HEADERS, MAINS, FOOTERS))
        yield Finding(page.url, "" if whole else _("header, content and footer are not apart"))


def _alike(visit: Visit) -> Iterator[Finding]:
    """Pages of one kind have the same style sheets."""
    first: dict[Kind, set[str]] = {}
    for page in visit.of(Kind.COLUMN, Kind.CONTENT):
        sheets = {str(each.get("href")) for each in page.answer.soup.select("link[rel=stylesheet]")}
        differs = first.setdefault(page.kind, sheets) != sheets
        yield Finding(page.url, _("other style sheets than its like") if differs else "")


def _quick(visit: Visit) -> Iterator[Finding]:
    for page in visit.everything:
        seconds = page.answer.seconds
        text = format_lazy(_("{seconds:.1f} s"), seconds=seconds)
        yield Finding(page.url, text if seconds > SLOWEST_SECONDS else "")


def _dated(visit: Visit) -> Iterator[Finding]:
    for page in visit.of(Kind.CONTENT):
        main = zone(page, MAINS)
        shown = CLOCK.search(main.get_text(" ") if main else page.answer.text)
        yield Finding(page.url, "" if shown else _("no publish time YYYY-MM-DD HH:MM"))


def _furnished(visit: Visit) -> Iterator[Finding]:
    for page in visit.of(Kind.CONTENT):
        said = f"{page.answer.text} {' '.join(_labels(page))}"
        absent = [str(name) for name, pattern in TOOLS.items() if not pattern.search(said)]
        text = format_lazy(_("missing: {parts}"), parts=", ".join(absent))
        yield Finding(page.url, text if absent else "")


def _labels(page: Visited) -> Iterator[str]:
    for element in page.answer.soup.select("[aria-label], [title]"):
        yield str(element.get("aria-label") or element.get("title"))


def _columns(visit: Visit) -> Iterator[Finding]:
    for page in visit.of(Kind.COLUMN):
        main = zone(page, MAINS)
        entries = main.select("li a[href], dd a[href], article a[href]") if main else []
        if UNFINISHED.search(page.answer.text):
            yield Finding(page.url, _("under construction"))
        else:
            yield Finding(page.url, "" if entries else _("the column is blank"))


def _channels(visit: Visit) -> Iterator[Finding]:
    count = len(visit.menu)
    text = format_lazy(_("the menu has {count} columns"), count=count)
    yield Finding(visit.home.url, "" if count in CHANNELS else text)


def _topics(visit: Visit) -> Iterator[Finding]:
    named = re.search("专题|专栏|Topics", visit.home.answer.text)
    yield Finding(visit.home.url, "" if named else _("no entry to topics"))


def _responsive(visit: Visit) -> Iterator[Finding]:
    for page in visit.everything:
        there = page.tag("viewport") is not None
        yield Finding(page.url, "" if there else _("no viewport for phones"))


def _sound_links(visit: Visit) -> Iterator[Finding]:
    own = {
        url.partition("#")[0]
        for page in visit.everything
        for url, _element in links(page.answer)
        if visit.within(url)
    }
    for url in sorted(own, key=lambda each: (len(each), each))[:MOST_LINKS]:
        answer = visit.citizen.fetch(url)
        text = format_lazy(_("answers {status}"), status=answer.status or answer.problem)
        yield Finding(url, "" if answer.ok else text)


def _no_hidden_links(visit: Visit) -> Iterator[Finding]:
    for page in visit.everything:
        hidden = [url for url, element in links(page.answer) if _is_hidden(element)]
        text = format_lazy(_("links without a word: {links}"), links=", ".join(hidden[:3]))
        yield Finding(page.url, text if hidden else "")


def _is_hidden(link: Tag) -> bool:
    """Has the link neither words nor a picture, or is it taken out of sight?"""
    styled = "display:none" in str(link.get("style", "")).replace(" ", "")
    named = link.get_text(strip=True) or link.get("aria-label") or link.get("title")
    return styled or not (named or link.find(["img", "svg"]))


def _search(visit: Visit) -> Iterator[Finding]:
    form = visit.home.answer.soup.select_one("[role=search], form[action*=search]")
    if not isinstance(form, Tag):
        yield Finding(visit.home.url, _("no search form"))
        return
    field = form.select_one("input[name]")
    name = str(field["name"]) if isinstance(field, Tag) else "q"
    address = f"{urljoin(visit.home.url, str(form.get('action', '')))}?{name}=公开"
    answer = visit.citizen.fetch(address)
    yield Finding(address, "" if answer.is_page else _("the search doesn't answer"))


def _permanent(visit: Visit) -> Iterator[Finding]:
    for page in visit.of(Kind.CONTENT):
        found = page.answer.soup.find("link", attrs={"rel": "canonical"})
        named = urljoin(page.url, str(found.get("href"))) if isinstance(found, Tag) else ""
        if urlsplit(page.url).query:
            yield Finding(page.url, _("the address of a content page has parameters"))
        else:
            yield Finding(page.url, "" if named else _("no canonical address"))


def _maps(visit: Visit) -> Iterator[Finding]:
    for page in visit.everything:
        drawn = page.answer.soup.select("img[alt*=地图], img[alt*=区划图]")
        if drawn:
            shown = "审图号" in page.answer.text
            yield Finding(page.url, "" if shown else _("a map without its approval number"))


PAGE_RULES = [
    Rule("B.6", _("Header, content and footer are three zones"), Evidence.VERIFIED, _zones),
    Rule("B.6", _("Pages of one kind look alike"), Evidence.VERIFIED, _alike),
    Rule("B.6", _("A page is there within 3 seconds"), Evidence.VERIFIED, _quick),
    Rule("B.6", _("Content shows its publish time to the minute"), Evidence.VERIFIED, _dated),
    Rule("B.6", _("Content has position, print and font size"), Evidence.MODEL, _furnished),
    Rule("B.6", _("No column is blank"), Evidence.VERIFIED, _columns),
    Rule("B.6", _("The menu has 5 to 8 columns"), Evidence.MODEL, _channels),
    Rule("B.6", _("The home page leads to topics"), Evidence.MODEL, _topics),
    Rule("B.6", _("Pages fit phones"), Evidence.MODEL, _responsive),
    Rule("B.6", _("No link within the site is broken"), Evidence.MODEL, _sound_links),
    Rule("B.6", _("No link is hidden"), Evidence.MODEL, _no_hidden_links),
    Rule("B.6", _("The search answers"), Evidence.VERIFIED, _search),
    Rule("B.6", _("Content has a permanent address"), Evidence.MODEL, _permanent),
    Rule("B.6", _("Maps show their approval number"), Evidence.VERIFIED, _maps),
]
