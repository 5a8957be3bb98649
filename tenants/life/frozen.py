"""Nothing of a read-only or closed site can be changed on its admin host (guideline 2017-47, B.4).

One place for every screen, bulk action, fragment and the API: whatever isn't a safe method is
refused, but for what people do with their own account. What the worker would publish stops at the
gates of publication. Platform admins and delegates go on acting from the control site.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.messages import WARNING, get_messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import gettext as _

from sitecluster.tenancy import Side
from tenants.models import State

from .notices import render

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
OWN = tuple(
    f"/admin/{path}/"
    for path in (
        "login",
        "logout",
        "second-factor",
        "account",
        "password_reset",
        "address",
        "invitations/mine",
        "dismissibles",  # what a person has read
        "editing-sessions",  # who else looks at a page
    )
)
REFUSED = 403


class FrozenGate:
    """Refuses changes of a frozen site; behind the middleware that knows the person's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """None where the way is free."""
        if request.method in SAFE or request.side is not Side.ADMIN or not request.tenant.frozen:
            return None
        return None if request.path_info.startswith(OWN) else _refuse(request)

    def process_template_response(self, request: Any, response: Any) -> Any:
        """Say at the head of every screen that nothing can be changed, and why."""
        screen = request.method == "GET" and not request.headers.get("x-requested-with")
        if screen and getattr(request, "side", None) is Side.ADMIN and request.tenant.frozen:
            response.context_data = {
                **(response.context_data or {}),
                "messages": Headed(_head(request.tenant), request),
            }
        return response


class Headed:
    """The request's messages below one more, read when they are shown and not before."""

    def __init__(self, head: str, request: HttpRequest) -> None:
        self.head, self.request = head, request

    def __iter__(self) -> Iterator[Message]:
        yield Message(WARNING, self.head)
        yield from get_messages(self.request)


def _head(site: Any) -> str:
    closed = site.state == State.CLOSED
    text = (
        _("This site is closed: nothing can be changed.")
        if closed
        else _("This site is read-only: nothing can be changed.")
    )
    return f"{text} {site.state_note}".strip()


def _refuse(request: Any) -> HttpResponse:
    if request.headers.get("x-requested-with") or not request.accepts("text/html"):
        text = _("{site} takes no changes any more: it is read-only or closed.")
        text = text.format(site=request.tenant.name)
        body = {"success": False, "error_code": "site_frozen", "error_message": text}
        return JsonResponse({**body, "detail": text}, status=REFUSED)
    language = translation.get_language()
    return render("tenants/frozen.html", {"tenant": request.tenant}, REFUSED, language or "")
