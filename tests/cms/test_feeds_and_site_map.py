"""What machines read: RSS of a column, the site map."""

from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from wagtail.models import Page

from sitecluster.cms.finding import sitemap
from sitecluster.cms.models import ColumnPage, LinkPage

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def visit(desk: Any) -> Any:
    """Ask for a path of the desk's site as a citizen."""
    address = desk.site.address
    client = Client(headers={"host": address.host})
    return lambda path: client.get(address.prefix + path)


def test_a_column_has_a_feed(desk: Any, visit: Any) -> None:
    below = desk.column(desk.news, "下级", "below")
    deep = desk.article(below, "深处的消息", summary="摘要", author="张三")
    answer = visit("/ywdt-test/feed.xml")
    assert answer["content-type"] == "application/rss+xml; charset=utf-8"
    channel = ElementTree.fromstring(answer.content)[0]
    assert channel.findtext("title") == "要闻动态"
    assert channel.findtext("link") == desk.site.address.url("/ywdt-test/")
    items = {item.findtext("title"): item for item in channel.findall("item")}
    assert set(items) == {"第一篇", "第二篇", "深处的消息"}
    assert items["深处的消息"].findtext("link") == deep.full_url
    assert items["深处的消息"].findtext("description") == "摘要"


@pytest.mark.parametrize("path", ["/feed.xml", "/nothing/feed.xml", "/hidden/feed.xml"])
def test_only_live_columns_have_a_feed(desk: Any, visit: Any, path: str) -> None:
    desk.column(desk.home, "草稿", "hidden", publish=False)
    assert visit(path).status_code == 404
    assert visit(f"/ywdt-test/{desk.first.slug}/feed.xml").status_code == 404


def test_a_feed_sets_no_cookie(visit: Any, desk: Any) -> None:
    answer = visit("/ywdt-test/feed.xml")
    assert not answer.cookies


def addresses(answer: Any, tag: str = "url") -> list[str | None]:
    root = ElementTree.fromstring(answer.content)
    return [each.findtext(f"{NAMESPACE}loc") for each in root.findall(NAMESPACE + tag)]


def test_the_site_map_names_every_live_page_of_the_site(desk: Any, visit: Any) -> None:
    desk.add(desk.news, LinkPage(title="外链", url="https://www.example.org/x"))
    found = addresses(visit("/sitemap.xml"))
    assert desk.first.full_url in found
    assert desk.site.address.url("/") in found
    assert desk.draft.full_url not in found
    live = list(Page.objects.live().filter(depth__gt=1).specific())
    said = [page for page in live if not isinstance(page, ColumnPage)]
    filled = [
        page
        for page in live
        if isinstance(page, ColumnPage) and any(each.path.startswith(page.path) for each in said)
    ]
    assert sorted(map(str, found)) == sorted(
        str(page.full_url) for page in [*said, *filled] if not isinstance(page, LinkPage)
    )


def test_a_large_site_has_an_index_of_maps(desk: Any, visit: Any, monkeypatch: Any) -> None:
    whole = addresses(visit("/sitemap.xml"))
    monkeypatch.setattr(sitemap, "ADDRESSES_A_FILE", len(whole) // 2 + 1)
    maps = addresses(visit("/sitemap.xml"), "sitemap")
    assert maps == [desk.site.address.url(f"/sitemap.xml?p={number}") for number in (1, 2)]
    halves = [addresses(visit(f"/sitemap.xml?p={number}")) for number in (1, 2)]
    assert halves[0] + halves[1] == whole
    assert visit("/sitemap.xml?p=3").status_code == 404
    assert visit("/sitemap.xml?p=x").status_code == 404
