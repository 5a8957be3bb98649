"""The prompt as a page, for browsers without script and for links opened beside."""

from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from .addresses import host_of, is_inside, is_signed


@require_safe
def go(request: HttpRequest) -> HttpResponse:
    """Ask whether to follow a link of this site to the address ``u``.

    It never leads there by itself, and Http404 is raised for what no page of the site links to, so
    nobody can lend the site's name to an address of their own.
    """
    target = request.GET.get("u", "")
    if not is_signed(target, request.GET.get("s", "")):
        raise Http404
    host = host_of(target)
    inside = bool(host) and is_inside(host)
    context = {"target": target, "inside": inside, "back": _page_before(request)}
    response = render(request, "leaving/go.html", context)
    response.leaves_for = target  # type: ignore[attr-defined]
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _page_before(request: HttpRequest) -> str | None:
    """The page of this host from which somebody came, without host, if the browser tells."""
    try:
        place = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return None
    own = place.netloc == request._get_raw_host()  # type: ignore[attr-defined]
    if not own or not place.path.startswith("/") or place.path.startswith("//"):
        return None
    return place.path + (f"?{place.query}" if place.query else "")


app_name = "leaving"
urlpatterns = [path("", go, name="go")]
