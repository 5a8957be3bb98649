"""What Wagtail's admin of the control site learns of the console. Wiring only."""

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLResolver, include, path
from django.utils.html import format_html_join
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.permissions import register_permission_policy

from tenants.models import Tenant

from . import delegations, rules
from .batches import bulk, rosters, upgrades, work as batches
from .blueprints import views as blueprints
from .home import listing
from .home.summary import add_panel
from .menu import ClusterMenuItem
from .opening import urls as opening
from .people import listing as people
from .policy import BranchPolicy
from .site import addresses, backups, gates, life as acts, page as site_page

register_permission_policy(Tenant, BranchPolicy(Tenant))  # before anything asks for it

PARTS = (
    listing,
    site_page,
    delegations,
    acts,
    gates,
    addresses,
    rules,
    opening,
    batches,
    rosters,
    bulk,
    blueprints,
    backups,
    people,
    upgrades,
)


@hooks.register("register_admin_urls")
def urls() -> list[URLResolver]:
    """Every screen of the console, in the namespace ``console``."""
    patterns = [pattern for part in PARTS for pattern in part.urls()]
    return [path("cluster/", include((patterns, "console")))]


@hooks.register("register_admin_menu_item")
def menu() -> ClusterMenuItem:
    """The console's part of the menu."""
    return ClusterMenuItem()


@hooks.register("construct_homepage_panels")
def panels(request: HttpRequest, panels: list[Component]) -> None:
    """The way from the home screen of the control site into the console."""
    add_panel(request, panels)


@hooks.register("insert_global_admin_css")
def css() -> str:
    """The console's own styles."""
    sheets = [(static("console/console.css"),)]
    return format_html_join("", '<link rel="stylesheet" href="{}">', sheets)


@hooks.register("insert_global_admin_js")
def scripts() -> str:
    """Its one script, deferred by its place at the end of the page."""
    return format_html_join("", '<script src="{}"></script>', [(static("console/console.js"),)])
