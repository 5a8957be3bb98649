"""What surrounds every public page: names, menu, languages, the sites above.

Everything is asked for only when a template uses it, so the admin's screens pay nothing.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from wagtail.models import Page

from sitecluster.tenancy import Tenant, current_tenant

from .addresses import language_of, language_root, local_url, path_within
from .blank_columns import filled
from .columns import ColumnPage
from .identity import SiteIdentity
from .listings import HOME_DEPTH
from .look import Look, look_of, site_look
from .page_tags import site_id_code

if TYPE_CHECKING:
    from .pages import HomePage


Link = dict[str, Any]


def chrome(request: HttpRequest) -> dict[str, "Chrome"]:
    """The context processor: `site_chrome`."""
    return {"site_chrome": Chrome(request)}


class Chrome:
    """The frame of the page that answers ``request``."""

    def __init__(self, request: HttpRequest, home: "HomePage | None" = None) -> None:
        """``home``: the front page that is shown, if it is one; drafts give their look, too."""
        self.request, self._home = request, home

    @cached_property
    def tenant(self) -> Tenant | None:
        """The active site."""
        return current_tenant()

    @cached_property
    def identity(self) -> SiteIdentity | None:
        """Who stands behind the site; kept with the request, for `leaving.links`."""
        identity = SiteIdentity.objects.first() if self.tenant else None
        self.request.site_identity = identity  # type: ignore[attr-defined]
        return identity

    @cached_property
    def site_id_code(self) -> str:
        """网站标识码, as page tags and footer show it."""
        return site_id_code(self.tenant, self.identity.site_id_code if self.identity else "")

    @cached_property
    def look(self) -> Look:
        """The logo, header picture and colours that an editor has chosen."""
        home = self._home
        if home is not None and language_of(home.locale_id) == settings.LANGUAGE_CODE:
            return look_of(home)
        return site_look() if self.tenant else Look()

    @property
    def name(self) -> str:
        """The site's legal name; in another edition the title of that edition's front page."""
        if self._edition != settings.LANGUAGE_CODE:
            return self._editions[self._edition]
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
        return local_url(language_root(self._edition))

    @property
    def search_url(self) -> str | None:
        """Where this edition is searched."""
        return local_url(language_root(self._edition) + "search/")

    @property
    def sitemap_page_url(self) -> str | None:
        """The map of this edition's columns, for people."""
        return local_url(language_root(self._edition) + "sitemap/")

    @property
    def sitemap_url(self) -> str | None:
        """The list of all pages for search engines."""
        return local_url("/sitemap.xml")

    @property
    def feedback_url(self) -> str | None:
        """The site's own form for suggestions and errors found."""
        return local_url(language_root(self._edition) + "feedback/")

    @property
    def error_report_url(self) -> str | None:
        """Where 找错 leads (guideline 2017-47, B.6): to the address that the site's identity names,
        else to the site's own form, which then knows the page that is being read."""
        own, here = self.feedback_url, self.request.path_info
        if own is None or (self.identity and self.identity.error_report_url):
            return self.identity.error_report_url if self.identity else None
        asking = here.removeprefix(language_root(self._edition)).startswith("feedback/")
        return own if asking else f"{own}?page={quote(here)}"

    @cached_property
    def menu(self) -> list[Link]:
        """The live first two levels of columns that are shown in menus, without blank ones."""
        entries: dict[str, Link] = {}
        for title, url_path, path, code in self._rows:
            depth = len(path) // Page.steplen
            if code != self._edition or depth == HOME_DEPTH:
                continue
            entry, above = self._entry(title, url_path), entries.get(path[: -Page.steplen])
            if depth == HOME_DEPTH + 1:
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
        return [
            {
                "code": code,
                "title": translation.get_language_info(code)["name_local"],
                "url": local_url(language_root(code)),
                "current": code == self.language,
            }
            for code in self._editions
        ]

    @cached_property
    def _rows(self) -> list[tuple[str, str, str, str]]:
        """Live home pages and menu columns of all editions, in one statement."""
        if self.tenant is None:
            return []
        fields = "title", "url_path", "path", "locale__language_code"
        homes = apps.get_model("cms", "HomePage").objects.live().values_list(*fields)
        levels = HOME_DEPTH + 1, HOME_DEPTH + 2
        columns = ColumnPage.objects.live().in_menu().filter(filled(), depth__in=levels)
        # The order is put on in the end: parts of a union have none of their own.
        both = homes.order_by().union(columns.order_by().values_list(*fields), all=True)
        return list(both.order_by("path"))

    @cached_property
    def _editions(self) -> dict[str, str]:
        """The title of each edition's front page, by language."""
        length = HOME_DEPTH * Page.steplen
        return {code: title for title, _, path, code in self._rows if len(path) == length}

    @property
    def _edition(self) -> str:
        """The language of the edition that the page belongs to; the site's own costs no look."""
        own, spoken = settings.LANGUAGE_CODE, self.language
        return spoken if spoken != own and spoken in self._editions else own

    def _entry(self, title: str, url_path: str) -> Link:
        path = path_within(url_path, self._edition) or "/"
        active = self.request.path_info.startswith(path)
        return {"title": title, "url": local_url(path), "active": active}
