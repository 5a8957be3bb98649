"""Page tags of every page type (guideline 2017-47, B.7), Open Graph, canonical, JSON-LD."""

import json
from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from sitecluster.cms.gates import PublicationRefused
from sitecluster.cms.models import (
    ArticlePage,
    ColumnPage,
    DocumentPage,
    LeaderPage,
    OrganPage,
    SiteIdentity,
    TopicPage,
)
from sitecluster.tenancy import tenant_context
from tenants.directory import Site
from tests.cms.test_illustrations import picture

SITE = ["SiteName", "SiteDomain", "SiteIDCode"]
COLUMN = ["ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType"]
CONTENT = ["ArticleTitle", "PubDate", "ContentSource"]
OPTIONAL = ["Keywords", "Author", "Description", "Image", "Url"]
TEXT = [("text", "<p>全文。</p>")]


@pytest.fixture
def visit(desk: Any) -> Any:
    """The parsed page at a path of the desk's site."""
    address = desk.site.address
    client = Client(headers={"host": address.host})

    def at(path: str) -> BeautifulSoup:
        answer = client.get(address.prefix + path)
        assert answer.status_code == 200
        return BeautifulSoup(answer.content, "html.parser")

    return at


def tags(page: BeautifulSoup) -> dict[str, str]:
    """Name and content, in their order; no name twice and none empty."""
    known = {*SITE, *COLUMN, *CONTENT, *OPTIONAL}
    found = [(str(each["name"]), str(each["content"])) for each in page.select("head meta[name]")]
    found = [(name, content) for name, content in found if name in known]
    assert len(found) == len(dict(found))
    assert all(content.strip() for _name, content in found)
    return dict(found)


def graph(page: BeautifulSoup) -> dict[str, Any]:
    """The things of the page's JSON-LD by their type."""
    (element,) = page.select('script[type="application/ld+json"]')
    return {each["@type"]: each for each in json.loads(element.get_text())["@graph"]}


def test_the_home_page_has_three_tags(desk: Any, visit: Any) -> None:
    page = visit("/")
    assert list(tags(page)) == SITE
    assert tags(page)["SiteIDCode"] == "6108280002"  # the township's is that of its portal
    assert "WebSite" in graph(page)
    assert page.select_one('meta[property="og:site_name"]')
    assert page.select_one("meta[name=description][content]")


def test_a_column_has_seven(desk: Any, visit: Any) -> None:
    page = visit("/ywdt-test/")
    assert list(tags(page)) == [*SITE, *COLUMN]
    assert tags(page)["ColumnType"] == "动态要闻"
    assert {"CollectionPage", "BreadcrumbList"} <= graph(page).keys()


def test_a_topic_has_seven(desk: Any, visit: Any) -> None:
    topic = desk.add(desk.home, TopicPage(title="防汛", slug="fx", summary="汛情\n提示。"))
    found = tags(visit("/fx/"))
    assert list(found) == [*SITE, *COLUMN]
    assert found["ColumnDescription"] == "汛情 提示。"
    article = desk.article(topic, "汛情")
    assert tags(visit(f"/fx/{article.slug}/"))["ColumnName"] == "防汛"


def contents() -> list[Any]:
    plain = {"source": "县政府"}
    return [
        ArticlePage(title="文章", body=TEXT, **plain),
        DocumentPage(
            title="公文", body=TEXT, issuing_body="县政府", written_on=date(2026, 1, 2), **plain
        ),
        OrganPage(title="机构", slug="jg", body=TEXT, **plain),
        LeaderPage(title="张三", slug="zs", post="县长", **plain),
    ]


@pytest.mark.parametrize("number", range(4))
def test_content_has_ten(desk: Any, visit: Any, number: int) -> None:
    made = desk.add(desk.news, contents()[number])
    page = visit(f"/ywdt-test/{made.slug}/")
    found = tags(page)
    assert list(found)[:10] == [*SITE, *COLUMN, *CONTENT]
    assert set(list(found)[10:]) <= set(OPTIONAL)
    assert found["ArticleTitle"] == made.title
    assert len(found["PubDate"]) == len("2026-11-22 09:30")
    assert found["Url"] == made.full_url
    canonical = page.select_one("link[rel=canonical]")
    assert canonical is not None
    assert canonical["href"] == made.full_url
    steps = graph(page)["BreadcrumbList"]["itemListElement"]
    assert [step["name"] for step in steps] == ["首页", "要闻动态", made.title]


def test_an_article_has_the_optional_ones_too(desk: Any, visit: Any) -> None:
    fields = {
        "keywords": "水",
        "author": "李四",
        "summary": "摘要</script>",
        "lead_image": picture(),
    }
    made = desk.article(desk.news, "全文", **fields)
    page = visit(f"/ywdt-test/{made.slug}/")
    found = tags(page)
    assert list(found)[10:] == OPTIONAL
    assert found["Image"].startswith(f"{desk.site.address.root_url}/")
    image = page.select_one('meta[property="og:image"]')
    assert image is not None
    assert image["content"] == found["Image"]
    news = graph(page)["NewsArticle"]
    assert (news["headline"], news["description"]) == ("全文", "摘要</script>")
    assert news["datePublished"].endswith("+08:00")


# --- What would be empty isn't published -------------------------------------------------------


def test_a_site_without_a_code_publishes_nothing(desk: Any, gamma: Site, alpha: Site) -> None:
    with tenant_context(alpha):
        SiteIdentity.objects.update(site_id_code="")
    with pytest.raises(PublicationRefused) as refused:
        desk.article(desk.news, "新的")
    assert len(refused.value.problems) == 1
    SiteIdentity.objects.update(site_id_code="6108280077")
    desk.article(desk.news, "更新的")


def test_a_site_with_an_address_of_its_own_needs_its_own_code(gamma: Site, make_desk: Any) -> None:
    desk = make_desk(gamma)
    SiteIdentity.objects.update(site_id_code="")
    with pytest.raises(PublicationRefused):
        desk.article(desk.news, "新的")


def test_a_column_without_a_type_takes_that_above_it(desk: Any, visit: Any) -> None:
    fields = {"owner_unit": "办", "description": "说明", "keywords": "词"}
    below = desk.add(desk.news, ColumnPage(title="下级", slug="below", **fields))
    assert tags(visit("/ywdt-test/below/"))["ColumnType"] == "动态要闻"
    with pytest.raises(PublicationRefused):
        desk.add(desk.home, ColumnPage(title="无类", slug="wl", **fields))
    assert below.live


def test_content_of_an_unfinished_column_is_refused(desk: Any) -> None:
    ColumnPage.objects.filter(pk=desk.news.pk).update(keywords="")
    with pytest.raises(PublicationRefused) as refused:
        desk.article(desk.news, "新的")
    assert "ColumnKeywords" in str(refused.value)
    assert desk.news.title in str(refused.value)
    ColumnPage.objects.filter(pk=desk.news.pk).update(keywords=desk.news.keywords)


def test_a_topic_says_what_it_is_about(desk: Any) -> None:
    with pytest.raises(PublicationRefused):
        desk.add(desk.home, TopicPage(title="无摘要", slug="wzy"))
