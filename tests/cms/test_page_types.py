"""Documents, organs, leaders and lists of links, as citizens and the library get them."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sitecluster.cms.models import (
    ColumnPage,
    DocumentPage,
    Genre,
    LeaderPage,
    LinkPage,
    OrganPage,
    TopicPage,
    Validity,
)
from sitecluster.cms.writing import body_of

TODAY = timezone.localdate
RULES = [
    "各镇人民政府：", "## 第一章　总则", "第一条　为了供水，制定本办法。",
    "## 第二章　管护", "第二条　管护人由村民推举。", "## 第三章　附则", "第三条　自印发之日起施行。",
]  # fmt: skip


def document(**fields: Any) -> DocumentPage:
    values = {
        "title": "阿县人民政府办公室关于印发《农村供水管护办法》的通知",
        "source": "县政务中心",
        "issuing_body": "阿县人民政府办公室",
        "document_number": "阿政办发〔2026〕31号",
        "index_number": "6108280002/202611-00031",
        "genre": Genre.NOTICE,
        "category": "农业、林业、水利\\水利",
        "keywords": "供水,管护",
        "written_on": date(2026, 11, 9),
        "body": body_of(RULES),
    }
    return DocumentPage(**{**values, **fields})


def leader(title: str, **fields: Any) -> LeaderPage:
    return LeaderPage(title=title, **{"post": "副县长", "source": "县政府办公室", **fields})


def organ(title: str, **fields: Any) -> OrganPage:
    values = {"source": "县政府办公室", "body": body_of(["负责供水。"])}
    return OrganPage(title=title, **{**values, **fields})


@pytest.fixture
def visit(desk: Any) -> Any:
    """Ask for a page of the desk's site as a citizen and read the answer."""
    address = desk.site.address
    client = Client(headers={"host": address.host})

    def read(page: Any) -> BeautifulSoup:
        answer = client.get(path_of(page))
        assert answer.status_code == 200
        return BeautifulSoup(answer.content, "html.parser")

    return read


def path_of(page: Any) -> str:
    return urlsplit(page.get_url()).path


def fresh(column: ColumnPage) -> ColumnPage:
    return ColumnPage.objects.get(pk=column.pk)


def words(soup: Any, selector: str) -> list[str]:
    return [" ".join(each.get_text(" ").split()) for each in soup.select(selector)]


def test_a_document_shows_its_register(desk: Any, visit: Any) -> None:
    page = desk.add(desk.news, document(expires_on=TODAY() + timedelta(days=400)))
    soup = visit(page)
    entries = {dt.get_text(): dt.find_next("dd").get_text(" ").strip() for dt in soup.select("dt")}
    values = list(entries.values())
    for value in (
        "6108280002/202611-00031", "农业、林业、水利\\水利", "阿县人民政府办公室", "2026-11-09",
        "阿政办发〔2026〕31号", "县政务中心", "通知", page.title,
        page.published_at.astimezone().strftime("%Y-%m-%d %H:%M"),
    ):  # fmt: skip
        assert value in values
    assert words(soup, ".register__word") == ["供水", "管护"]
    assert words(soup, ".register .tag") == [str(Validity.IN_FORCE.label)]
    assert words(soup, ".sheet__organ") == ["阿县人民政府办公室文件"]
    assert words(soup, ".sheet__number") == ["阿政办发〔2026〕31号"]
    assert soup.h1.get_text() == page.title
    assert not soup.select(".standing")


def test_a_long_document_has_a_table_of_contents_that_leads_there(desk: Any, visit: Any) -> None:
    soup = visit(desk.add(desk.news, document()))
    links = soup.select(".contents a")
    assert [each.get_text() for each in links] == ["第一章　总则", "第二章　管护", "第三章　附则"]
    for link in links:
        assert soup.select_one(str(link["href"])).get_text() == link.get_text()
    brief = document(title="短", body=body_of(["## 一、事项", "请执行。"]))
    assert not visit(desk.add(desk.news, brief)).select(".contents")


def test_a_document_is_signed_once(desk: Any, visit: Any) -> None:
    soup = visit(desk.add(desk.news, document()))
    assert words(soup, ".sheet__sign p")[0] == "阿县人民政府办公室"
    own = document(
        title="自带落款", body=body_of(["请执行。", "阿县人民政府办公室", "2026年11月9日"])
    )
    soup = visit(desk.add(desk.news, own))
    assert not soup.select(".sheet__sign")
    assert words(soup, ".sign") == ["阿县人民政府办公室", "2026年11月9日"]


@pytest.mark.parametrize(
    ("fields", "standing", "lapsed", "to_come"),
    [
        ({}, Validity.IN_FORCE, False, False),
        ({"expires_on": TODAY() - timedelta(days=1)}, Validity.EXPIRED, True, False),
        ({"expires_on": TODAY()}, Validity.IN_FORCE, False, False),
        ({"effective_on": TODAY() + timedelta(days=9)}, Validity.IN_FORCE, False, True),
        ({"validity": Validity.REPEALED}, Validity.REPEALED, True, False),
        (
            {"validity": Validity.REPEALED, "expires_on": TODAY() - timedelta(days=1)},
            Validity.REPEALED,
            True,
            False,
        ),
        ({"validity": Validity.AMENDED}, Validity.AMENDED, False, False),
    ],
)
def test_validity_is_that_of_today(
    fields: dict[str, Any], standing: str, lapsed: bool, to_come: bool
) -> None:
    page = document(**fields)
    assert (page.standing, page.lapsed, page.to_come) == (standing, lapsed, to_come)


def test_a_document_no_longer_in_force_says_so_first(desk: Any, visit: Any) -> None:
    soup = visit(desk.add(desk.news, document(validity=Validity.REPEALED)))
    note = soup.select_one("main [role=note]")
    assert note is not None
    assert note.find_next("h1") is not None
    assert soup.select(".register .tag--lapsed")


@pytest.mark.parametrize(
    ("fields", "head"),
    [
        ({}, "阿县人民政府办公室文件"),
        ({"genre": Genre.LETTER}, "阿县人民政府办公室"),
        ({"genre": Genre.ORDER, "issuing_body": "阿县人民政府"}, "阿县人民政府令"),
        ({"genre": Genre.PROCLAMATION, "document_number": ""}, "阿县人民政府办公室公告"),
        ({"document_number": ""}, "阿县人民政府办公室"),
        ({"issuing_body": "阿县人民政府文件"}, "阿县人民政府文件"),
    ],
)
def test_the_head_of_a_document_follows_its_genre(fields: dict[str, Any], head: str) -> None:
    assert document(**fields).masthead == head


def test_pages_that_link_to_each_other_belong_together(desk: Any, visit: Any) -> None:
    old = desk.add(desk.news, document(title="暂行规定", validity=Validity.REPEALED))
    link = f'<p>同时废止<a linktype="page" id="{old.pk}">暂行规定</a>。</p>'
    new = desk.add(desk.news, document(title="管护办法", body=[("text", link)]))
    about = f'<p>解读<a linktype="page" id="{new.pk}">管护办法</a>。</p>'
    desk.article(desk.news, "水费怎么收", body=[("text", about)])
    desk.article(desk.news, "草稿解读", body=[("text", about)], publish=False)
    soup = visit(new)
    assert words(soup, ".explained a") == ["水费怎么收"]
    assert words(soup, ".official__side section:first-child .list > li > a") == ["暂行规定"]
    assert visit(old).select(f'.official__side a[href="{path_of(new)}"]')


def test_the_library_knows_the_header_of_a_document(desk: Any) -> None:
    row = desk.row(desk.add(desk.news, document()))
    assert row.kind == "document"
    assert row.metadata["document_number"] == "阿政办发〔2026〕31号"
    assert row.metadata["written_on"] == "2026-11-09"


def test_a_column_shows_leaders_as_cards_in_the_order_of_the_tree(desk: Any, visit: Any) -> None:
    column = desk.column(desk.home, "领导信息", "leaders-test")
    for name in ("王一", "李二", "张三"):
        desk.add(fresh(column), leader(name, duties="分管水利。\n联系佳州街道。"))
    desk.add(fresh(column), leader("草稿", duties=""), publish=False)
    soup = visit(column)
    assert words(soup, ".leader__name") == ["王一", "李二", "张三"]
    assert words(soup, ".leader__post") == ["副县长"] * 3
    assert words(soup, ".portrait [aria-hidden]") == ["王", "李", "张"]
    assert not soup.select(".count")


def test_a_leader_has_a_career_and_colleagues(desk: Any, visit: Any) -> None:
    column = desk.column(desk.home, "领导信息", "leaders-test")
    first = desk.add(
        fresh(column),
        leader(
            "王一", duties="主持工作。", career="2001.03—2005.08　教师\n今任县长", phone="0912-1"
        ),
    )
    second = desk.add(fresh(column), leader("李二"))
    soup = visit(first)
    assert words(soup, ".stations li") == ["2001.03—2005.08 教师", "今任县长"]
    assert words(soup, ".colleagues [aria-current]") == ["王一"]
    assert [each["href"] for each in soup.select(".colleagues a")] == [
        path_of(first),
        path_of(second),
    ]
    row = desk.row(first)
    assert (row.kind, row.summary) == ("leader", "副县长")
    assert "教师" in row.body_text
    assert "主持工作" in row.body_text


def test_an_organ_shows_its_office_and_units(desk: Any, visit: Any) -> None:
    column = desk.column(desk.home, "机构职能", "organs-test")
    unit = {"name": "水政股", "head": "赵四", "phone": "0912-2", "duties": "执法。"}
    page = desk.add(
        fresh(column), organ("水利局", phone="0912-1", head="王一", units=[("unit", unit)])
    )
    soup = visit(page)
    assert soup.select('.office a[href="tel:0912-1"]')
    assert words(soup, ".units h3") == ["水政股"]
    assert "王一" in words(soup, ".office dd")
    listed = visit(column)
    assert words(listed, ".organs__name") == ["水利局"]
    row = desk.row(page)
    assert row.metadata["phone"] == "0912-1"
    assert row.metadata["units"] == ["水政股"]
    assert "执法" in row.body_text


def test_a_column_of_nothing_else_gathers_what_stands_below_it(desk: Any, visit: Any) -> None:
    above = desk.column(desk.home, "单位概况", "above-test")
    below = desk.column(fresh(above), "领导信息", "below-test")
    desk.add(fresh(below), leader("王一"))
    assert words(visit(above), ".leader__name") == ["王一"]
    desk.article(fresh(above), "办公时间")
    assert not visit(above).select(".leader__name")


def test_a_column_of_links_is_a_list_of_links(desk: Any, visit: Any) -> None:
    column = desk.column(desk.home, "便民链接", "links-test")
    for title, url in (("乙", "https://b.example.org/x"), ("甲", "https://a.example.org/")):
        desk.add(fresh(column), LinkPage(title=title, url=url))
    soup = visit(column)
    assert words(soup, ".link-list a") == ["乙", "甲"]
    assert words(soup, ".link-list span") == ["b.example.org", "a.example.org"]
    desk.article(fresh(column), "说明")
    soup = visit(column)
    assert not soup.select(".link-list")
    assert {"甲", "乙", "说明"} <= set(words(soup, ".list > li > a"))


def test_a_column_costs_the_same_however_many_stand_in_it(desk: Any, visit: Any) -> None:
    column = desk.column(desk.home, "概况", "many-test")
    counts = []
    for round_ in range(2):
        for number in range(3):
            desk.add(fresh(column), leader(f"王{round_}{number}"))
            desk.add(fresh(column), organ(f"股{round_}{number}"))
        visit(column)
        with CaptureQueriesContext(connection) as statements:
            visit(column)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_a_topic_whose_time_is_past_is_marked_as_archived(desk: Any, visit: Any) -> None:
    closed = {"opens_on": TODAY() - timedelta(days=9), "closes_on": TODAY() - timedelta(days=1)}
    over = desk.add(
        desk.home, TopicPage(title="防汛", slug="fangxun-test", summary="汛期。", **closed)
    )
    assert visit(over).select(".topic__kind .tag")
    spring = {"slug": "chungeng-test", "summary": "春天。", "closes_on": TODAY()}
    open_ = desk.add(desk.home, TopicPage(title="春耕", **spring))
    assert not visit(open_).select(".topic__kind .tag")


def test_a_column_shows_its_topics_and_those_under_way_first(desk: Any, visit: Any) -> None:
    column = desk.column(desk.home, "专题专栏", "topics-test")
    yesterday = TODAY() - timedelta(days=1)
    for title, closes in (("春耕", None), ("防汛", yesterday), ("取暖", TODAY())):
        topic = TopicPage(title=title, summary="要点。", closes_on=closes)
        desk.add(fresh(column), topic)
    page = visit(column)
    assert words(page, ".topics__title a") == ["取暖", "春耕", "防汛"]
    assert len(page.select(".topics .tag--lapsed")) == 1
    assert not page.select(".nothing")
    home = visit(desk.home)
    assert words(home, ".topics__title a")[:2] == ["取暖", "春耕"]
    assert "防汛" not in words(home, ".topics__title a")


def test_the_front_page_leads_on_to_the_column_of_its_topics(desk: Any, visit: Any) -> None:
    TopicPage.objects.all().delete()
    first = desk.column(desk.home, "专题专栏", "topics-test")
    for title in ("春耕", "取暖"):
        desk.add(fresh(first), TopicPage(title=title, summary="要点。"))
    heading = visit(desk.home).select_one("section:has(.topics) .more")
    assert heading is not None
    assert heading["href"].endswith("/topics-test/")
    desk.add(desk.home, TopicPage(title="防汛", summary="要点。"))
    assert not visit(desk.home).select("section:has(.topics) .more")
