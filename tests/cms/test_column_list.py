"""Lists of columns: filters, paging that search engines can follow, what stands beside."""

from datetime import date, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from sitecluster.cms.alike import alike, keywords
from sitecluster.cms.models import DocumentPage, LinkPage
from sitecluster.cms.slugs import CHINA


@pytest.fixture
def visit(desk: Any) -> Any:
    """Ask for a path of the desk's site as a citizen."""
    address = desk.site.address
    client = Client(headers={"host": address.host})
    return lambda path: client.get(address.prefix + path)


def soup(answer: Any) -> BeautifulSoup:
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def moment(year: int, month: int = 6) -> datetime:
    return datetime(year, month, 1, 9, 30, tzinfo=CHINA)


def document(desk: Any, title: str, genre: str, year: int) -> Any:
    page = DocumentPage(
        title=title, source="县政府", issuing_body="县政府", written_on=date(year, 1, 1),
        genre=genre, document_number=f"阿政发〔{year}〕1号", published_at=moment(year),
        body=[("text", "<p>全文。</p>")],
    )  # fmt: skip
    return desk.add(desk.news, page)


def titles(page: BeautifulSoup) -> list[str]:
    return [each.get_text() for each in page.select("main .list > li > a")]


def choices(page: BeautifulSoup) -> dict[str, list[str]]:
    rows = page.select(".filters__row")
    return {
        row.h2.get_text(): [each.get_text() for each in row.select("a")] for row in rows if row.h2
    }


@pytest.fixture
def column(desk: Any) -> Any:
    """A column with articles, documents and a link of two years."""
    desk.article(desk.news, "去年的消息", published_at=moment(2025))
    document(desk, "通知一", "通知", 2025)
    document(desk, "意见一", "意见", 2024)
    desk.first.published_at = desk.second.published_at = moment(2025, 3)
    for each in (desk.first, desk.second):
        each.save_revision().publish()
    return desk.news


def test_a_list_is_narrowed_by_year_and_kind(desk: Any, visit: Any, column: Any) -> None:
    page = soup(visit("/ywdt-test/"))
    years, kinds = choices(page).values()
    assert years[1:] == ["2025", "2024"]
    assert kinds[-2:] == ["意见", "通知"]
    assert titles(soup(visit("/ywdt-test/?year=2024"))) == ["意见一"]
    assert titles(soup(visit("/ywdt-test/?kind=通知"))) == ["通知一"]
    assert titles(soup(visit("/ywdt-test/?kind=article&year=2025")))[0] == "去年的消息"
    desk.add(desk.news, LinkPage(title="外链", url="https://www.example.org/x"))
    assert titles(soup(visit("/ywdt-test/?kind=link"))) == ["外链"]
    assert titles(soup(visit("/ywdt-test/?kind=意见&year=2024"))) == ["意见一"]
    assert soup(visit("/ywdt-test/?kind=意见&year=2025")).select_one(".nothing")


def test_narrowed_lists_are_not_for_the_index(visit: Any, column: Any) -> None:
    page = soup(visit("/ywdt-test/?year=2025"))
    robots = page.select_one("meta[name=robots]")
    assert robots is not None
    assert str(robots["content"]).startswith("noindex")
    assert page.select_one("link[rel=canonical]") is None
    assert page.select_one('.filters a[aria-current="true"][href$="?year=2025"]')


@pytest.mark.parametrize(
    "query", ["year=1999", "year=x", "kind=x", "year=2025%00", "kind=%27--", "year=２０２５"]
)
def test_what_the_column_does_not_have_is_not_found(visit: Any, column: Any, query: str) -> None:
    assert visit(f"/ywdt-test/?{query}").status_code == 404


def test_a_uniform_list_has_no_filters(desk: Any, visit: Any) -> None:
    assert not soup(visit("/ywdt-test/")).select(".filters")


def test_paging_has_real_links_and_a_canonical_address_a_page(desk: Any, visit: Any) -> None:
    for number in range(45):
        desk.article(desk.news, f"消息{number}", published_at=moment(2020 + number % 2))
    address = desk.news.full_url
    second = soup(visit("/ywdt-test/?page=2"))
    head = {str(each["rel"][0]): each["href"] for each in second.select("head link[rel]")}
    assert head["canonical"] == f"{address}?page=2"
    assert head["prev"] == address
    assert head["next"] == f"{address}?page=3"
    first = soup(visit("/ywdt-test/?page=1")).select_one("link[rel=canonical]")
    assert first is not None
    assert first["href"] == address
    narrowed = soup(visit("/ywdt-test/?year=2021&page=2"))
    assert narrowed.select_one('.pager a[rel=prev][href$="/ywdt-test/?year=2021"]')
    assert visit("/ywdt-test/?year=2021&page=3").status_code == 404


def test_a_list_costs_a_fixed_number_of_statements(
    desk: Any, visit: Any, column: Any, django_assert_max_num_queries: Any
) -> None:
    visit("/ywdt-test/")
    with django_assert_max_num_queries(17):
        visit("/ywdt-test/")


def test_keywords_are_read_however_they_are_separated() -> None:
    assert keywords("水利,供水，节水、管护;水利 灌溉") == ["水利", "供水", "节水", "管护", "灌溉"]
    assert keywords("  ") == []


def test_articles_with_shared_keywords_are_related(desk: Any, visit: Any) -> None:
    read = desk.article(desk.news, "水费怎么收", keywords="水费，供水")
    both = desk.article(desk.news, "水费新标准", keywords="供水", published_at=moment(2020))
    one = desk.article(desk.news, "停水通知", keywords="供水", published_at=moment(2026))
    desk.article(desk.news, "供水草稿", keywords="供水,水费", publish=False)
    desk.article(desk.news, "无关", keywords="教育")
    assert [each.pk for each in alike(read)] == [both.pk, one.pk]
    assert alike(desk.first) == []
    page = soup(visit(f"/ywdt-test/{read.slug}/"))
    assert page.select_one(f'aside a[href$="/{both.slug}/"]')


def test_an_article_says_when_and_whence(desk: Any, visit: Any) -> None:
    article = desk.article(desk.news, "时间", published_at=moment(2025), source="县水利局")
    page = soup(visit(f"/ywdt-test/{article.slug}/"))
    time = page.select_one(".byline time")
    assert time is not None
    assert time.get_text() == "2025-06-01 09:30"
    assert time["datetime"] == "2025-06-01T09:30:00+08:00"
    byline = page.select_one(".byline")
    assert byline is not None
    assert "县水利局" in byline.get_text()
    assert page.select('.turn a[rel="prev"], .turn a[rel="next"]')
