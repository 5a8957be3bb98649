"""What a public address says instead of its site's pages: notices, and where it leads.

States and what they tell the public: guideline 2017-47, B.4 (临时下线, 迁移公告).
"""

from datetime import datetime, time
from math import ceil

from django.conf import settings
from django.db import ProgrammingError
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control

from tenants import directory
from tenants.models import State

RETRY_AFTER_SECONDS = 3600


def instead(
    request: HttpRequest, site: directory.Site, host: str, prefix: str
) -> HttpResponse | None:
    """The answer of a site that isn't shown at this address now; None where its pages are."""
    if site.visible:
        leads = site.address and directory.address(host, prefix) in site.leading
        return _lead(request, prefix, site.address.url("")) if leads and site.address else None
    if site.is_blueprint or site.state not in (State.OFFLINE, State.CLOSED):
        return unknown_host()
    asking = None if site.behind else request  # its tables may not be what this code expects
    if site.state == State.OFFLINE:
        response = _notice("public/offline.html", site, 503, asking)
        response.headers["Retry-After"] = str(_seconds_left(site))
        return response
    if site.archive_url and not notice_stands(site):
        return _lead(request, prefix, site.archive_url.rstrip("/"))
    return _notice("public/closed.html", site, 410, asking)


def notice_stands(site: directory.Site) -> bool:
    """Is the time not over for which a closed site says where its content went?"""
    return site.state_until is None or timezone.localdate() < site.state_until


def render(
    template: str,
    context: dict[str, object],
    status: int,
    language: str = "",
    request: HttpRequest | None = None,
) -> HttpResponse:
    """A page outside any site's pages, kept out of shared caches.

    In the cluster's first language unless told: nothing has asked yet for that of the request,
    and the thread still has that of the request before. With a ``request`` the template knows
    who stands behind the site, which its tables say.
    """
    with translation.override(language or settings.LANGUAGE_CODE):
        response = TemplateResponse(request, template, context, status=status).render()  # type: ignore[arg-type]
    patch_cache_control(response, no_store=True)
    return response


def _notice(
    template: str, site: directory.Site, status: int, request: HttpRequest | None
) -> HttpResponse:
    """The notice; without who stands behind the site if its tables have just been removed."""
    try:
        return render(template, _context(site), status, request=request)
    except ProgrammingError:
        return render(template, _context(site), status)


def unknown_host() -> HttpResponse:
    """What an address that no site has answers."""
    return render("public/unknown_host.html", {}, 404)


def _context(site: directory.Site) -> dict[str, object]:
    notice = {
        "reason": site.state_note,
        "since": site.state_since,
        "until": site.state_until,
        "archive": site.archive_url,
    }
    above = site.parent
    shown = above is not None and above.visible and above.address is not None
    return {"tenant": site, "notice": notice, "above": above if shown else None}


def _seconds_left(site: directory.Site) -> int:
    """Until the morning of the planned end; the default where it isn't known or has passed."""
    if site.state_until is None:
        return RETRY_AFTER_SECONDS
    end = timezone.make_aware(datetime.combine(site.state_until, time.min))
    left = ceil((end - timezone.now()).total_seconds())
    return left if left > 0 else RETRY_AFTER_SECONDS


def _lead(request: HttpRequest, prefix: str, root: str) -> HttpResponse:
    """By 301 to the same path, with its query, below ``root``."""
    path = request.get_full_path()[len(prefix) :]
    if not path.startswith("/"):
        path = "/" + path
    return HttpResponsePermanentRedirect(root + path)
