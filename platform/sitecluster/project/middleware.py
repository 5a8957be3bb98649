"""Django's session, sign-in, CSRF and message middleware, on admin hosts only.

Public hosts know no session and set no cookie (design, Tenancy).
"""

from typing import Any

from django.contrib.auth import middleware as auth
from django.contrib.auth.context_processors import PermWrapper
from django.contrib.messages import get_messages, middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponseBase
from django.middleware import csrf, locale
from django.utils.translation import get_language

from sitecluster.tenancy import Side


class AdminOnly:
    """Skips a middleware wherever the request isn't for an admin host."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.side is not Side.ADMIN:  # type: ignore[attr-defined]
            response: HttpResponseBase = self.get_response(request)
            return response
        return super().__call__(request)  # type: ignore[misc]


class SessionMiddleware(AdminOnly, sessions.SessionMiddleware):
    """Sessions of admin hosts; one sign-in serves all of them."""


class AuthenticationMiddleware(AdminOnly, auth.AuthenticationMiddleware):
    """`request.user` on admin hosts."""


class MessageMiddleware(AdminOnly, messages.MessageMiddleware):
    """Messages on admin hosts."""


class CsrfViewMiddleware(AdminOnly, csrf.CsrfViewMiddleware):
    """CSRF checks on admin hosts, the only ones with a session to ride on."""

    def process_view(self, request: HttpRequest, *args: Any) -> Any:
        if request.side is not Side.ADMIN:  # type: ignore[attr-defined]
            return None
        return super().process_view(request, *args)


class LocaleMiddleware(locale.LocaleMiddleware):
    """On public hosts the address alone decides the language, so no answer varies by a header."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        if request.side is Side.ADMIN:  # type: ignore[attr-defined]
            return super().process_response(request, response)
        response.headers.setdefault("Content-Language", get_language())
        return response


def user_context(request: HttpRequest) -> dict[str, Any]:
    """`user`, `perms` and `messages` in templates of admin hosts; nothing on public ones."""
    if not hasattr(request, "user"):
        return {}
    return {
        "user": request.user,
        "perms": PermWrapper(request.user),
        "messages": get_messages(request),
    }
