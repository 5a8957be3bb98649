"""What stands between a sign-in and the first screen of an admin host.

A session is worth something once its person has given the second factor that the account has, has
set a new password where the old one is too old, and has a second factor where the site wants one
or it is wanted of the person.
Everything below ``/admin/`` and ``/api/`` is behind this, except for what is named here; nothing of
it costs a statement, since the account and the session are read anyway.
"""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from sitecluster.tenancy import Side

from . import passwords, second_factor, sessions

CHECK, ENROL, RENEW = "second_factor_check", "second_factor", "renew_password"
OPEN = {
    "sign_out",
    "set_password",
    "wagtailadmin_password_reset",
    "wagtailadmin_password_reset_done",
    "wagtailadmin_password_reset_confirm",
    "wagtailadmin_password_reset_complete",
    "wagtailadmin_sprite",
    "wagtailadmin_javascript_catalog",
}


class SignInGate:
    """Leads a session that isn't complete to what is missing, and ends one that is too old."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.get_response(request)
        return response

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """None where the way is free."""
        name = request.resolver_match.view_name
        if request.side is not Side.ADMIN or name in OPEN:
            return None
        if _is_by_token(request):
            return _refuse_token(request)
        if name == "sign_in" and request.method == "POST":
            return None
        if not request.user.is_authenticated:
            return None
        if sessions.is_over(request):
            logout(request)
            messages.info(request, _("Your session has ended. Please sign in again."))
            return None  # from here on as for anyone who isn't signed in
        missing = _missing(request)
        return None if missing in (None, name) else _lead(request, missing)


def _missing(request: Any) -> str | None:
    """The name of the screen that comes first."""
    user = request.user
    if second_factor.is_owed(request):
        return CHECK
    if passwords.is_expired(user):
        return RENEW
    if second_factor.is_required_of(user, request.tenant) and not second_factor.is_enrolled(user):
        return ENROL
    return None


def _lead(request: Any, missing: str) -> HttpResponse:
    """To that screen, and back afterwards; a sentence where a program asks."""
    if request.headers.get("x-requested-with") or not request.accepts("text/html"):
        text = _("This session isn't complete: open the admin in the browser and sign in.")
        return HttpResponse(text, status=403, content_type="text/plain; charset=utf-8")
    back = request.get_full_path() if request.method == "GET" else "/admin/"
    return HttpResponseRedirect(f"{reverse(missing)}?{urlencode({'next': back})}")


def _is_by_token(request: HttpRequest) -> bool:
    """Will the token alone decide? The API forgets the session's person where one is sent; no
    other address looks at tokens, so there the header must not open a session's way."""
    token = request.headers.get("authorization", "").lower().startswith("bearer ")
    return token and request.path_info.startswith("/api/")


def _refuse_token(request: Any) -> HttpResponse | None:
    """A token is made by someone who has passed all this, but carries no second factor; the
    control site takes none."""
    if not second_factor.is_control(request.tenant):
        return None
    text = _("The control site takes no API tokens.")
    return HttpResponse(text, status=403, content_type="text/plain; charset=utf-8")
