"""``{% plugin_slot "banner" %}`` in a theme's templates; needs no load."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from sitecluster.plugins.slots import fill

register = template.Library()


@register.simple_tag(takes_context=True)
def plugin_slot(context: Any, slot: str) -> SafeString:
    """What the plugins that are on for the site put here; nothing without a request."""
    request = context.get("request")
    return fill(slot, request) if request else SafeString()
