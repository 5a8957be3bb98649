"""How the text of a page is set: headings that a table of contents leads to, and for official
documents the places that GB/T 9704-2012 (7.3) gives to whom they address and who signs them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import unescape

from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe

HEADING = re.compile(r"<(?P<tag>h[23])(?P<rest>(?:\s[^>]*)?)>(?P<words>.*?)</(?P=tag)>", re.DOTALL)
PARAGRAPH = re.compile(r"<p(?P<rest>(?:\s[^>]*)?)>(?P<words>.*?)</p>", re.DOTALL)
ARTICLE = re.compile(r"(第[一二三四五六七八九十百零〇]+条)(?=[\s\u3000])")
NUMBERED = re.compile(r"[一二三四五六七八九十百]+、|[（(][一二三四五六七八九十]+[）)]")
DATE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")
LONG = 3  # headings from which on a table of contents helps


@dataclass(frozen=True)
class Heading:
    """A heading within the text; ``level`` is 2 or 3."""

    anchor: str
    title: str
    level: int


@dataclass(frozen=True)
class Reading:
    """A text as it is shown, part by part, with the headings in it."""

    parts: tuple[SafeString, ...]
    headings: tuple[Heading, ...]
    signed: bool = False
    """Whether the text itself ends with who issued it and when."""

    @property
    def contents(self) -> tuple[Heading, ...]:
        """The table of contents; empty where the text is short."""
        return self.headings if len(self.headings) >= LONG else ()


def outlined(parts: Iterable[str], signed: bool = False) -> Reading:
    """Give every heading of these pieces of trusted HTML an anchor."""
    headings: list[Heading] = []

    def anchored(match: re.Match[str]) -> str:
        title = _words(match["words"])
        if not title or " id=" in match["rest"]:
            return match[0]
        tag, anchor = match["tag"], f"part-{len(headings) + 1}"
        headings.append(Heading(anchor, title, int(tag[1])))
        return f'<{tag}{match["rest"]} id="{anchor}">{match["words"]}</{tag}>'

    done = tuple(mark_safe(HEADING.sub(anchored, part)) for part in parts)
    return Reading(done, tuple(headings), signed)


def officially(parts: Sequence[str], issuing_body: str) -> tuple[list[str], bool]:
    """These pieces of trusted HTML with the parts of an official document marked by classes, and
    whether they are signed.

    ``address`` is the line of those to whom it goes, which isn't indented (7.3.2); ``sign`` is who
    issued it and when, which stands to the right (7.3.5); numbers of articles are bold.
    Headings that a number begins are ``numbered``.
    """
    addressed = signed = False

    def marked(match: re.Match[str]) -> str:
        nonlocal addressed, signed
        words, kind = _words(match["words"]), ""
        if not addressed:
            addressed, kind = True, "address" if words.endswith(("：", ":")) else ""
        if DATE.fullmatch(_dense(words)) or (words and _dense(words) == _dense(issuing_body)):
            signed, kind = True, "sign"
        text = ARTICLE.sub(r"<b>\1</b>", match["words"], count=1) if _is_article(match) else ""
        attribute = f' class="{kind}"' if kind else ""
        return f"<p{match['rest']}{attribute}>{text or match['words']}</p>"

    done = [HEADING.sub(_numbered, PARAGRAPH.sub(marked, part)) for part in parts]
    return done, signed


def _numbered(heading: re.Match[str]) -> str:
    """Headings such as “一、” begin where a paragraph does, others stand in the middle (7.3.3)."""
    if not NUMBERED.match(_words(heading["words"])):
        return heading[0]
    tag = heading["tag"]
    return f'<{tag}{heading["rest"]} class="numbered">{heading["words"]}</{tag}>'


def _is_article(paragraph: re.Match[str]) -> bool:
    return ARTICLE.match(paragraph["words"]) is not None


def _words(html: str) -> str:
    return unescape(strip_tags(html)).strip()


def _dense(text: str) -> str:
    return "".join(text.split())
