"""How a refused publication looks to whoever asked for it: a sentence, never a traceback."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from wagtail.admin import messages
from wagtail.models import Page

from sitecluster.tenancy import Side

from .gates import PublicationRefused

Handler = Callable[[HttpRequest], HttpResponse]
REFUSED = 422
EDITOR = {"wagtailadmin_pages:add", "wagtailadmin_pages:edit"}


class PublicationMiddleware:
    """Turns a refusal into a message on the screen it was asked from, or into JSON."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a refusal on an admin host; everything else takes its course."""
        if not isinstance(error, PublicationRefused) or request.side is not Side.ADMIN:  # type: ignore[attr-defined]
            return None
        if not request.accepts("text/html"):
            return JsonResponse(refusal(error), status=REFUSED)
        for problem in error.problems:
            messages.error(request, f"{error.page}: {problem}")
        return HttpResponseRedirect(_way_back(request, error.page))


def refusal(error: PublicationRefused) -> dict[str, Any]:
    """A refusal as Wagtail's editor reads it."""
    return {
        "success": False,
        "error_code": "publication_refused",
        "error_message": " ".join(map(str, error.problems)),
        "problems": [str(problem) for problem in error.problems],
    }


def _way_back(request: HttpRequest, page: Any) -> str:
    """The page's editor if the draft was saved there, else where the request came from."""
    match = request.resolver_match
    if match and match.view_name in EDITOR and Page.objects.filter(pk=page.pk).exists():
        return reverse("wagtailadmin_pages:edit", args=[page.pk])
    came_from = request.headers.get("referer", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, request.is_secure()):
        return came_from
    return reverse("wagtailadmin_explore_root")
