"""Old addresses of moved and renamed pages lead to where the pages are now.

Paths are kept as the site sees them, with the language and without the site's prefix, so a site
that changes its address keeps its redirects. They name the page, not its next address: there are
no chains to follow.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models.functions import Length
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from wagtail.contrib.redirects.models import Redirect

from sitecluster.library.register import Paths
from sitecluster.tenancy import Side, serving

LONGEST = Redirect._meta.get_field("old_path").max_length
NOT_FOUND = 404
Handler = Callable[[HttpRequest], HttpResponse]


def follow(before: Paths, now: Paths) -> None:
    """Lead the paths that pages had ``before`` to them; ``now`` says where live pages are.

    Both map a page's id to its path within the site. A path that a live page has taken leads
    nowhere else any more. At most three statements.
    """
    forget(now.values())
    redirects = {
        path: Redirect(
            old_path=path, redirect_page_id=page_id, is_permanent=True, automatically_created=True
        )
        for page_id, old_path in before.items()
        if old_path != now[page_id] and len(path := stored(old_path)) <= LONGEST
    }
    if redirects:
        automatic = Redirect.objects.filter(automatically_created=True)
        automatic.filter(old_path__in=redirects).delete()
        taken = {stored(path) for path in now.values()}
        Redirect.objects.bulk_create(
            redirect for path, redirect in redirects.items() if path not in taken
        )


def forget(paths: Iterable[str]) -> None:
    """Drop what was written for these paths, since live pages have them now."""
    wanted = [stored(path) for path in paths]
    if wanted:
        Redirect.objects.filter(automatically_created=True, old_path__in=wanted).delete()


def find(request: HttpRequest) -> HttpResponse | None:
    """Where the page that was once at the request's path is now; None if nobody knows.

    What an editor wrote for the path with its query, as older systems had, comes first.
    """
    paths = [path for path in _asked(request) if "\0" not in path and len(path) <= LONGEST]
    found = (
        Redirect.objects.filter(old_path__in=paths)
        .select_related("redirect_page")
        .order_by(Length("old_path").desc(), "automatically_created", "-pk")
        .first()
    )
    target = found and _target(found, request)
    if not found or not target or target in (request.path, request.build_absolute_uri()):
        return None
    answer = HttpResponsePermanentRedirect if found.is_permanent else HttpResponseRedirect
    return answer(target)


def stored(path: str) -> str:
    """A path as the table of redirects keeps it: without the slash at the end."""
    return path.rstrip("/") or "/"


class RedirectMiddleware:
    """Looks for a redirect where a public host would answer 404."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != NOT_FOUND or request.side is not Side.PUBLIC:  # type: ignore[attr-defined]
            return response
        return find(request) or response


def _asked(request: HttpRequest) -> set[str]:
    query = request.META.get("QUERY_STRING", "")
    path = "/" + request.path_info.lstrip("/")  # two slashes would begin a host
    with_query = Redirect.normalise_path(f"{path}?{query}") if query else ""
    return {stored(request.path_info), with_query} - {""}


def _target(redirect: Any, request: HttpRequest) -> str | None:
    page = redirect.redirect_page
    if page is None:
        link: str = redirect.redirect_link
        around = serving()
        return around.prefix + link if around and link.startswith("/") else link
    return page.specific_deferred.get_url(request) if page.live else None
