"""Where pages are found: addresses that honour the site's prefix and the page's language.

Wagtail would ask the URL configuration and the Site row; both are blind to prefixes and to the
host of the request. Here an address is the tenant's primary one plus the page's path, the same
on public hosts, on admin hosts and in tasks, at no query.
"""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.http.request import split_domain_port
from django.utils.encoding import escape_uri_path
from wagtail.models import AbstractPage, Locale, Site

from sitecluster.tenancy import Address, Serving, Side, Tenant, current_tenant, serving

SITE_WITHOUT_ADDRESS = "localhost"
_languages: dict[tuple[str, int], str] = {}


class UrlParts(NamedTuple):
    """What Wagtail wants to know of a page's address; ``root_url`` is None without a domain."""

    site_id: int
    root_url: str | None
    path: str


def install() -> None:
    """Let every page, whatever its class, find its address here."""
    AbstractPage.get_url_parts = get_url_parts
    AbstractPage.get_url = get_url
    AbstractPage.get_full_url = get_full_url
    AbstractPage.url = property(get_url)
    AbstractPage.full_url = property(get_full_url)


def path_within(url_path: str, language_code: str) -> str | None:
    """The path within the site of a page with this ``url_path`` in this language.

    Starts and ends with a slash; None for the root of the tree. What Wagtail remembers of home
    pages would be an hour old in other processes, so a home page is known by its depth.
    """
    home, _, below = url_path.strip("/").partition("/")
    if not home:
        return None
    return language_root(language_code) + (f"{below}/" if below else "")


def language_of(locale_id: int) -> str:
    """The code of a language of the active site, which never changes."""
    schema: str = connection.schema_name  # type: ignore[attr-defined]
    if (schema, locale_id) not in _languages:
        rows = Locale.all_objects.values_list("pk", "language_code")
        _languages.update({(schema, pk): code for pk, code in rows})
    return _languages[schema, locale_id]


def language_root(language_code: str) -> str:
    """The path of a language's home page within the site: ``/`` or ``/en/``."""
    return "/" if language_code == settings.LANGUAGE_CODE else f"/{language_code}/"


def local_url(path: str) -> str | None:
    """How what is being made now links to ``path``, an address within the active site.

    Relative on the site's primary address; absolute elsewhere. Of a site without an address:
    relative in its previews, None on its admin host and in tasks.
    """
    tenant, now = current_tenant(), serving()
    address = tenant.address if tenant else None
    if address is None:
        return path if now is not None and now.side is Side.PREVIEW else None
    if now is not None and now.side is Side.PUBLIC and _is_at(now, address):
        return address.prefix + path
    return address.url(path)


def absolute_url(path: str) -> str | None:
    """The public address of ``path`` of the active site; None for a site without an address."""
    tenant = current_tenant()
    return tenant.address.url(path) if tenant and tenant.address else None


def get_url_parts(page: Any, request: Any = None) -> UrlParts | None:
    """Site, root and path of ``page``; None for a page outside of every home page."""
    roots, path = page._get_site_root_paths(request), _path_of(page)
    if path is None or not roots:
        return None
    tenant = current_tenant()
    if tenant is None or tenant.address is None:
        return UrlParts(roots[0].site_id, None, path)
    return UrlParts(roots[0].site_id, tenant.address.root_url, tenant.address.prefix + path)


def get_url(page: Any, request: Any = None, current_site: Any = None) -> str | None:
    """How to link to ``page`` from what is being made now; see `local_url`."""
    path = _path_of(page)
    return None if path is None else local_url(path)


def get_full_url(page: Any, request: Any = None) -> str | None:
    """The absolute public address of ``page``; None if it or its site has none."""
    path = _path_of(page)
    return None if path is None else absolute_url(path)


def with_host(url: str) -> str:
    """``url`` as it is, or the whole address of one that starts at the root of the site's host."""
    root = (absolute_url("/") or "").split("/", 3)[:3]  # scheme, nothing, host
    return "/".join(root) + url if url.startswith("/") else url


def asked_host(request: Any) -> str:
    """The host that was asked, without the port, in small letters."""
    if not hasattr(request, "public_host"):
        request.public_host = split_domain_port(request._get_raw_host())[0].lower().rstrip(".")
    host: str = request.public_host
    return host


def sync_site(tenant: Tenant) -> None:
    """Let Wagtail's Site row of ``tenant``, whose schema is active, follow its primary address."""
    address = tenant.address
    port = urlsplit(address.root_url).port if address else None
    Site.objects.filter(is_default_site=True).update(
        hostname=address.host if address else SITE_WITHOUT_ADDRESS,
        port=port or (443 if address and address.scheme == "https" else 80),
        site_name=tenant.name,
    )
    Site.clear_site_root_paths_cache()


def _path_of(page: Any) -> str | None:
    path = path_within(page.url_path, language_of(page.locale_id))
    return path if path is None or path.isascii() else escape_uri_path(path)


def _is_at(now: Serving, address: Address) -> bool:
    """Does the request under way use this address?"""
    return now.prefix == address.prefix and asked_host(now.request) == address.host
