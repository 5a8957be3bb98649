"""What templates ask of long texts."""

import re
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import mark_safe

from sitecluster.cms.documents import LAPSED, Validity, standing_of
from sitecluster.cms.official_text import Reading, officially, outlined

# Before “关于” and “《”, after “》” and “印发”.
PHRASE = re.compile(r"(?<=[^\s])(?=关于|《)|(?<=》)(?=[^\s])")

register = template.Library()


@register.simple_tag(takes_context=True)
def reading(context: Any, body: Any, document: Any = None) -> Reading:
    """The blocks of ``body`` drawn, with anchors at their headings; ``document`` is the official
    document of which it is the text."""
    surroundings = context.flatten()
    drawn = [(block.block_type, str(block.render(surroundings))) for block in body]
    if document is None:
        return outlined(html for _kind, html in drawn)
    texts = [html for kind, html in drawn if kind == "text"]
    marked, signed = officially(texts, document.issuing_body)
    remaining = iter(marked)
    parts = [next(remaining) if kind == "text" else html for kind, html in drawn]
    return outlined(parts, signed)


@register.filter
def phrases(title: str) -> str:
    """A document's title that turns to the next line between its phrases alone."""
    return mark_safe(PHRASE.sub("<wbr>", escape(title)))


@register.filter
def lapsed(entry: Any) -> str:
    """Of a list's entry that is a document no longer in force: what it is now; "" of others."""
    validity = getattr(entry, "validity", None)
    standing = standing_of(validity, entry.expires_on) if validity else ""
    return str(Validity(standing).label) if standing in LAPSED else ""


@register.filter
def host_of(url: str) -> str:
    """The host of an address, for telling where a link leads; "" if there is none."""
    return url.partition("//")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]
