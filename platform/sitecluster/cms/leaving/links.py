"""Every link of a public page that leads away leads to the prompt first.

One place for all of them: whatever a template, an editor, a plugin or a menu puts into the HTML
of a public host, and whatever a public host redirects to, passes here.
"""

import re
from collections.abc import Callable
from functools import partial
from html import escape, unescape
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from sitecluster.cms.identity import SiteIdentity
from sitecluster.tenancy import Side

from .addresses import absolute, host_of, is_known, query_of

HTML = "text/html"
REDIRECTS, FOUND = range(300, 400), 302
# Comments and what holds text alone go by as a whole; of links the attributes are looked at. What
# isn't closed reaches to the end, as in browsers, so no page is read twice.
TAGS = re.compile(
    r"<(?:!--.*?(?:-->|\Z)"
    r"|(?P<raw>script|style|textarea|title)\b.*?(?:</(?P=raw)\s*>|\Z)"
    r"|a(?:rea)?[\s/](?P<attributes>(?:[^>\"']|\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z))*+)(?:>|\Z))",
    re.IGNORECASE | re.DOTALL,
)
ATTRIBUTE = re.compile(
    r"(?P<name>[^\s\"'>/=]+)(?:\s*=\s*(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?"
)


class LeavingMiddleware:
    """Rewrites links and redirects of public hosts; outside of what looks for old addresses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.side is not Side.PUBLIC:  # type: ignore[attr-defined]
            return response
        asks = partial(_asks, request, getattr(response, "leaves_for", None))
        if response.status_code in REDIRECTS:
            _redirect(response, asks)
        elif not response.streaming and response.headers.get("Content-Type", "").startswith(HTML):
            text = response.content.decode(response.charset)
            response.content = rewritten(text, asks).encode(response.charset)
        return response


def rewritten(text: str, asks: Callable[[str], str | None]) -> str:
    """The page with each link that leads away leading to the prompt, and naming its target beside.

    ``asks`` gives the address of the prompt for an absolute address, or None where none is needed.
    """
    return TAGS.sub(partial(_tag, asks), text)


def _tag(asks: Callable[[str], str | None], tag: re.Match[str]) -> str:
    attributes = tag["attributes"]
    if attributes is None:
        return tag[0]
    for found in ATTRIBUTE.finditer(attributes):
        if found["name"].lower() == "href":
            target = absolute(unescape((found["value"] or "").strip("\"'")))
            prompt = asks(target) if target else None
            if target is None or prompt is None:
                return tag[0]
            start, end = (tag.start("attributes") - tag.start() + each for each in found.span())
            link = f'href="{escape(prompt)}" data-leaving="{escape(target)}"'
            return f"{tag[0][:start]}{link}{tag[0][end:]}"
    return tag[0]


def _asks(request: HttpRequest, free: str | None, target: str) -> str | None:
    """The prompt's address for ``target``, unless it is ``free`` or known."""
    if target == free or is_known(host_of(target), partial(_white_list, request)):
        return None
    return reverse("leaving:go") + query_of(target)


def _redirect(response: HttpResponse, asks: Callable[[str], str | None]) -> None:
    target = absolute(response.headers.get("Location", ""))
    prompt = asks(target) if target else None
    if prompt:
        response.headers["Location"] = prompt
        response.status_code = FOUND  # white lists change: no browser keeps it


def _white_list(request: Any) -> str:
    """The site's own; the frame of the page has read it already, as a rule."""
    if not hasattr(request, "site_identity"):
        request.site_identity = SiteIdentity.objects.first()
    return request.site_identity.white_list if request.site_identity else ""
