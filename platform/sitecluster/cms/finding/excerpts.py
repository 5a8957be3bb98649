"""What a list of hits shows of a page: its words, marked, and the place where they stand."""

import re
from collections.abc import Sequence
from unicodedata import east_asian_width

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

WIDTH = 168  # of an excerpt, in columns: a Chinese character or sign takes two
LEAD = 40  # before the first word that is found, where no sentence begins earlier
SENTENCE_ENDS = re.compile(r"[。！？；…\n]|[.!?;]\s")
AFTER_SIGNS = re.compile(r"(?<=[。！？；：，、…])\s+")  # where blocks of text meet
ELLIPSIS = "……"


def marked(text: str, words: Sequence[str]) -> SafeString:
    """The text as HTML, with each of the words in a ``<mark>``."""
    if not words:
        return conditional_escape(text)
    parts = _pattern(words).split(text)
    return mark_safe(
        "".join(
            format_html("<mark>{}</mark>", part) if place % 2 else conditional_escape(part)
            for place, part in enumerate(parts)
        )
    )


def excerpt(texts: Sequence[str], words: Sequence[str]) -> str:
    """A line or two of the first of these texts that holds one of the words, from where it stands;
    the beginning of the first that says anything, if none does."""
    plain = [AFTER_SIGNS.sub("", " ".join(text.split())) for text in texts]
    pattern = _pattern(words)
    for text in plain:
        found = pattern.search(text)
        if found:
            return _cut(text, _start(text, found.start()))
    return _cut(next(filter(None, plain), ""), 0)


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Longer words first, so that one within another doesn't hide it."""
    longest = sorted(words, key=len, reverse=True)
    return re.compile(f"({'|'.join(map(re.escape, longest))})", re.IGNORECASE)


def _start(text: str, place: int) -> int:
    """The beginning of the sentence in which ``place`` lies, or of a few words before it."""
    earliest = place
    width = 0
    while earliest and width < LEAD:
        earliest -= 1
        width += _width(text[earliest])
    ends = list(SENTENCE_ENDS.finditer(text, earliest, place))
    if ends:
        return ends[-1].end()
    space = text.find(" ", earliest, place)
    return earliest if earliest == 0 or space < 0 else space + 1


def _cut(text: str, start: int) -> str:
    end, width = start, 0
    while end < len(text) and width < WIDTH:
        width += _width(text[end])
        end += 1
    if end < len(text) and text[end].isascii() and text[end].isalnum():
        space = text.rfind(" ", start, end)
        end = space if space > start else end
    before = ELLIPSIS if start and not SENTENCE_ENDS.search(text, max(0, start - 2), start) else ""
    shown = text[start:end].strip()
    return f"{before}{shown}{ELLIPSIS if end < len(text) else ''}"


def _width(character: str) -> int:
    return 2 if east_asian_width(character) in "WFA" else 1
