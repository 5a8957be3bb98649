"""The way from the home page down to a page."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext

from .listings import HOME_DEPTH, breadcrumb
from .page_tags import column_of


def trail(page: Any, request: HttpRequest) -> list[dict[str, Any]]:
    """Title and url of every page above ``page``, the home page first."""
    return [step(above, request) for above in breadcrumb(page)]


def above(page: Any, request: HttpRequest) -> dict[str, Any]:
    """For a template: the way down to ``page``, and the column or topic that it stands in, for
    its page tags."""
    pages = breadcrumb(page)
    return {
        "breadcrumb": [step(each, request) for each in pages],
        "column": column_of(pages[-1]) if pages else None,
    }


def step(page: Any, request: HttpRequest) -> dict[str, Any]:
    """A page of the way; the home page is called just that."""
    title = gettext("Home") if page.depth == HOME_DEPTH else page.title
    return {"title": title, "url": page.get_url(request)}
