"""What an admin host answers."""

from typing import NoReturn

from django.http import Http404, HttpRequest
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls

from sitecluster.cms.api import api


def gone(request: HttpRequest, **kwargs: str) -> NoReturn:
    """What Wagtail offers and we don't.

    Public hosts know no session, so pages and collections can't be private; the rows of
    Wagtail's Site follow the tenant's address; a screen that fails is of use to nobody.
    """
    raise Http404


# Wagtail's explorer names this screen at a home page; the site's own settings stand in for it.
identity = RedirectView.as_view(url="/admin/settings/cms/siteidentity/")
sites = [path("", identity, name="index")]

handler500 = "sitecluster.theming.faults.server_error"
urlpatterns = [
    re_path(r"^admin/(?:pages|collections)/\d+/privacy/$", gone),
    re_path(r"^api/v3/sites/", gone),
    path("admin/failwhale/", gone),
    path("admin/sites/", include((sites, "wagtailsites"))),
    path("admin/", include("sitecluster.accounts.urls")),
    path("admin/", include(wagtailadmin_urls)),
    path("api/v3/", api.urls),
    path("", RedirectView.as_view(pattern_name="wagtailadmin_home")),
]
