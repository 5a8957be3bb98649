"""The site map: every live page, for search engines (the protocol of sitemaps.org).

Without blank columns, which no one is led to.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import escape
from django.views.decorators.http import require_safe
from wagtail.models import Page

from sitecluster.cms.addresses import absolute_url, language_of, path_within
from sitecluster.cms.blank_columns import without_blank_columns
from sitecluster.cms.listings import HOME_DEPTH
from sitecluster.cms.pages import LinkPage
from sitecluster.plugins.page_types import without_types_off

ADDRESSES_A_FILE = 50_000  # the protocol's limit
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The addresses of all live pages; above the protocol's limit an index of several maps.

    Raises Http404 for a map that doesn't exist.
    """
    pages = Paginator(_rows(), ADDRESSES_A_FILE)
    number = request.GET.get("p")
    if number is None and pages.num_pages > 1:
        return _answer("sitemapindex", _maps(pages.num_pages))
    try:
        rows = pages.page(number or 1).object_list
    except InvalidPage as error:
        raise Http404(str(error)) from error
    return _answer("urlset", _addresses(rows))


def _rows() -> Any:
    links = ContentType.objects.get_for_model(LinkPage)
    pages = Page.objects.live().filter(depth__gte=HOME_DEPTH).exclude(content_type=links)
    pages = without_blank_columns(without_types_off(pages))
    return pages.order_by("path").values_list("url_path", "locale_id", "last_published_at")


def _addresses(rows: Any) -> Iterator[str]:
    for url_path, locale_id, changed in rows:
        path = path_within(url_path, language_of(locale_id))
        if path is not None:
            when = f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" if changed else ""
            yield f"<url><loc>{escape(absolute_url(path))}</loc>{when}</url>"


def _maps(count: int) -> Iterator[str]:
    for number in range(1, count + 1):
        place = absolute_url(f"/sitemap.xml?p={number}")
        yield f"<sitemap><loc>{escape(place)}</loc></sitemap>"


def _answer(root: str, lines: Iterator[str]) -> HttpResponse:
    body = "\n".join([f"{HEAD}<{root} {NAMESPACE}>", *lines, f"</{root}>\n"])
    return HttpResponse(body, content_type="application/xml")
