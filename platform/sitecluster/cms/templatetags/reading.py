"""What templates ask of long texts."""

from typing import Any

from django import template

from sitecluster.cms.official_text import Reading, officially, outlined

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
def host_of(url: str) -> str:
    """The host of an address, for telling where a link leads; "" if there is none."""
    return url.partition("//")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]
