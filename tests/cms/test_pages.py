"""The public pages: what they list, in what order, at how many statements."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.http import Http404
from django.test import Client, RequestFactory
from django.utils import timezone
from wagtail.documents.models import Document
from wagtail.models import Locale

from sitecluster.cms.models import (
    ArticlePage,
    Attachment,
    ColumnPage,
    HomePage,
    LinkPage,
    TopicPage,
)
from sitecluster.library.models import ColumnType


@pytest.fixture
def visit(desk: Any) -> Any:
    """Ask for a path of the desk's site as a citizen."""
    address = desk.site.address
    client = Client(headers={"host": address.host})
    return lambda path: client.get(address.prefix + path)


def days_ago(days: float) -> datetime:
    return timezone.now().replace(second=0, microsecond=0) - timedelta(days=days)


def test_there_is_no_english_page_without_an_english_edition(desk: Any, visit: Any) -> None:
    english = Locale.objects.get_or_create(language_code="en")[0]
    assert visit("/en/").status_code == 404
    assert visit("/en/ywdt-test/").status_code == 404
    draft = desk.home.specific.copy_for_translation(english)
    assert visit("/en/").status_code == 404
    draft.title = "The county"
    draft.save_revision().publish()
    answer = visit("/en/")
    assert answer.status_code == 200
    assert "The county" in answer.content.decode() or answer.context["page"].pk == draft.pk
    assert visit("/en/ywdt-test/").status_code == 404
    assert visit("/").context["page"].pk == desk.home.pk


def test_a_column_lists_articles_and_links_newest_first(desk: Any, visit: Any) -> None:
    newest = desk.article(desk.news, "最新", published_at=days_ago(-1))
    oldest = desk.article(desk.news, "最旧", published_at=days_ago(900))
    link = desk.add(desk.news, LinkPage(title="外链", url="https://www.example.org/x"))
    answer = visit("/ywdt-test/")
    listed = [each.pk for each in answer.context["articles"]]
    assert listed[0] == newest.pk
    assert listed[-1] == oldest.pk
    assert set(listed) == {newest.pk, oldest.pk, link.pk, desk.first.pk, desk.second.pk}
    assert 'data-leaving="https://www.example.org/x"' in answer.content.decode()


def test_a_column_is_paged(desk: Any, visit: Any) -> None:
    for number in range(21):
        desk.article(desk.news, f"消息{number}")
    assert len(visit("/ywdt-test/").context["articles"]) == 20
    second = visit("/ywdt-test/?page=2").context["articles"]
    assert (len(second), second.paginator.num_pages) == (3, 2)
    for wrong in ("3", "0", "-1", "x", ""):
        assert visit(f"/ywdt-test/?page={wrong}").status_code == 404


def test_a_column_that_only_gathers_others_lists_their_articles(desk: Any, visit: Any) -> None:
    above = desk.column(desk.home, "总栏目", "above")
    first, second = desk.column(above, "甲", "first"), desk.column(above, "乙", "second")
    older = desk.article(first, "甲的", published_at=days_ago(2))
    newer = desk.article(second, "乙的", published_at=days_ago(1))
    assert [each.pk for each in visit("/above/").context["articles"]] == [newer.pk, older.pk]
    own = desk.article(above, "自己的", published_at=days_ago(3))
    assert [each.pk for each in visit("/above/").context["articles"]] == [own.pk]


def test_an_empty_column_is_a_page(desk: Any, visit: Any) -> None:
    desk.column(desk.home, "空栏目", "empty")
    assert visit("/empty/").status_code == 200


def test_a_column_knows_what_is_around_it(desk: Any, visit: Any) -> None:
    below = desk.column(desk.news, "下级", "below")
    for column in (
        desk.column(below, "再下级", "deeper"),
        desk.column(desk.news, "旁边", "beside"),
    ):
        desk.article(column, "有内容")
    desk.column(below, "空白", "blank")
    desk.column(desk.news, "未公开", "hidden", publish=False)
    prefix = desk.site.address.prefix
    context = visit("/ywdt-test/below/").context
    assert [each["title"] for each in context["subcolumns"]] == ["再下级"]
    assert [(each["title"], each["active"]) for each in context["siblings"]] == [
        ("下级", True),
        ("旁边", False),
    ]
    assert [step["url"] for step in context["breadcrumb"]] == [
        f"{prefix}/",
        f"{prefix}/ywdt-test/",
    ]
    assert context["feed_url"] == f"{prefix}/ywdt-test/below/feed.xml"


def test_a_column_shows_its_type_from_the_shared_schema(desk: Any, visit: Any) -> None:
    desk.news.column_type = ColumnType.objects.get(code="news")
    desk.news.save_revision().publish()
    assert 'name="ColumnType" content="动态要闻"' in visit("/ywdt-test/").content.decode()


def test_an_article_knows_what_is_around_it(desk: Any, visit: Any) -> None:
    older = desk.article(desk.news, "旧", published_at=days_ago(3))
    middle = desk.article(desk.news, "中", published_at=days_ago(2))
    newer = desk.article(desk.news, "新", published_at=days_ago(1))
    desk.article(desk.news, "草稿", publish=False, published_at=days_ago(1.5))
    context = visit(f"/ywdt-test/{middle.slug}/").context
    assert (context["previous"].pk, context["next"].pk) == (older.pk, newer.pk)
    assert context["column"].pk == desk.news.pk
    assert len(context["breadcrumb"]) == 2
    assert visit(f"/ywdt-test/{older.slug}/").context["previous"] is None


def test_articles_of_one_minute_follow_one_another(desk: Any, visit: Any) -> None:
    when = days_ago(1)
    three = [desk.article(desk.news, f"同时{n}", published_at=when) for n in range(3)]
    context = visit(f"/ywdt-test/{three[1].slug}/").context
    assert (context["previous"].pk, context["next"].pk) == (three[0].pk, three[2].pk)


def test_an_article_shows_its_attachments(desk: Any, visit: Any) -> None:
    document = Document(title="原文", file_size=3)
    document.file.save("original.pdf", ContentFile(b"pdf"))
    desk.first.attachments = [Attachment(document=document, title="申报表")]
    desk.first.save_revision().publish()
    answer = visit(f"/ywdt-test/{desk.first.slug}/")
    assert [each.title for each in answer.context["attachments"]] == ["申报表"]
    assert "申报表" in answer.content.decode()


def test_a_topic_lists_its_articles(desk: Any, visit: Any) -> None:
    topic = desk.add(desk.home, TopicPage(title="防汛专题", slug="fxzt", summary="汛情和提示。"))
    article = desk.article(topic, "汛情")
    context = visit("/fxzt/").context
    assert [each.pk for each in context["items"]] == [article.pk]
    assert visit(f"/fxzt/{article.slug}/").context["column"] == topic


def test_a_link_leads_away(desk: Any, visit: Any) -> None:
    link = desk.add(desk.news, LinkPage(title="外链", url="https://www.example.org/x"))
    answer = visit(f"/ywdt-test/{link.slug}/")
    assert answer.status_code == 302
    assert "/go/?u=https://www.example.org/x&s=" in answer["location"]  # asks first
    assert link.get_url() == link.url == "https://www.example.org/x"
    assert link.full_url == desk.site.address.url(f"/ywdt-test/{link.slug}/")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://example.org/", "", "x"])
def test_a_link_leads_to_the_web_only(desk: Any, url: str) -> None:
    link = LinkPage(title="外链", url=url, live=False)
    desk.home.get_children().get(pk=desk.news.pk).add_child(instance=link)
    assert link.publication_problems()
    with pytest.raises(Http404):
        link.serve(RequestFactory().get("/"))


@pytest.mark.parametrize(
    ("model", "fields", "count"),
    [
        (ColumnPage, {"owner_unit": " "}, 4),
        (ColumnPage, {"owner_unit": "o", "description": "d", "keywords": "k"}, 1),
        (ArticlePage, {"published_at": None}, 3),
        (ArticlePage, {"source": "s", "body": [("text", "<p>x</p>")]}, 0),
        (LinkPage, {}, 1),
        (TopicPage, {"opens_on": date(2026, 2, 2), "closes_on": date(2026, 1, 1)}, 2),
        (TopicPage, {"summary": "s"}, 0),
        (HomePage, {}, 0),
    ],
)
def test_what_a_page_lacks_for_publication(
    desk: Any, model: Any, fields: dict[str, Any], count: int
) -> None:
    page = model(title="x", slug="x", **fields)
    page._cached_parent_obj = desk.home
    page.path, page.depth = "00010001ZZZZ", 3
    assert len(page.publication_problems()) == count


def test_an_attachment_is_content(desk: Any) -> None:
    document = Document.objects.create(title="原文", file="documents/x.pdf")
    page = ArticlePage(title="x", source="s")
    page.attachments = [Attachment()]
    assert len(page.publication_problems()) == 1
    page.attachments = [Attachment(document=document)]
    assert page.publication_problems() == []


def test_publish_times_have_minutes_only(desk: Any) -> None:
    assert desk.first.published_at.second == desk.first.published_at.microsecond == 0


def test_the_column_types_of_the_inspection_are_there(db: None) -> None:
    windows = dict(ColumnType.objects.values_list("code", "window_days"))
    assert len(windows) == 15
    assert (windows["news"], windows["notices"], windows["region"]) == (14, 183, 366)
    assert (windows["service_statistics"], windows["replies"], windows["other"]) == (92, 62, None)
