"""The newest articles of a column as RSS 2.0."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.feedgenerator import Rss201rev2Feed
from django.views.decorators.http import require_safe
from wagtail.models import Page

from sitecluster.cms.alike import keywords
from sitecluster.cms.columns import ColumnPage
from sitecluster.cms.listings import articles_below

FEED_SIZE = 20
TTL_MINUTES = 60
LANGUAGES = {"zh-hans": "zh-CN"}  # as RSS names them


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
        language=LANGUAGES.get(column.locale.language_code, column.locale.language_code),
        feed_url=f"{address}feed.xml",
        feed_copyright=column.owner_unit,
        categories=keywords(column.keywords),  # type: ignore[arg-type]  # wrong in the stubs
        ttl=TTL_MINUTES,
    )
    for article in articles_below(column)[:FEED_SIZE]:
        link = article.get_full_url(request) or ""
        rss.add_item(
            title=article.title,
            link=link,
            description=article.summary or article.title,
            author_name=article.author or article.source or None,
            categories=keywords(article.keywords),
            pubdate=article.published_at,
            unique_id=link,
        )
    response = HttpResponse(content_type=rss.content_type)
    rss.write(response, "utf-8")
    return response
