"""The frame of plain Wagtail's pages: the same statements, the Site row instead of the tenant."""

from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from wagtail.models import Site

from sitecluster.cms import addresses, chrome as ours, structured_data
from sitecluster.cms.front import composition
from sitecluster.cms.identity import SiteIdentity
from sitecluster.cms.listings import HOME_DEPTH
from sitecluster.cms.models import ColumnPage, HomePage
from sitecluster.tenancy import Address

_root: ContextVar[str] = ContextVar("root")  # scheme and host of the request under way


def _absolute_url(path: str) -> str:
    return _root.get() + path


# Without tenants every site stands at the root of its host.
ours.local_url = lambda path: path  # type: ignore[attr-defined]
addresses.absolute_url = structured_data.absolute_url = _absolute_url  # type: ignore[attr-defined]


@dataclass(frozen=True)
class SiteRow:
    """What templates ask of a tenant, from a Site row."""

    name: str
    address: Address
    parent: None = None


class PlainChrome(ours.Chrome):
    """`Chrome` for a project in which all sites lie in one schema."""

    @cached_property
    def site(self) -> Any:
        """The Site row of the request's host, which Wagtail has found already."""
        return Site.find_for_request(self.request)

    @cached_property
    def tenant(self) -> Any:
        """What stands in for the tenant."""
        return SiteRow(self.site.site_name, Address(self.site.hostname))

    @cached_property
    def identity(self) -> SiteIdentity | None:
        """The setting of the request's site."""
        return SiteIdentity.for_site(self.site)

    @cached_property
    def _rows(self) -> list[tuple[str, str, str, str]]:
        """`Chrome`'s statement, narrowed to the editions of the request's site."""
        every = self.site.root_page._get_site_root_paths(self.request)  # kept with the request
        roots = [root for root in every if root.site_id == self.site.pk]
        below = reduce(or_, (Q(url_path__startswith=root.root_path) for root in roots))
        fields = "title", "url_path", "path", "locale__language_code"
        homes = HomePage.objects.live().filter(url_path__in=[root.root_path for root in roots])
        levels = HOME_DEPTH + 1, HOME_DEPTH + 2
        columns = ColumnPage.objects.live().in_menu().filter(below, depth__in=levels)
        parts = [part.order_by().values_list(*fields) for part in (homes, columns)]
        return list(parts[0].union(parts[1], all=True).order_by("path"))


composition.Chrome = PlainChrome  # type: ignore[attr-defined]


def chrome(request: HttpRequest) -> dict[str, PlainChrome]:
    """The context processor: `site_chrome`."""
    _root.set(f"{request.scheme}://{request.get_host()}")
    return {"site_chrome": PlainChrome(request)}
