"""From plain text to the blocks of an article: for starter pages, samples and imports.

A text is a list of paragraphs; ``## `` and ``### `` begin a heading, ``- `` an item of a list,
and ``**…**`` is bold.
"""

import re
from collections.abc import Iterable
from itertools import groupby

from django.utils.html import escape

BOLD = re.compile(r"\*\*(.+?)\*\*")


def html_of(lines: Iterable[str]) -> str:
    """The rich text of these paragraphs."""
    parts = []
    for is_item, group in groupby(lines, key=lambda line: line.startswith("- ")):
        if is_item:
            items = "".join(f"<li>{_inline(line[2:])}</li>" for line in group)
            parts.append(f"<ul>{items}</ul>")
        else:
            parts += [_paragraph(line) for line in group]
    return "".join(parts)


def body_of(lines: Iterable[str]) -> list[tuple[str, str]]:
    """The body of an article of text alone; no lines, no blocks."""
    html = html_of(lines)
    return [("text", html)] if html else []


def _paragraph(line: str) -> str:
    for mark, tag in (("### ", "h3"), ("## ", "h2")):
        if line.startswith(mark):
            return f"<{tag}>{_inline(line.removeprefix(mark))}</{tag}>"
    return f"<p>{_inline(line)}</p>"


def _inline(text: str) -> str:
    return BOLD.sub(r"<b>\1</b>", escape(text))
