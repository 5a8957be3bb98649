from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.views.generic import TemplateView
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from .models import Ring


class RingsView(TemplateView):
    template_name = "bell/rings.html"
    model = Ring


@hooks.register("register_admin_urls")
def urls() -> list[URLPattern]:
    return [path("bell/", RingsView.as_view(), name="bell_rings")]


@hooks.register("register_admin_menu_item")
def item() -> MenuItem:
    return MenuItem("bell menu item", reverse("bell_rings"))


@hooks.register("insert_global_admin_css")
def style() -> str:
    return "<style>/* bell style */</style>"


@hooks.register("construct_main_menu")
def rename(request: HttpRequest, items: list[Any]) -> None:
    items.append(MenuItem("bell constructed item", "/nowhere/"))


@hooks.register("register_rich_text_features")
def feature(features: Any) -> None:
    features.default_features.append("bell")
