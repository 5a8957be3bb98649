from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.search import SearchArea
from wagtail.admin.site_summary import SummaryItem
from wagtail.admin.ui.components import Component
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.views.reports import PageReportView
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.viewsets.model import ModelViewSet

from sitecluster.cms.pages import LinkPage

from .models import NoticePage, Pin, Topic


class PinViewSet(ModelViewSet):
    model = Pin
    form_fields = ["topic", "note"]
    icon = "pick"
    menu_label = "board pins"
    add_to_admin_menu = True


class TopicChooser(ChooserViewSet):
    model = Topic


@hooks.register("register_admin_viewset")
def viewsets() -> list[Any]:
    return [PinViewSet("board_pins"), TopicChooser("board_topic_chooser")]


def overview(request: HttpRequest) -> HttpResponse:
    return HttpResponse("overview of the board")


class NoticeReport(PageReportView):
    model = NoticePage
    index_url_name = "board_report"
    index_results_url_name = "board_report_results"
    page_title = "Notices"

    def get_queryset(self) -> Any:
        return NoticePage.objects.all()


@hooks.register("register_admin_urls")
def urls() -> list[Any]:
    return [
        path("board/", overview, name="board_overview"),
        path("board/plain/", lambda request: JsonResponse({}), name="board_plain"),
        path("board/report/", NoticeReport.as_view(), name="board_report"),
        path(
            "board/report/results/",
            NoticeReport.as_view(results_only=True),
            name="board_report_results",
        ),
    ]


def _item(label: str) -> MenuItem:
    return MenuItem(label, reverse("board_overview"))


@hooks.register("register_admin_menu_item")
def main_item() -> MenuItem:
    return _item("board main item")


@hooks.register("register_settings_menu_item")
def settings_item() -> MenuItem:
    return _item("board settings item")


@hooks.register("register_reports_menu_item")
def reports_item() -> MenuItem:
    return MenuItem("board reports item", "/elsewhere/")


@hooks.register("register_help_menu_item")
def help_item() -> MenuItem:
    return MenuItem("board help item", "https://elsewhere.example/")


@hooks.register("register_admin_search_area")
def search_area() -> SearchArea:
    return SearchArea("board search area", reverse("board_overview"))


class Panel(Component):
    order = 500

    def render_html(self, parent_context: Any = None) -> str:
        return "board home panel"


class Summary(SummaryItem):
    def render_html(self, parent_context: Any = None) -> str:
        return "<li>board summary item</li>"


@hooks.register("construct_homepage_panels")
def panel(request: HttpRequest, panels: list[Any]) -> None:
    panels.append(Panel())


@hooks.register("construct_homepage_summary_items")
def summary(request: HttpRequest, items: list[Any]) -> None:
    items.append(Summary(request))


@hooks.register("insert_global_admin_js")
def script() -> str:
    return "<script>/* board script */</script>"


@hooks.register("register_page_listing_more_buttons")
def buttons(page: Any, user: Any, next_url: Any = None) -> list[Any]:
    return []


@hooks.register("before_serve_page")
def count(page: Any, request: HttpRequest, *args: Any) -> None:
    request.headers  # noqa: B018 -- a hook of public pages
    request.META["BOARD"] = "served"


@hooks.register("register_bulk_action")
class PinAll(BulkAction):
    display_name = "Pin all to the board"
    aria_label = display_name
    action_type = "board_pin"
    template_name = "board/notice_page.html"
    models = [LinkPage, NoticePage, Topic]
