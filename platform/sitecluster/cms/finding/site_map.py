"""The map of a site for people: its columns as they stand below one another, its topics."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from wagtail.models import Page

from sitecluster.cms.addresses import absolute_url, language_root, local_url, path_within
from sitecluster.cms.blank_columns import filled
from sitecluster.cms.columns import ColumnPage
from sitecluster.cms.editions import surroundings
from sitecluster.cms.pages import TopicPage


@dataclass
class Branch:
    """A column and the columns below it."""

    title: str
    url: str | None
    description: str = ""
    branches: "list[Branch]" = field(default_factory=list)

    @property
    def feed_url(self) -> str | None:
        """The newest articles of the whole branch, for readers of feeds."""
        return self.url and f"{self.url}feed.xml"


@require_safe
def sitemap_page(request: HttpRequest) -> HttpResponse:
    """Every column of the edition that isn't blank, whether menus show it or not, and its topics.

    Four statements with those of the frame. Raises Http404 in an edition that isn't live.
    """
    around = surroundings(request)
    language = around["site_chrome"].language
    topics = TopicPage.objects.live().filter(locale__language_code=language)
    context = {
        **around,
        "branches": tree(language),
        "topics": [
            Branch(title, _url(url_path, language))
            for title, url_path in topics.order_by("path").values_list("title", "url_path")
        ],
        "address": absolute_url(f"{language_root(language)}sitemap/"),
    }
    return render(request, "cms/sitemap_page.html", context)


def tree(language: str) -> list[Branch]:
    """The first-level columns with everything below them, in the order of the menu.

    A column below one that isn't live stands in its place.
    """
    columns = ColumnPage.objects.live().filter(filled(), locale__language_code=language)
    found: dict[str, Branch] = {}
    top: list[Branch] = []
    rows: Any = columns.order_by("path").values_list("path", "title", "url_path", "description")
    for path, title, url_path, description in rows:
        branch = found[path] = Branch(title, _url(url_path, language), description)
        above = (found.get(path[:end]) for end in range(len(path) - Page.steplen, 0, -Page.steplen))
        parent = next(filter(None, above), None)
        (parent.branches if parent else top).append(branch)
    return top


def _url(url_path: str, language: str) -> str | None:
    return local_url(path_within(url_path, language) or "/")
