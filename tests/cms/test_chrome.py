"""What surrounds every public page."""

from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import translation
from wagtail.models import Locale

from sitecluster.cms.chrome import Chrome
from sitecluster.cms.models import SiteIdentity
from sitecluster.tenancy import Side, serve, shared_context


def frame(desk: Any, path: str = "/") -> Any:
    """The frame of the page at ``path`` of the desk's site, as a template asks for it."""
    address = desk.site.address
    request: Any = RequestFactory(headers={"host": address.host}).get(path)
    return serve(Side.PUBLIC, address.prefix, request), Chrome(request)


def test_the_menu_has_two_levels_of_live_columns(desk: Any) -> None:
    below = desk.column(desk.news, "下级", "below")
    desk.article(desk.column(below, "再下级", "deeper"), "深处的消息")
    desk.column(desk.news, "草稿", "hidden", publish=False)
    aside = desk.column(desk.news, "不进菜单", "aside")
    aside.show_in_menus = False
    aside.save_revision().publish()
    desk.article(aside, "旁边的消息")
    serving, chrome = frame(desk, "/ywdt-test/below/x/")
    with serving:
        entry = chrome.menu[-1]
    prefix = desk.site.address.prefix
    assert (entry["title"], entry["url"], entry["active"]) == (
        "要闻动态",
        f"{prefix}/ywdt-test/",
        True,
    )
    assert [(each["title"], each["active"]) for each in entry["children"]] == [("下级", True)]
    assert not chrome.menu[0]["active"]


def test_children_of_hidden_columns_are_not_in_the_menu(desk: Any) -> None:
    desk.article(desk.column(desk.news, "下级", "below"), "下面的消息")
    desk.news.show_in_menus = False
    desk.news.save_revision().publish()
    assert "ywdt-test" not in str(frame(desk)[1].menu)


def test_the_frame_costs_two_statements(desk: Any, django_assert_num_queries: Any) -> None:
    serving, chrome = frame(desk)
    with serving, django_assert_num_queries(2):
        assert chrome.name and chrome.menu and chrome.home_url and chrome.languages  # noqa: PT018
        assert chrome.family or chrome.domain
        assert chrome.menu


def test_the_admin_pays_nothing(desk: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        frame(desk)


def test_names_and_addresses(desk: Any) -> None:
    serving, chrome = frame(desk)
    address = desk.site.address
    with serving:
        assert chrome.home_url == f"{address.prefix}/"
        assert chrome.sitemap_url == f"{address.prefix}/sitemap.xml"
        assert chrome.sitemap_page_url == f"{address.prefix}/sitemap/"
        assert chrome.search_url == f"{address.prefix}/search/"
    assert chrome.domain == f"{address.host}{address.prefix}"
    assert chrome.name == SiteIdentity.objects.get().legal_name == desk.site.name


def test_a_site_without_an_identity_has_its_name(desk: Any) -> None:
    SiteIdentity.objects.all().delete()
    chrome = frame(desk)[1]
    assert (chrome.identity, chrome.name) == (None, desk.site.name)


def test_the_family_is_the_sites_above(desk: Any, alpha: Any) -> None:
    expected = [] if desk.site.code == "alpha" else [alpha.name]
    assert [each["title"] for each in frame(desk)[1].family] == expected


def test_a_site_of_one_language_offers_no_other(desk: Any) -> None:
    assert [each["code"] for each in frame(desk)[1].languages] == ["zh-hans"]


def test_an_edition_is_offered_when_its_home_page_is_live(desk: Any) -> None:
    english = Locale.objects.get_or_create(language_code="en")[0]
    home = desk.home.specific.copy_for_translation(english)
    assert [each["code"] for each in frame(desk)[1].languages] == ["zh-hans"]
    home.save_revision().publish()
    serving, chrome = frame(desk)
    with serving, translation.override("en"):
        languages, menu = chrome.languages, chrome.menu
        home_url = chrome.home_url
    prefix = desk.site.address.prefix
    assert [(each["code"], each["url"], each["current"]) for each in languages] == [
        ("zh-hans", f"{prefix}/", False),
        ("en", f"{prefix}/en/", True),
    ]
    assert (home_url, menu) == (f"{prefix}/en/", [])


def test_an_edition_is_called_as_its_front_page_is(desk: Any) -> None:
    english = Locale.objects.get_or_create(language_code="en")[0]
    home = desk.home.specific.copy_for_translation(english)
    home.title = "A County's Government"
    for live in (False, True):
        serving, chrome = frame(desk)
        with serving, translation.override("en"):
            assert (chrome.name == home.title) is live
        home.save_revision().publish()
    assert frame(desk)[1].name != home.title


def test_without_a_site_the_frame_is_empty(db: None) -> None:
    chrome = Chrome(RequestFactory().get("/"))
    with shared_context():
        assert (chrome.name, chrome.menu, chrome.languages, chrome.family) == ("", [], [], [])


@pytest.mark.parametrize("path", ["/nothing-here/", "/ywdt-test/nothing/"])
def test_a_missing_page_has_the_frame(desk: Any, path: str) -> None:
    address = desk.site.address
    answer = Client(headers={"host": address.host}).get(address.prefix + path)
    assert answer.status_code == 404
    assert desk.site.name in answer.content.decode()
    assert f"{address.prefix}/ywdt-test/" in answer.content.decode()
