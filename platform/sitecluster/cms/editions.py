"""Pages of a language edition that stand in no tree: search, site map."""

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext

from .chrome import Chrome


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """Frame and trail of such a page; raises Http404 while the edition's home page isn't live."""
    frame = Chrome(request)
    if not any(edition["current"] for edition in frame.languages):
        raise Http404("This edition isn't live.")
    trail = [{"title": gettext("Home"), "url": frame.home_url}]
    return {"site_chrome": frame, "breadcrumb": trail}
