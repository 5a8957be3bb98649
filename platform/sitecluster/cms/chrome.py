"""What surrounds every public page: names, menu, languages, the sites above.

Everything is asked for only when a template uses it, so the admin's screens pay nothing.
"""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from wagtail.models import Page, Site
from wagtail.models.sites import SiteRootPath

from sitecluster.tenancy import Tenant, current_tenant

from .addresses import language_root, local_url, path_within
from .columns import ColumnPage
from .identity import SiteIdentity
from .placement import HOME_DEPTH

Link = dict[str, Any]


def chrome(request: HttpRequest) -> dict[str, "Chrome"]:
    """The context processor: `site_chrome`."""
    return {"site_chrome": Chrome(request)}


class Chrome:
    """The frame of the page that answers ``request``."""

    search_url: str | None = None

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def tenant(self) -> Tenant | None:
        """The active site."""
        return current_tenant()

    @cached_property
    def identity(self) -> SiteIdentity | None:
        """Who stands behind the site."""
        return SiteIdentity.objects.first() if self.tenant else None

    @property
    def name(self) -> str:
        """The site's legal name."""
        legal_name = self.identity.legal_name if self.identity else ""
        return legal_name or (self.tenant.name if self.tenant else "")

    @property
    def domain(self) -> str:
        """Where citizens find the site, without the scheme."""
        address = self.tenant.address if self.tenant else None
        return address.host + address.prefix if address else ""

    @property
    def language(self) -> str:
        """The code of the language that the page speaks."""
        return translation.get_language() or settings.LANGUAGE_CODE

    @property
    def home_url(self) -> str | None:
        """The front page of the edition that the page belongs to."""
        return local_url(language_root(self._home.language_code if self._home else self._default))

    @property
    def sitemap_url(self) -> str | None:
        """The list of all pages for search engines."""
        return local_url("/sitemap.xml")

    @cached_property
    def menu(self) -> list[Link]:
        """The live first two levels of columns that are shown in menus; one statement."""
        if self._home is None:
            return []
        columns = ColumnPage.objects.live().in_menu().order_by("path")
        rows = columns.filter(
            url_path__startswith=self._home.root_path,
            depth__in=(HOME_DEPTH + 1, HOME_DEPTH + 2),
        ).values_list("title", "url_path", "path")
        entries: dict[str, Link] = {}
        for title, url_path, path in rows:
            entry, above = self._entry(title, url_path), entries.get(path[: -Page.steplen])
            if len(path) == Page.steplen * (HOME_DEPTH + 1):
                entries[path] = {**entry, "children": []}
            elif above is not None:
                above["children"].append(entry)
        return list(entries.values())

    @cached_property
    def family(self) -> list[Link]:
        """The sites above this one, from the top."""
        found: list[Link] = []
        above = self.tenant.parent if self.tenant else None
        while above is not None:
            if above.address is not None:
                found.insert(0, {"title": above.name, "url": above.address.url()})
            above = above.parent
        return found

    @cached_property
    def languages(self) -> list[Link]:
        """The editions of the site: those whose home page is live."""
        if len(self._roots) < 2:
            return [self._edition(root.language_code) for root in self._roots]
        live = set(Page.objects.live().filter(depth=HOME_DEPTH).values_list("url_path", flat=True))
        return [self._edition(root.language_code) for root in self._roots if root.root_path in live]

    @property
    def _default(self) -> str:
        return settings.LANGUAGE_CODE

    @cached_property
    def _roots(self) -> list[SiteRootPath]:
        return list(Site.get_site_root_paths()) if self.tenant else []

    @cached_property
    def _home(self) -> SiteRootPath | None:
        """The home page of the page's language, else of the default one."""
        by_language = {root.language_code: root for root in self._roots}
        return by_language.get(self.language) or by_language.get(self._default)

    def _edition(self, code: str) -> Link:
        title = translation.get_language_info(code)["name_local"]
        url = local_url(language_root(code))
        return {"code": code, "title": title, "url": url, "current": code == self.language}

    def _entry(self, title: str, url_path: str) -> Link:
        path = path_within(url_path, self._roots) or "/"
        active = self.request.path_info.startswith(path)
        return {"title": title, "url": local_url(path), "active": active}
