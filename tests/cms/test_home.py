"""Front pages: which sections they show, what stands in each, at how many statements."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.core.files.images import ImageFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Locale
from wagtail_localize.models import TranslationSource
from wagtail_localize.operations import translate_object

from sitecluster.cms.front.blocks import LinkBlock, SeriesBlock
from sitecluster.cms.front.composition import Part, in_bands
from sitecluster.cms.front.parts import bars
from sitecluster.cms.front.sections import HALVES, HomeSections
from sitecluster.cms.models import HomePage, LinkPage, SiteIdentity, TopicPage
from sitecluster.theming.catalogue import themes
from sitecluster.theming.manifest import AUTOMATIC


def days_ago(days: float) -> datetime:
    return timezone.now().replace(second=0, microsecond=0) - timedelta(days=days)


def image() -> Any:
    file = get_test_image_file(filename="picture.png", size=(960, 640))
    return get_image_model().objects.create(title="图", file=ImageFile(file.file, "picture.png"))


@pytest.fixture
def visit(desk: Any) -> Any:
    """The front page of the desk's site as a citizen gets it."""
    address = desk.site.address
    client = Client(headers={"host": address.host})

    def get(path: str = "/") -> BeautifulSoup:
        answer = client.get(address.prefix + path)
        assert answer.status_code == 200
        return BeautifulSoup(answer.content, "html.parser")

    return get


def compose(desk: Any, *sections: tuple[str, dict[str, Any]]) -> HomePage:
    """Publish the front page of the desk's site with these sections."""
    home: HomePage = desk.home.specific
    block = HomePage._meta.get_field("sections").stream_block
    given = block.to_python([{"type": kind, "value": value} for kind, value in sections])
    home.sections = [(section.block_type, section.value) for section in given]
    home.save_revision().publish()
    return home


def titles(page: Any, selector: str) -> list[str]:
    return [" ".join(each.get_text().split()) for each in page.select(selector)]


def test_a_page_that_nobody_composed_has_the_sections_of_its_theme(desk: Any, visit: Any) -> None:
    desk.add(desk.home, TopicPage(title="防汛专题", slug="fxzt", summary="守河。"))
    desk.add(desk.home, LinkPage(title="省政府", url="https://www.example.org/"))
    page = visit()
    shown = {"search": ".hero--search", "tasks": ".hero--tasks", "sites": ".sites"}
    names = themes()[desk.site.theme].home
    assert {kind for kind, css in shown.items() if page.select(css)} == {*names} & {*shown}
    assert "防汛专题" in titles(page, ".topics__title")
    assert page.select('.tiles a.away[href*="example.org"]')


def test_news_shows_the_newest_and_the_first_that_has_a_picture(desk: Any, visit: Any) -> None:
    for number in range(5):
        desk.article(desk.news, f"消息{number}", published_at=days_ago(number - 20))
    desk.article(desk.news, "有图", published_at=days_ago(-17.5), lead_image=image())
    desk.article(desk.news, "草稿", publish=False, published_at=days_ago(-99))
    compose(desk, ("news", {"column": desk.news.pk, "number": 4}))
    page = visit()
    assert titles(page, ".lead h3") == ["有图"]
    assert titles(page, ".news .list a") == ["消息0", "消息1", "消息2", "消息3"]
    assert titles(page, ".heading h2") == ["要闻动态"]
    assert page.select(".lead img[width][height]")


def test_lists_are_those_of_the_columns_that_no_other_section_shows(desk: Any, visit: Any) -> None:
    other = desk.column(desk.home, "通知", "tz-test")
    few = desk.column(desk.home, "很少", "few-test")
    below = desk.column(other, "下级", "below")
    for number in range(7):
        desk.article(below, f"下级消息{number}", published_at=days_ago(number - 20))
    desk.article(few, "只有一条")
    compose(desk, ("news", {"column": desk.news.pk}), ("list", {"number": 6}))
    lists = {
        section.select_one("h2").get_text(): titles(section, ".list a")
        for section in visit().select(".half--list")
    }
    assert lists["通知"] == [f"下级消息{number}" for number in range(6)]
    assert not {"要闻动态", "很少"} & {*lists}


def test_a_list_may_have_a_title_and_sources(desk: Any, visit: Any) -> None:
    value = {"column": desk.news.pk, "title": "县里的事", "with_sources": True}
    compose(desk, ("list", value))
    page = visit()
    assert titles(page, ".half h2") == ["县里的事"]
    assert titles(page, ".half .list p") == ["县政府办公室"] * 2
    assert page.select_one(".half .more")["href"].endswith("/ywdt-test/")


def test_ways_tasks_and_entries_lead_to_live_pages_only(desk: Any, visit: Any) -> None:
    below = desk.column(desk.news, "下级", "below")
    desk.article(below, "下级消息")
    hidden = desk.column(desk.home, "草稿栏目", "hidden", publish=False)
    blank = desk.column(desk.home, "空栏目", "blank")
    tasks = [
        {"page": desk.news.pk, "text": "先看这里"},
        {"page": hidden.pk},
        {"url": "https://www.example.org/", "title": "别处"},
    ]
    entries = [{"column": each.pk, "glyph": "door"} for each in (desk.news, hidden, blank)]
    compose(
        desk,
        ("tasks", {"tasks": tasks}),
        ("entries", {"entries": entries}),
        ("links", {"column": desk.news.pk}),
    )
    page = visit()
    assert titles(page, ".task__name") == ["要闻动态", "别处"]
    assert titles(page, ".task p") == ["先看这里"]
    assert titles(page, ".way h2") == ["要闻动态"]
    assert titles(page, ".way li") == titles(page, ".shortcuts li") == ["下级"]
    assert page.select_one(".way use")["href"].endswith("glyphs.svg#door")


def test_the_office_is_what_the_identity_and_the_editor_say(desk: Any, visit: Any) -> None:
    SiteIdentity.objects.update(
        address="示例路2号", office_hours="工作日", contact_phone="0912-0000002", contact_email=""
    )
    compose(desk, ("office", {"lines": [{"label": "值班", "text": "全天"}]}))
    assert titles(visit(), ".particulars dd") == ["示例路2号", "工作日", "0912-0000002", "全天"]


def test_sites_stand_in_groups_and_the_rest_by_kind(alpha: Any, make_desk: Any) -> None:
    desk = make_desk(alpha)
    compose(desk, ("sites", {"groups": [{"title": "建设", "sites": ["gamma", "gone"]}]}))
    answer = Client(headers={"host": alpha.address.host}).get("/")
    page = BeautifulSoup(answer.content, "html.parser")
    assert titles(page, ".sites h3")[0] == "建设"
    first, *others = page.select(".sites > div")
    assert titles(first, "a") == ["阿县水利局"]
    assert titles(first, "a .unseen") == ["阿县"]
    assert "贝镇人民政府" in [name for group in others for name in titles(group, "a")]


def test_figures_have_bars_texts_and_tables_their_words(desk: Any, visit: Any) -> None:
    figure = {"label": "办件", "number": "12", "unit": "件", "series": "3 6 12"}
    table = {"data": [["断面", "水位"], ["渡口", "682"]], "first_row_is_table_header": True}
    compose(
        desk,
        ("figures", {"figures": [figure]}),
        ("text", {"title": "走进", "text": "<p>临河。</p>"}),
        ("table", {"title": "水情", "table": table}),
        ("facts", {"title": "电话", "lines": [{"label": "派出所", "text": "110"}]}),
    )
    page = visit()
    assert page.select(".figures path")[-1]["d"] == "M20 0h7v30h-7z"
    assert titles(page, ".plain p") == ["临河。"]
    assert titles(page, ".small-table tbody td") == ["渡口", "682"]
    assert titles(page, ".particulars dt") == ["派出所"]


def test_a_large_search_takes_the_place_of_the_one_in_the_header(desk: Any, visit: Any) -> None:
    compose(desk, ("search", {"title": "找什么？", "terms": ["医保", "供暖"]}))
    page = visit()
    assert len(page.select('form[role="search"]')) == 1
    assert titles(page, ".terms a") == ["医保", "供暖"]
    compose(desk, ("banner", {}))
    assert visit().select('header form[role="search"]')


def test_a_page_without_anything_says_so(desk: Any, visit: Any) -> None:
    desk.column(desk.home, "空栏目", "empty")
    compose(desk, ("banner", {}), ("links", {"links": []}))
    assert not visit().select("main .soft")
    compose(desk, ("banner", {}), ("band", {}))
    assert visit().select("main > .soft")


KINDS = {
    "search": {"terms": ["医保"]},
    "news": {},
    "entries": {},
    "topics": {},
    "sites": {},
    "friends": {},
    "list": {},
    "links": {},
    "office": {},
}


def test_what_a_page_costs_does_not_depend_on_how_much_there_is(desk: Any, visit: Any) -> None:
    compose(desk, *KINDS.items())
    counts = []
    for round_ in range(2):
        for number in range(3):
            column = desk.column(desk.home, f"栏目{round_}{number}", f"c-{round_}-{number}")
            desk.add(desk.home, LinkPage(title=f"链接{round_}{number}", url="https://a.example/"))
            for article in range(4):
                desk.article(column, f"消息{round_}{number}{article}", lead_image=image())
        visit()
        with CaptureQueriesContext(connection) as statements:
            visit()
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 16


def test_an_edition_shows_the_translations_of_the_chosen_pages(desk: Any, visit: Any) -> None:
    english = Locale.objects.get_or_create(language_code="en")[0]
    other = desk.column(desk.home, "只有中文", "zh-only")
    desk.article(other, "中文消息")
    home = compose(
        desk,
        ("list", {"column": desk.news.pk, "title": "县里的事"}),
        ("list", {"column": other.pk}),
    )
    for page in (home, desk.news, desk.first):
        translate_object(page, [english])
        translated = page.get_translation(english)
        translated.title = f"English {page.pk}"
        translated.save_revision().publish()
    shown = visit("/en/")
    assert titles(shown, ".half .list a") == [f"English {desk.first.pk}"]
    assert shown.select_one(".half .more")["href"].startswith(f"{desk.site.address.prefix}/en/")


def test_words_of_sections_are_translated_numbers_are_not(desk: Any) -> None:
    figure = {"label": "办件", "number": "12", "series": "3 6 12"}
    home = compose(
        desk,
        ("figures", {"title": "数字", "figures": [figure]}),
        ("facts", {"title": "电话", "lines": [{"label": "派出所", "text": "全天有人"}]}),
    )
    source, _made = TranslationSource.update_or_create_from_instance(home)
    words = {segment.string.data for segment in source.stringsegment_set.all()}
    assert {"数字", "电话", "全天有人"} <= words
    assert "3 6 12" not in words


def test_bands_hold_four_halves_and_change_their_grounds() -> None:
    kinds = ["search", "news", *["list"] * 5, "topics", "office", "band", "facts", "sites"]
    bands = in_bands([Part(kind, "", {}) for kind in kinds])
    assert [(band.kind, len(band.parts), band.ground, band.tight) for band in bands] == [
        ("search", 1, True, False),
        ("news", 1, False, False),
        ("pair", 4, True, False),
        ("pair", 1, False, False),
        ("topics", 1, False, True),
        ("pair", 1, True, False),
        ("pair", 1, False, False),
        ("sites", 1, True, False),
    ]


def test_every_kind_is_a_block_and_every_automatic_one_needs_nothing() -> None:
    blocks = HomeSections().child_blocks
    assert {*AUTOMATIC, *HALVES} <= {*blocks}
    stream = HomeSections().to_python([{"type": name, "value": {}} for name in AUTOMATIC])
    for section in stream:
        section.block.clean(section.value)


@pytest.mark.parametrize("series", ["", "5", "0 0"])
def test_there_are_no_bars_for_less_than_two_numbers(series: str) -> None:
    assert bars(series) == {}


@pytest.mark.parametrize("series", ["a b", "1;2", "1 2 x", " ".join("1" * 25)])
def test_a_series_is_numbers_with_blanks_between_them(series: str) -> None:
    with pytest.raises(ValidationError):
        SeriesBlock().clean(series)
    assert SeriesBlock().clean("1 2.5，3") == "1 2.5，3"


@pytest.mark.parametrize(
    "value",
    [
        {"title": "无处", "page": None, "url": ""},
        {"title": "", "page": None, "url": "https://www.example.org/"},
    ],
)
def test_an_entry_leads_somewhere_and_has_a_name(value: dict[str, Any]) -> None:
    block = LinkBlock()
    with pytest.raises(ValidationError):
        block.clean(block.to_python(value))
