"""Search of one site: what is found, in which order, and how it is shown."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import Locale

from sitecluster.cms.finding.excerpts import excerpt, marked
from sitecluster.cms.finding.searching import Order, Period, Wanted, search, words_of
from sitecluster.cms.models import DocumentPage, LinkPage

TEXT = [("text", "<p>申请材料齐全的，当场受理。梯田灌溉用水按户计量。</p>")]


@pytest.fixture
def desk(beta: Any, make_desk: Any) -> Any:
    """A desk on the township below the portal's path."""
    return make_desk(beta)


@pytest.fixture
def visit(desk: Any) -> Any:
    """Ask for a path of the desk's site as a citizen."""
    address = desk.site.address
    client = Client(headers={"host": address.host})
    return lambda path, data=None: client.get(address.prefix + path, data)


def titles(found: Any) -> list[str]:
    return [item.title for item in found.hits.page(1)]


def find(desk: Any, phrase: str, **wanted: Any) -> Any:
    return search(desk.site.id, "zh-hans", Wanted(phrase=phrase, **wanted))


def days_ago(days: int) -> Any:
    return timezone.now() - timedelta(days=days)


def test_words_are_found_in_title_summary_and_text(desk: Any) -> None:
    desk.article(desk.news, "梯田灌溉安排", published_at=days_ago(30))
    desk.article(desk.news, "春耕", summary="梯田灌溉如何安排", published_at=days_ago(2))
    desk.article(desk.news, "用水", body=TEXT, published_at=days_ago(1))
    desk.article(desk.news, "梯田", published_at=days_ago(0))
    assert titles(find(desk, "梯田灌溉")) == ["梯田灌溉安排", "用水", "春耕"]
    assert titles(find(desk, "梯田灌溉", order=Order.DATE)) == ["用水", "春耕", "梯田灌溉安排"]
    assert titles(find(desk, "安排 灌溉 梯田")) == ["梯田灌溉安排", "春耕"]
    assert titles(find(desk, "梯田沟渠")) == []


def test_letters_are_found_whatever_their_case(desk: Any) -> None:
    desk.article(desk.news, "IPv6 改造完成")
    assert titles(find(desk, "ipv6")) == ["IPv6 改造完成"]


def test_signs_mean_nothing(desk: Any) -> None:
    for phrase in ("%篇", "第_篇", "'; DROP", "\\"):
        assert titles(find(desk, f"{phrase}没有这样的字")) == []
    assert "第一篇" in titles(find(desk, "第%"))
    assert titles(find(desk, "第_篇")) == []


def test_only_live_pages_of_the_site_are_found(desk: Any, gamma: Any) -> None:
    made = desk.article(desk.news, "梯田一")
    desk.article(desk.news, "梯田二", publish=False)
    gone = desk.article(desk.news, "梯田三")
    gone.unpublish()
    assert titles(find(desk, "梯田")) == ["梯田一"]
    assert titles(search(gamma.id, "zh-hans", Wanted(phrase="梯田"))) == []
    assert titles(search(desk.site.id, "en", Wanted(phrase="梯田"))) == []
    assert made.live


def test_the_front_page_is_not_found(desk: Any) -> None:
    desk.home.specific.save_revision().publish()
    kinds = {item.kind for item in find(desk, desk.home.title).hits.object_list}
    assert "home" not in kinds


def test_kinds_and_times_narrow_and_are_counted(desk: Any) -> None:
    desk.article(desk.news, "梯田一", published_at=days_ago(3))
    desk.article(desk.news, "梯田二", published_at=days_ago(100))
    desk.article(desk.news, "梯田三", published_at=days_ago(4000))
    desk.column(desk.news, "梯田", "titian")
    found = find(desk, "梯田")
    assert found.kinds == {"article": 3, "column": 1}
    assert list(found.periods.values()) == [4, 2, 3, 3]
    recent = find(desk, "梯田", period=Period.MONTH, kinds=["article"])
    assert titles(recent) == ["梯田一"]
    assert recent.kinds == {"article": 1, "column": 1}
    assert list(recent.periods.values()) == [3, 1, 2, 2]
    assert recent.hits.count == 1


def test_a_search_costs_two_statements(desk: Any, django_assert_num_queries: Any) -> None:
    for number in range(12):
        desk.article(desk.news, f"梯田{number}")
    find(desk, "梯田")
    with django_assert_num_queries(2):
        found = find(desk, "梯田", kinds=["article"])
        assert len(found.hits.page(2)) == 2
        assert found.hits.count == 12


def test_words_of_a_phrase() -> None:
    assert words_of("关于印发《低保办法》的通知，低保办法") == ["关于印发", "低保办法", "的通知"]
    assert words_of("　低保　 救助 ") == ["低保", "救助"]
    assert words_of("《》…") == []
    assert len(words_of(" ".join(map(str, range(50))))) == 10


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("低保标准", ["低保"], "<mark>低保</mark>标准"),
        ("<b>低保</b>", ["低保"], "&lt;b&gt;<mark>低保</mark>&lt;/b&gt;"),
        ("IPv6", ["ipv6"], "<mark>IPv6</mark>"),
        ("低保户", ["低", "低保"], "<mark>低保</mark>户"),
        ("a&b", ["amp"], "a&amp;b"),
        ("没有", ["低保"], "没有"),
    ],
)
def test_marks(text: str, words: list[str], expected: str) -> None:
    assert marked(text, words) == expected


def test_an_excerpt_begins_with_the_sentence_of_the_word() -> None:
    text = "第一句话。" + "第二句说到梯田灌溉的安排，" + "长" * 100
    shown = excerpt(["摘要。", text], ["梯田"])
    assert shown.startswith("第二句说到梯田")
    assert shown.endswith("……")
    assert len(shown) < 100
    assert excerpt(["", "开" * 50 + "梯田"], ["梯田"]).startswith("……开")
    assert excerpt(["摘要。", "正文"], ["没有"]) == "摘要。"
    assert excerpt(["", ""], ["没有"]) == ""
    english = "word " * 20 + "the irrigation of terraces " + "word " * 60
    assert excerpt([english], ["terraces"]).startswith("……word")
    assert excerpt([english], ["terraces"]).endswith("word……")


def test_the_page_shows_hits_with_marks(desk: Any, visit: Any) -> None:
    below = desk.column(desk.news, "水利", "shuili-test")
    made = desk.article(below, "梯田<灌溉>", summary="梯田用水。")
    answer = visit("/search/", {"q": "梯田"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert f'href="{made.url}"' not in text  # written for this request's address
    assert f'href="{desk.site.address.prefix}/ywdt-test/shuili-test/{made.slug}/"' in text
    assert "<mark>梯田</mark>&lt;灌溉&gt;" in text
    assert "<mark>梯田</mark>用水。" in text
    assert '<meta name="robots" content="noindex">' in text
    assert answer["X-Robots-Tag"] == "noindex"
    assert not answer.cookies


def test_a_document_shows_its_number_and_whether_it_is_in_force(desk: Any, visit: Any) -> None:
    document = DocumentPage(
        title="梯田管护办法",
        source="县政府",
        issuing_body="县政府",
        document_number="佳政发〔2025〕3号",
        written_on="2025-03-01",
        validity="repealed",
        body=TEXT,
    )
    desk.add(desk.news, document)
    text = visit("/search/", {"q": "梯田管护"}).content.decode()
    assert "佳政发〔2025〕3号" in text
    assert "tag--off" in text


def test_a_link_leads_to_where_it_points(desk: Any, visit: Any) -> None:
    desk.add(desk.news, LinkPage(title="梯田之家", url="https://www.example.org/x"))
    hits = visit("/search/", {"q": "梯田之家"}).context["items"]
    assert [(hit["url"], hit["away"]) for hit in hits] == [("https://www.example.org/x", True)]


def test_results_have_pages_that_keep_the_search(desk: Any, visit: Any) -> None:
    for number in range(12):
        desk.article(desk.news, f"梯田{number}")
    asked = {"q": "梯田", "kind": "article", "time": "year", "sort": "date"}
    text = visit("/search/", asked).content.decode()
    query = "?q=%E6%A2%AF%E7%94%B0&amp;kind=article&amp;time=year&amp;sort=date&amp;page=2"
    assert f'{desk.site.address.prefix}/search/{query}" rel="next"' in text
    assert len(visit("/search/", {**asked, "page": 2}).context["items"]) == 2


def test_there_is_no_other_page(desk: Any, visit: Any) -> None:
    for page in ("3", "0", "-1", "x", "9" * 30):
        assert visit("/search/", {"q": "第一篇", "page": page}).status_code == 404, page


def test_what_cannot_be_asked_is_said(desk: Any, visit: Any) -> None:
    for asked in (
        {"q": "梯" * 101},
        {"q": "《》"},
        {"q": "a\0b"},
        {"q": "梯田", "kind": "x"},
        {"q": "梯田", "kind": "home"},
        {"q": "梯田", "time": "x"},
        {"q": "梯田", "sort": "x"},
    ):
        answer = visit("/search/", asked)
        assert answer.status_code == 400, asked
        assert 'id="search-problem"' in answer.content.decode()
        assert "\0" not in answer.content.decode()


def test_without_words_the_form_stands_alone(desk: Any, visit: Any) -> None:
    for asked in ({}, {"q": ""}, {"q": "  　"}, {"page": "7", "kind": "x"}):
        answer = visit("/search/", asked)
        assert answer.status_code == 200
        assert "hits" not in answer.context
        assert answer.content.decode().count('role="search"') == 1


def test_nothing_found_gives_advice(desk: Any, visit: Any) -> None:
    text = visit("/search/", {"q": "绝无此词"}).content.decode()
    assert "绝无此词" in text
    assert f'{desk.site.address.prefix}/sitemap/"' in text
    assert 'class="facets"' not in text
    desk.article(desk.news, "梯田", published_at=days_ago(4000))
    narrowed = visit("/search/", {"q": "梯田", "time": "month"}).content.decode()
    assert 'class="facets"' in narrowed
    assert f'{desk.site.address.prefix}/search/?q=%E6%A2%AF%E7%94%B0"' in narrowed


def test_an_edition_is_searched_when_it_is_live(desk: Any, visit: Any) -> None:
    english = Locale.objects.get_or_create(language_code="en")[0]
    home = desk.home.specific.copy_for_translation(english)
    assert visit("/en/search/").status_code == 404
    home.save_revision().publish()
    answer = visit("/en/search/", {"q": "第一篇"})
    assert answer.status_code == 200
    assert answer.context["hits"].paginator.count == 0
    assert 'lang="en"' in answer.content.decode()
    assert f'action="{desk.site.address.prefix}/en/search/"' in answer.content.decode()


def test_the_whole_page_costs_few_statements(
    desk: Any, visit: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        desk.article(desk.news, f"梯田{number}")
    visit("/search/", {"q": "梯田"})
    with django_assert_max_num_queries(6):  # identity, code, look, menu, counts, hits
        visit("/search/", {"q": "梯田"})


def test_only_reading_is_answered(desk: Any) -> None:
    client = Client(headers={"host": desk.site.address.host})
    assert client.post(f"{desk.site.address.prefix}/search/", {"q": "x"}).status_code == 405
