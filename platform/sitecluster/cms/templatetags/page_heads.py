"""What templates ask for the ``<head>`` of a page."""

from typing import Any

from django import template

from sitecluster.cms import page_tags as tags, structured_data

register = template.Library()


@register.inclusion_tag("components/page_tags.html", takes_context=True)
def page_tags(context: Any) -> dict[str, Any]:
    """The page tags of the column and the content (guideline 2017-47, B.7).

    Uses ``page`` and, of a content page, ``column`` of the context; without a page none.
    """
    page = context.get("page")
    return {"tags": tags.tags(page, context.get("column")) if page else []}


@register.inclusion_tag("components/social.html", takes_context=True)
def social(context: Any) -> dict[str, Any]:
    """Open Graph, a description for search engines and JSON-LD of ``page``; else nothing."""
    page, chrome = context.get("page"), context.get("site_chrome")
    if not chrome or not structured_data.is_described(page):
        return {}
    properties = structured_data.open_graph(page, chrome)
    has_tag = any(tag.name == "Description" for tag in tags.tags(page, None))
    return {
        "description": "" if has_tag else structured_data.description(page) or chrome.name,
        "properties": properties,
        "json_ld": structured_data.json_ld(page, chrome, context.get("breadcrumb") or []),
    }
