"""Answers 404 for what is from, or about, an app that is off for the site."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import ResolverMatch
from wagtail.admin.viewsets import viewsets

from sitecluster.tenancy import Side, serving

from .page_types import pages_off
from .registry import gated, is_on, owner_of

Handler = Callable[[HttpRequest], HttpResponse]
# Arguments in which views that serve any app name it, alone or as ``app.Model``, and in which
# views of the admin and of its API name a page.
APP_ARGUMENTS = (
    "app_label",
    "app_name",
    "content_type_app_label",
    "content_type_app_name",
    "type",
    "type_name",
)
PAGE_ARGUMENTS = ("page_id", "page_to_move_id", "parent_page_id")


def apps_of(match: ResolverMatch) -> Iterator[str]:
    """Labels of the apps, of those that come with plugins, that an address leads to."""
    yield from filter(None, [owner_of(match.func)])
    for namespace in match.namespaces:
        yield from filter(None, [_viewset_owners().get(namespace)])
    for name in APP_ARGUMENTS:
        label = str(match.kwargs.get(name, "")).partition(".")[0]
        if gated(label):
            yield label


@lru_cache(maxsize=1)
def _viewset_owners() -> dict[str, str | None]:
    """What Wagtail's viewsets are about, by the namespace of their addresses."""
    named = [viewset for viewset in viewsets.viewsets if viewset.name]  # pages have no namespace
    return {viewset.url_namespace: owner_of(viewset) for viewset in named}


class PluginMiddleware:
    """Looks at the view that is about to be called; without a query (see `pages_off`)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Iterable[Any], kwargs: dict[str, Any]
    ) -> None:
        """Raise Http404 where what is asked for is off."""
        match = request.resolver_match
        for label in apps_of(match) if match else ():
            if not is_on(label):
                raise Http404(f"{label} is off here.")
        pages = {str(kwargs[name]) for name in PAGE_ARGUMENTS if name in kwargs}
        now = serving()
        if pages and now and now.side is Side.ADMIN and not pages.isdisjoint(map(str, pages_off())):
            raise Http404("The type of this page is off here.")
