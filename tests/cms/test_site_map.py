"""The map of a site for people, and what robots are told."""

from typing import Any

import pytest
from django.test import Client
from wagtail.models import Locale

from sitecluster.cms.models import TopicPage
from tenants import directory
from tenants.models import State, Tenant


@pytest.fixture
def desk(beta: Any, make_desk: Any) -> Any:
    """A desk on the township below the portal's path."""
    return make_desk(beta)


@pytest.fixture
def visit(desk: Any) -> Any:
    """Ask for a path of the desk's site as a citizen."""
    address = desk.site.address
    client = Client(headers={"host": address.host})
    return lambda path: client.get(address.prefix + path)


def titles(branches: Any) -> list[Any]:
    return [(branch.title, titles(branch.branches)) for branch in branches]


def test_columns_stand_as_they_do_in_the_site(desk: Any, visit: Any) -> None:
    below = desk.column(desk.news, "下级", "below")
    deep = desk.column(below, "再下级", "deeper")
    desk.article(deep, "深处的消息")
    desk.column(desk.news, "空白", "blank")
    answer = visit("/sitemap/")
    assert answer.status_code == 200
    assert titles(answer.context["branches"])[-1] == (
        "要闻动态",
        [("下级", [("再下级", [])])],
    )
    text = answer.content.decode()
    prefix = desk.site.address.prefix
    assert f'href="{prefix}/ywdt-test/below/deeper/"' in text
    assert f'href="{prefix}/ywdt-test/feed.xml"' in text
    assert "空白" not in text
    assert f'<link rel="canonical" href="{desk.site.address.url("/sitemap/")}">' in text


def test_menus_may_hide_what_the_map_shows(desk: Any, visit: Any) -> None:
    desk.news.show_in_menus = False
    desk.news.save_revision().publish()
    branches = visit("/sitemap/").context["branches"]
    assert branches[-1].title == "要闻动态"


def test_columns_below_one_that_is_not_live_stand_in_its_place(desk: Any, visit: Any) -> None:
    below = desk.column(desk.news, "下级", "below")
    desk.article(below, "消息")
    type(desk.news).objects.filter(pk=desk.news.pk).update(live=False)
    assert ("下级", []) in titles(visit("/sitemap/").context["branches"])


def test_topics_are_on_the_map(desk: Any, visit: Any) -> None:
    desk.add(desk.home, TopicPage(title="春耕专题", summary="说明", body=[("text", "<p>文</p>")]))
    assert [topic.title for topic in visit("/sitemap/").context["topics"]] == ["春耕专题"]


def test_the_map_costs_few_statements_however_many_columns(
    desk: Any, visit: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        desk.article(desk.column(desk.news, f"栏目{number}", f"lm{number}"), "消息")
    visit("/sitemap/")
    with django_assert_max_num_queries(6):  # menu, columns, topics, look, identity, code
        visit("/sitemap/")


def test_an_edition_has_a_map_when_it_is_live(desk: Any, visit: Any) -> None:
    english = Locale.objects.get_or_create(language_code="en")[0]
    home = desk.home.specific.copy_for_translation(english)
    assert visit("/en/sitemap/").status_code == 404
    home.save_revision().publish()
    answer = visit("/en/sitemap/")
    assert (answer.status_code, answer.context["branches"]) == (200, [])


def test_addresses_without_a_slash_lead_on(desk: Any, visit: Any) -> None:
    for path in ("/search", "/sitemap"):
        answer = visit(path)
        assert (answer.status_code, answer["Location"]) == (
            301,
            f"{desk.site.address.prefix}{path}/",
        )


def lines(host: str) -> list[str]:
    answer = Client(headers={"host": host}).get("/robots.txt")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert not answer.cookies
    return answer.content.decode().splitlines()


def test_robots_are_told_of_all_sites_of_the_host(
    alpha: Any, beta: Any, gamma: Any, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        said = lines(alpha.address.host)
    assert said[0] == "User-agent: *"
    maps = [line for line in said if line.startswith("Sitemap:")]
    assert f"Sitemap: {alpha.address.url('/sitemap.xml')}" in maps
    assert f"Sitemap: {beta.address.url('/sitemap.xml')}" in maps
    assert f"Sitemap: {gamma.address.url('/sitemap.xml')}" not in maps
    for path in ("/search/", "/*/search/", "/go/", "/*/go/"):
        assert f"Disallow: {path}" in said
    assert "Disallow: /" not in said
    assert [line for line in lines(gamma.address.host) if line.startswith("Sitemap:")] == [
        f"Sitemap: {gamma.address.url('/sitemap.xml')}"
    ]


def test_sites_that_are_not_shown_are_not_named(alpha: Any, beta: Any) -> None:
    Tenant.objects.filter(code="beta").update(state=State.OFFLINE)
    directory.forget()
    assert "beta" not in "\n".join(lines(alpha.address.host))


def test_robots_txt_stands_at_the_root_of_a_host(beta: Any, visit: Any) -> None:
    assert visit("/robots.txt").status_code == 404
