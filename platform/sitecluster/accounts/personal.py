"""Screens of whoever is signed in, with or without rights on the site, in the person's language."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from wagtail.admin.auth import reject_request
from wagtail.admin.localization import get_localized_response

View = Callable[..., HttpResponse]


def personal(view: View) -> View:
    """Lets nobody in who isn't signed in; the gate decides how far a session reaches."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            rejected: HttpResponse = reject_request(request)
            return rejected
        response: HttpResponse = get_localized_response(view, request, *args, **kwargs)
        return response

    return never_cache(sensitive_post_parameters()(guarded))


def back_to(request: HttpRequest) -> str:
    """The path on this host to which the person wanted to go; the site's start if none is named."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if safe else reverse("wagtailadmin_home")
