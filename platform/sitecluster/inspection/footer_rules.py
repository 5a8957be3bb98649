"""B.6: what header and footer must name, on every page alike."""

import re
from collections.abc import Iterator
from typing import Any

from bs4 import Tag
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from .rules import Evidence, Finding, Rule
from .visiting import Visit, Visited

HEADERS = "header, [role=banner], #header, .header, .top, #top"
FOOTERS = "footer, [role=contentinfo], #footer, .footer, #foot, .foot"
# What the footer shows at least: its name, and a pattern of its text or of a link's address.
MARKS: dict[Any, str] = {
    _("mark of party and government organs"): r"党政机关|conac\.cn",
    _("entry for reporting errors"): r"找错|Report an error|_jiucuo_|pucha\.kaipuyun|pucha\.gov",
    _(
        "site identification code"
    ): r"(?:标识码|identification code)\D{0,3}(?:\d{10}|bm\d{8}|N\d{9})",
    _("host unit"): r"主办|Host unit",
    _("telephone or address"): r"电话|地址|邮箱|Telephone|Address|\d{3,4}-\d{7,8}",
    _("ICP filing"): r"ICP备",
    _("police filing"): r"公网安备",
    _("site map"): r"(?:网站|站点)地图|Site map",
}


PARTS = _("menu"), _("footer")


def zone(page: Visited, selector: str) -> Tag | None:
    """The last element of the page that is such a zone, or None."""
    found = page.answer.soup.select(selector)
    return found[-1] if found and selector == FOOTERS else (found[0] if found else None)


def _header(visit: Visit) -> Iterator[Finding]:
    for page in visit.everything:
        header, name = zone(page, HEADERS), page.tag("SiteName") or ""
        if header is None:
            yield Finding(page.url, _("there is no header"))
            continue
        absent = [
            part
            for part, there in (
                (_("site name"), not name or name in header.get_text(" ")),
                (_("logo"), header.find(["img", "svg"]) is not None),
                (_("search"), _has_search(page)),
            )
            if not there
        ]
        yield Finding(page.url, _listed(absent))


def _has_search(page: Visited) -> bool:
    soup = page.answer.soup
    fields = soup.select("[role=search], input[type=search], input[name=q], form[action*=search]")
    return bool(fields) or any("搜索" in link.get_text() for link in soup.find_all("a"))


def _footer(visit: Visit) -> Iterator[Finding]:
    for page in visit.everything:
        footer = zone(page, FOOTERS)
        if footer is None:
            yield Finding(page.url, _("there is no footer"))
            continue
        said = f"{footer.get_text(' ')} {footer}"
        absent = [mark for mark, pattern in MARKS.items() if not re.search(pattern, said)]
        yield Finding(page.url, _listed(absent))


def _same(visit: Visit) -> Iterator[Finding]:
    """Menu and footer have the same words as on the first page of the same language."""
    first: dict[str, tuple[str, str]] = {}
    for page in visit.everything:
        words = _words(page, f"{HEADERS}, nav", "nav a, li a"), _words(page, FOOTERS)
        known = first.setdefault(page.language, words)
        parts = [part for part, a, b in zip(PARTS, words, known, strict=True) if a != b]
        yield Finding(page.url, _differing(parts))


def _words(page: Visited, selector: str, within: str = "") -> str:
    found = zone(page, selector)
    if found is None:
        return ""
    parts = found.select(within) if within else [found]
    return "".join("".join(part.get_text().split()) for part in parts)


def _differing(parts: list[Any]) -> Any:
    text = _("differs from the home page's: {parts}")
    return format_lazy(text, parts=", ".join(map(str, parts))) if parts else ""


def _listed(parts: list[Any]) -> Any:
    return format_lazy(_("missing: {parts}"), parts=", ".join(map(str, parts))) if parts else ""


FOOTER_RULES = [
    Rule("B.6", _("The header shows name, logo and search"), Evidence.VERIFIED, _header),
    Rule("B.6", _("The footer shows every mark"), Evidence.VERIFIED, _footer),
    Rule("B.6", _("Header and footer are the same on all pages"), Evidence.MODEL, _same),
]
