"""The menu in which a person switches between sites (admin screens, section 6)."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem, SubMenuItem

from sitecluster.tenancy import Tenant, required_tenant

from .places import sites_of

SITES_SHOWN = 10


class SwitcherItem(MenuItem):
    """Names the active site and opens a list of the person's others.

    Shown to whoever may enter more than one site. Menu items live as long as the process, so
    nothing of a request is kept on it.
    """

    def __init__(self) -> None:
        super().__init__(_("Sites"), "", name="site-switcher", icon_name="desktop", order=1)

    def is_shown(self, request: HttpRequest) -> bool:
        return len(self._sites(request)) > 1

    def render_component(self, request: HttpRequest) -> SubMenuItem:
        here = required_tenant()
        others = [site for site in self._sites(request) if site.id != here.id]
        links = [
            LinkMenuItem(f"site-{site.code}", site.name, site.admin_url, "site")
            for site in others[:SITES_SHOWN]
        ]
        everything = reverse("my_sites")
        links.append(LinkMenuItem("my-sites", gettext("All my sites"), everything, "list-ul"))
        return SubMenuItem(self.name, here.name, links, icon_name=self.icon_name)

    @staticmethod
    def _sites(request: Any) -> list[Tenant]:
        if not hasattr(request, "sites_of_user"):  # asked twice a request
            request.sites_of_user = sites_of(request.user)
        sites: list[Tenant] = request.sites_of_user
        return sites
