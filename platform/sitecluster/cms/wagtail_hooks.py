"""What the app adds to Wagtail's screens."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.pages import PageListingViewSet

from .articles import ArticlePage


class ArticleListing(PageListingViewSet):
    """All articles of the site, whatever their column."""

    model = ArticlePage
    icon = "doc-full"
    menu_label = _("Articles")
    menu_order = 110
    add_to_admin_menu = True


@hooks.register("register_admin_viewset")
def register_article_listing() -> ArticleListing:
    """Offer the list of articles in the menu."""
    return ArticleListing("articles")


@hooks.register("construct_main_menu")
def drop_help(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Leave out Wagtail's help, which leads to pages in English on another server."""
    menu_items[:] = [item for item in menu_items if item.name != "help"]
