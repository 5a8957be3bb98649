"""Where Wagtail asks which pages people may see."""

from typing import Any

from django.http import Http404, HttpRequest
from wagtail import hooks

from .page_types import type_is_on, without_types_off


@hooks.register("construct_page_chooser_queryset")
def leave_out_of_chooser(pages: Any, request: HttpRequest) -> Any:
    """The pages that may be chosen without those whose type is off."""
    return without_types_off(pages)


@hooks.register("construct_explorer_page_queryset")
def leave_out_of_explorer(parent: Any, pages: Any, request: HttpRequest) -> Any:
    """The pages below ``parent`` without those whose type is off."""
    return without_types_off(pages)


@hooks.register("before_serve_page")
def refuse_to_serve(page: Any, *args: Any) -> None:
    """Raise Http404 for a page whose type is off or has gone with its plugin."""
    if not type_is_on(page.specific_class):
        raise Http404
