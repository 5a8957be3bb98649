"""How long a session lasts, and when a sign-in is complete."""

import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from . import lockout, second_factor
from .models import User

OPENED, SEEN = "opened_at", "seen_at"  # seconds since 1970
NOTE_EVERY = 60  # seconds, so that not every request writes the session
POLLS = "/admin/editing-sessions/"  # an open editor asks here by itself


def begin(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """A password was right: start the clocks, and complete the sign-in if nothing is missing."""
    request.session[OPENED] = request.session[SEEN] = int(time.time())
    if not second_factor.is_owed(request):
        complete(request, response, user)


def complete(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """The person has proved who they are: failures from here are forgotten."""
    lockout.forgive(request, user)
    lockout.trust_browser(response, user)


def is_over(request: HttpRequest) -> bool:
    """Has the session been idle, or open, for too long? Notes that it is in use, once a minute."""
    now, session = int(time.time()), request.session
    if OPENED not in session:  # opened by code, or before there was a limit
        session[OPENED] = session[SEEN] = now
    if now - session[OPENED] > settings.SESSION_COOKIE_AGE:
        return True
    idle = now - session[SEEN]
    if idle > settings.SESSION_IDLE_MINUTES * 60:
        return True
    if idle >= NOTE_EVERY and not request.path_info.startswith(POLLS):
        session[SEEN] = now
    return False
