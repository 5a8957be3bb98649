"""What the app adds to Wagtail's screens."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.viewsets.pages import PageListingViewSet

from sitecluster.tasks.appointments import problem_of

from . import moments, scheduling
from .articles import ArticlePage
from .blank_reports import BlankColumnPanel, BlankColumnReport


class ArticleListing(PageListingViewSet):
    """All articles of the site, whatever their column."""

    model = ArticlePage
    icon = "doc-full"
    menu_label = _("Articles")
    menu_name = "articles"  # by which `shorten_menu` knows it in every language
    menu_order = 110
    add_to_admin_menu = True


@hooks.register("register_admin_viewset")
def register_article_listing() -> ArticleListing:
    """Offer the list of articles in the menu."""
    return ArticleListing("articles")


@hooks.register("construct_main_menu")
def shorten_menu(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Leave out Wagtail's help, which leads to pages in English on another server, and the list of
    articles for whoever has nothing to do with pages, such as a delegate on the control site."""
    dropped = {"help"} if user_has_any_page_permission(request.user) else {"help", "articles"}
    menu_items[:] = [item for item in menu_items if item.name not in dropped]


@hooks.register("insert_global_admin_css")
def narrow_screens() -> str:
    """What Wagtail's lists lack on a phone."""
    return format_html('<link rel="stylesheet" href="{}">', static("cms/admin.css"))


@hooks.register("insert_global_admin_js")
def input_methods() -> str:
    """Let searches wait until a Chinese word is composed."""
    return format_html('<script src="{}"></script>', static("cms/composition.js"))


@hooks.register("register_log_actions")
def register_refusals(actions: Any) -> None:
    """Let a page's history tell why its schedule was refused."""
    actions.register_action(scheduling.REFUSED)(scheduling.RefusalFormatter)


@hooks.register("before_edit_page")
def show_refusal(request: HttpRequest, page: Any) -> None:
    """Tell whoever opens the page why it isn't live, or not offline, though its time has come."""
    if request.method == "GET":
        problem = problem_of(moments.KEEP, moments.subject_of(moments.key_of(page)))
        if problem:
            text = gettext("What was scheduled for this page could not be done: %s")
            messages.warning(request, text % problem)


class BlankColumnsMenuItem(MenuItem):
    """Shown to whoever works on pages."""

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(user_has_any_page_permission(request.user))


@hooks.register("register_reports_menu_item")
def blank_columns_menu_item() -> BlankColumnsMenuItem:
    """The report, in the menu Reports."""
    return BlankColumnsMenuItem(
        _("Blank columns"),
        reverse_lazy("cms_blank_columns"),
        name="blank-columns",
        icon_name="folder-open-inverse",
        order=1100,
    )


@hooks.register("register_admin_urls")
def blank_columns_urls() -> list[URLPattern]:
    """The report and its part that filters reload."""
    report = BlankColumnReport
    return [
        path("reports/blank-columns/", report.as_view(), name="cms_blank_columns"),
        path(
            "reports/blank-columns/results/",
            report.as_view(results_only=True),
            name="cms_blank_columns_results",
        ),
    ]


@hooks.register("construct_homepage_panels")
def blank_columns_panel(request: HttpRequest, panels: list[Component]) -> None:
    """Tell those who may fill them of blank columns where they begin their work."""
    if user_has_any_page_permission(request.user):
        panels.append(BlankColumnPanel(request))
