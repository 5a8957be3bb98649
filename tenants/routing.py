"""From a request's address to its site and its side (design, Tenancy).

Public hosts serve pages and uploads and know no session; admin hosts are
``<code>.<ADMIN_DOMAIN>``; uploads hosts are ``<code>.<UPLOADS_DOMAIN>`` and serve files alone.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.request import split_domain_port
from django.urls import clear_script_prefix, set_script_prefix, set_urlconf
from django.utils import translation

from sitecluster.tenancy import Side, connection, current_tenant, serve, serving

from . import directory
from .life.notices import instead, render, unknown_host
from .models import State

Handler = Callable[[HttpRequest], HttpResponse]

URLCONFS = {
    Side.ADMIN: "sitecluster.project.urls_admin",
    Side.PUBLIC: "sitecluster.project.urls_public",
    Side.UPLOADS: "sitecluster.project.urls_uploads",
}
UPGRADED_AFTER_SECONDS = 60


class RoutingMiddleware:
    """Gives the request its tenant, its side and, below a prefix, its path within the site."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if getattr(request, "is_dummy", False):
            return self._preview(request)
        directory.watch()
        connection.recycle()
        host = split_domain_port(request._get_raw_host())[0].lower().rstrip(".")  # type: ignore[attr-defined]
        site, side, prefix = self._locate(host, request.path_info)
        if site is None or site.state == State.REMOVED:
            connection.set_schema_to_public()
            return unknown_host()
        if site.behind and site.visible and side is Side.PUBLIC and _is_upload(request, prefix):
            side = Side.UPLOADS  # files alone, nothing of which asks the site's tables
        connection.set_tenant(site)
        if side is Side.ADMIN:
            connection.weigh_screens()
        request.tenant, request.side, request.prefix = site, side, prefix  # type: ignore[attr-defined]
        request.urlconf = URLCONFS[side]
        with serve(side, prefix, request):
            public = side is Side.PUBLIC
            notice = instead(request, site, host, prefix) if public else None
            notice = notice or self._upgrading(request, site, side)
            return notice or self._answer(request, prefix)

    def _answer(self, request: HttpRequest, prefix: str) -> HttpResponse:
        if prefix and request.path_info == prefix:
            return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
        request.path_info = request.path_info[len(prefix) :]
        set_script_prefix(f"{prefix}/")  # reverse() honours it
        try:
            return self.get_response(request)
        finally:
            clear_script_prefix()

    def _locate(self, host: str, path: str) -> tuple[directory.Site | None, Side, str]:
        known = directory.snapshot()
        for domain, side in (
            (settings.ADMIN_DOMAIN, Side.ADMIN),
            (settings.UPLOADS_DOMAIN, Side.UPLOADS),
        ):
            if host.endswith("." + domain):
                return known.by_code.get(host[: -len(domain) - 1]), side, ""
        found = known.find(host, path)
        if found is None:
            return None, Side.PUBLIC, ""
        place, site = found
        return site, Side.PUBLIC, place.prefix

    def _upgrading(
        self, request: HttpRequest, site: directory.Site, side: Side
    ) -> HttpResponse | None:
        """What a site answers whose schema isn't yet what this code expects.

        Its tables can't be trusted, those of sessions' rights included. Uploads need none.
        """
        if not site.behind or side is Side.UPLOADS:
            return None
        if side is Side.ADMIN:
            language = translation.get_language_from_request(request)
            response = render("tenants/upgrading.html", {"tenant": site}, 503, language)
        else:
            # A cache of pages, once there is one, is asked here and may answer with an old one.
            response = render("public/upgrading.html", {"tenant": site}, 503)
        response.headers["Retry-After"] = str(UPGRADED_AFTER_SECONDS)
        return response

    def _preview(self, request: HttpRequest) -> HttpResponse:
        """Wagtail renders a draft through the whole stack again, under the address that the
        page would have. Tenant and user are those of the request around it."""
        around, site, language = serving(), current_tenant(), translation.get_language()
        outer = around.request if around else None
        request.tenant, request.side, request.prefix = site, Side.PREVIEW, ""  # type: ignore[attr-defined]
        if site and site.address:
            request.path_info = request.path_info.removeprefix(site.address.prefix)
        request.urlconf = URLCONFS[Side.PUBLIC]
        if outer is not None and hasattr(outer, "user"):
            request.user, request.session = outer.user, outer.session
        set_urlconf(request.urlconf)
        try:
            with serve(Side.PREVIEW, "", outer):
                return self.get_response(request)
        finally:  # what the nested request has set for this thread
            set_urlconf(getattr(outer, "urlconf", None))
            translation.activate(language or settings.LANGUAGE_CODE)


def _is_upload(request: HttpRequest, prefix: str) -> bool:
    return request.path_info.startswith(prefix + settings.MEDIA_URL)
