"""The newest articles of a column as RSS 2.0."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.feedgenerator import Rss201rev2Feed
from django.views.decorators.http import require_safe
from wagtail.models import Page

from .columns import ColumnPage
from .listings import articles_below

FEED_SIZE = 20


@require_safe
def feed(request: HttpRequest, path: str) -> HttpResponse:
    """The feed of the column at ``path``; raises Http404 where no live column stands."""
    column = Page.find_for_request(request, path)
    if not isinstance(column, ColumnPage):
        raise Http404(path)
    address = column.get_full_url(request) or ""
    rss = Rss201rev2Feed(
        title=column.title,
        link=address,
        description=column.description,
        language=column.locale.language_code,
        feed_url=f"{address}feed.xml",
    )
    for article in articles_below(column)[:FEED_SIZE]:
        link = article.get_full_url(request) or ""
        rss.add_item(
            title=article.title,
            link=link,
            description=article.summary,
            author_name=article.author or None,
            pubdate=article.published_at,
            unique_id=link,
        )
    response = HttpResponse(content_type=rss.content_type)
    rss.write(response, "utf-8")
    return response
