"""The page of one site: what it is, what can be done with it, and how it fares."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView
from wagtail.admin.ui.components import Component, MediaContainer
from wagtail.admin.widgets.button import HeaderButton

from sitecluster_console.blueprints import views as blueprints
from sitecluster_console.trail import trail
from sitecluster_console.views import ConsoleView
from tenants import directory
from tenants.models import Tenant

from . import (
    addresses,
    backups,
    gates,
    identity as site_identity,
    life as acts,
    own_cards as site_cards,
    plugins as site_plugins,
    theme as site_theme,
    usage_card,
)
from .cards import USUAL

# Modules that add cards and buttons, in the order of the page; see `cards`.
CONTRIBUTORS: tuple[Any, ...] = (
    acts,
    site_identity,
    addresses,
    site_plugins,
    gates,
    usage_card,
    backups,
    blueprints,
    site_theme,
    site_cards,
)
OWN = (site_identity, site_plugins, site_theme, site_cards)


class SitePage(ConsoleView, TemplateView):
    """``console:site``."""

    template_name = "console/site.html"
    header_icon = "site"

    def get_page_title(self) -> str:
        return self.site.name

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return trail(self.site)

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return buttons_of(self.site, self.request)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cards = cards_of(self.site, self.request)
        more = {
            "site": self.site,
            "place": directory.record(self.site),
            **self._above(),
            "may_edit": self._may_edit(),
            "wide": [card for card in cards if getattr(card, "wide", True)],
            "narrow": [card for card in cards if not getattr(card, "wide", True)],
            "media": MediaContainer(cards).media,
        }
        return {**super().get_context_data(**kwargs), **more}

    def _above(self) -> dict[str, Any]:
        """The site above; a link where the person runs it."""
        above = self.site.parent
        runs = above is not None and self.sites().filter(pk=above.pk).exists()
        url = reverse("console:site", args=[above.pk]) if above and runs else ""
        return {"above": above, "above_url": url}

    def _may_edit(self) -> bool:
        """Whether the site's own admin would let the person in."""
        user: Any = self.request.user
        return bool(user.is_superuser or user.is_member(self.site.pk))


def cards_of(site: Tenant, request: HttpRequest) -> list[Component]:
    """What all contributors show of the site, by ``order`` and then in theirs."""
    found: list[Component | None] = []
    for module in CONTRIBUTORS:
        if hasattr(module, "card"):
            found.append(module.card(site, request))
        if hasattr(module, "cards"):
            found += module.cards(site, request)
    shown = [card for card in found if card is not None]
    return sorted(shown, key=lambda card: getattr(card, "order", USUAL))


def buttons_of(site: Tenant, request: HttpRequest) -> list[HeaderButton]:
    """What all contributors offer to do with it."""
    return [
        button
        for module in CONTRIBUTORS
        if hasattr(module, "buttons")
        for button in module.buttons(site, request)
    ]


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    own = [url for part in OWN for url in part.urls()]
    return [path("sites/<int:pk>/", SitePage.as_view(), name="site"), *own]
