"""What plugins put into the public pages."""

import logging
from functools import cache

from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString

from .registry import installed, is_on

logger = logging.getLogger(__name__)
SLOTS = ("banner",)


@cache
def _fillers(slot: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (label, plugin.manifest.slots[slot])
        for label, plugin in installed().items()
        if slot in plugin.manifest.slots
    )


def fill(slot: str, request: HttpRequest) -> SafeString:
    """What the plugins that are on give for ``slot``, by label; one that fails is left out."""
    return format_html_join("", "{}", ((_fill(*filler, request),) for filler in _fillers(slot)))


def _fill(label: str, path: str, request: HttpRequest) -> str:
    if not is_on(label):
        return ""
    try:
        text: str = import_string(path)(request)  # escaped unless it is safe
        return text
    except Exception:  # a plugin's mistake must not take down every page of the site
        logger.exception("The plugin %s failed in a slot.", label)
        return ""
