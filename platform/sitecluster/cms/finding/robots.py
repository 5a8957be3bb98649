"""robots.txt: what search engines may read on a host, and where its maps are (RFC 9309).

Crawlers ask for it at the root of a host alone, so the site that stands there speaks for all
sites of the host, those below its path included.
"""

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from sitecluster.cms.addresses import asked_host
from sitecluster.tenancy import Tenant, all_sites, required_tenant, serving

# What answers differently to everybody, or leads away: nothing to find, and dear to make.
NOT_FOR_ROBOTS = ("search/", "feedback/", "go/")
SECONDS = 3600


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """The rules of the host; no statement. Raises Http404 below a path, where none is sought."""
    now = serving()
    if now is not None and now.prefix:
        raise Http404("robots.txt stands at the root of a host.")
    lines = "\n".join([*_lines(asked_host(request)), ""])
    response = HttpResponse(lines, content_type="text/plain; charset=utf-8")
    patch_cache_control(response, public=True, max_age=SECONDS)
    return response


def _lines(host: str) -> Iterator[str]:
    yield "User-agent: *"
    for path in NOT_FOR_ROBOTS:
        yield f"Disallow: /{path}"
        yield f"Disallow: /*/{path}"  # of other languages, and of sites below the host's
    yield ""
    for site in _sites_at(host):
        if site.address:
            yield f"Sitemap: {site.address.url('/sitemap.xml')}"


def _sites_at(host: str) -> list[Tenant]:
    """The sites that citizens see somewhere on the host."""
    here = required_tenant()
    return [
        site
        for site in all_sites()
        if (site.visible or site.id == here.id) and any(a.host == host for a in site.addresses)
    ]
