"""The frame of plain Wagtail's pages: the same statements, the Site row instead of the tenant."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from wagtail.models import Site
from wagtail.models.sites import SiteRootPath

from sitecluster.cms import chrome as ours
from sitecluster.cms.identity import SiteIdentity
from sitecluster.tenancy import Address

# Without tenants every site stands at the root of its host.
ours.local_url = lambda path: path  # type: ignore[attr-defined]


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
    def _roots(self) -> list[SiteRootPath]:
        return [root for root in Site.get_site_root_paths() if root.site_id == self.site.pk]


def chrome(request: HttpRequest) -> dict[str, PlainChrome]:
    """The context processor: `site_chrome`."""
    return {"site_chrome": PlainChrome(request)}
