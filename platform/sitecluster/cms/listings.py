"""Lists of pages as citizens see them: newest first, each at a bounded number of statements."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.paginator import InvalidPage, Page as PaginatorPage, Paginator
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest
from wagtail.models import Page

from .blank_columns import filled

if TYPE_CHECKING:
    from .articles import ArticlePage
    from .columns import ColumnPage

HOME_DEPTH = 2  # of the tree; its root has 1
PAGE_SIZE = 20
BESIDE = 5  # entries of the same column beside an article
# The newest live articles of one of several branches. Each has its own SELECT with its own
# values, so that PostgreSQL chooses for each between the index of dates (a column in which much
# happens) and that of paths (one in which little does).
NEWEST_OF_BRANCH = """
(SELECT %s::text, article.page_ptr_id
FROM cms_articlepage article JOIN wagtailcore_page page ON page.id = article.page_ptr_id
WHERE page.live AND page.path LIKE %s
ORDER BY article.published_at DESC, article.page_ptr_id DESC
LIMIT %s)
"""


def articles_below(branch: Any) -> "QuerySet[ArticlePage]":
    """The live articles anywhere below ``branch``, newest first, without their bodies."""
    return live_articles().descendant_of(branch).order_by("-published_at", "-pk")


def live_articles() -> Any:
    """The live articles of the active site, without their bodies."""
    return apps.get_model("cms", "ArticlePage").objects.live().defer_streamfields()


def newest_by_branch(sizes: Mapping[str, int]) -> "dict[str, list[ArticlePage]]":
    """The newest live articles of several branches, with lead images; two statements in all.

    ``sizes`` says for each branch's tree path how many; branches without any are left out.
    """
    if not sizes:
        return {}
    parameters = [each for path, size in sizes.items() for each in (path, f"{path}_%", size)]
    with connection.cursor() as cursor:
        cursor.execute("UNION ALL".join([NEWEST_OF_BRANCH] * len(sizes)), parameters)
        rows = cursor.fetchall()
    wanted = {pk for _, pk in rows}
    articles = live_articles().select_related("lead_image").in_bulk(wanted) if wanted else {}
    found: dict[str, list[ArticlePage]] = {}
    for path, pk in rows:
        if pk in articles:
            found.setdefault(path, []).append(articles[pk])
    for items in found.values():
        items.sort(key=lambda article: (article.published_at, article.pk), reverse=True)
    return found


def entries_of(column: Any, gathers: bool) -> Any:
    """What a column lists, newest first: what stands directly below it.

    A column that only ``gathers`` others, with nothing of its own, lists the articles of all of
    them, since a blank column is a finding of every inspection.
    """
    own = entries_below(column)
    return articles_below(column) if gathers and not own.exists() else own


def entries_below(parent: Any) -> Any:
    """The live articles and links directly below ``parent``, newest first."""
    links = apps.get_model("cms", "LinkPage")
    if not links.objects.child_of(parent).live().exists():
        return live_articles().child_of(parent).order_by("-published_at", "-pk")
    both = Page.objects.child_of(parent).live().type(apps.get_model("cms", "ArticlePage"), links)
    newest = Coalesce("articlepage__published_at", "first_published_at").desc()
    return both.order_by(newest, "-pk").defer_streamfields().specific()


def paged(entries: Any, request: HttpRequest) -> PaginatorPage[Any]:
    """The page that the request's ``page`` asks for; raises Http404 if there is none."""
    try:
        return Paginator(entries, PAGE_SIZE).page(request.GET.get("page", 1))
    except InvalidPage as error:
        raise Http404(str(error)) from error


def around(column: Any) -> "tuple[list[ColumnPage], list[ColumnPage]]":
    """The columns directly below ``column``, and those beside it, itself included; live ones that
    aren't blank."""
    beside = column.path[: -column.steplen]
    columns = apps.get_model("cms", "ColumnPage").objects.live()
    near = columns.filter(
        Q(path__startswith=column.path, depth=column.depth + 1)
        | Q(path__startswith=beside, depth=column.depth),
        Q(pk=column.pk) | filled(),
    ).only("title", "url_path", "path", "depth", "locale")
    below = [each for each in near if each.depth > column.depth]
    return below, [each for each in near if each.depth == column.depth]


def breadcrumb(page: Any) -> list[Any]:
    """The pages above ``page`` from its edition's home page on."""
    return list(page.get_ancestors().filter(depth__gte=HOME_DEPTH))


def newest_beside(article: Any) -> "list[ArticlePage]":
    """The newest live articles of the same column, without ``article``."""
    beside = live_articles().filter(
        path__startswith=article.path[: -article.steplen], depth=article.depth
    )
    return list(beside.exclude(pk=article.pk).order_by("-published_at", "-pk")[:BESIDE])


def neighbours(article: Any) -> "tuple[ArticlePage | None, ArticlePage | None]":
    """The live articles of the same column published just before and just after ``article``."""
    if article.published_at is None:
        return None, None
    beside = live_articles().filter(
        path__startswith=article.path[: -article.steplen], depth=article.depth
    )
    when, pk = article.published_at, article.pk or 0
    earlier = Q(published_at__lt=when) | Q(published_at=when, pk__lt=pk)
    later = Q(published_at__gt=when) | Q(published_at=when, pk__gt=pk)
    return (
        beside.filter(earlier).exclude(pk=pk).order_by("-published_at", "-pk").first(),
        beside.filter(later).exclude(pk=pk).order_by("published_at", "pk").first(),
    )
