"""What an admin host answers."""

from typing import NoReturn

from django.http import Http404, HttpRequest
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls


def gone(request: HttpRequest, **kwargs: str) -> NoReturn:
    """Public hosts know no session, so pages and collections can't be private."""
    raise Http404


urlpatterns = [
    re_path(r"^admin/(pages|collections)/\d+/privacy/$", gone),
    path("admin/", include(wagtailadmin_urls)),
    path("", RedirectView.as_view(pattern_name="wagtailadmin_home")),
]
