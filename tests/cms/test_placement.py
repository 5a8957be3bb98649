"""Where pages may stand: four levels of columns, no address of another site."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import Page

from sitecluster.cms.gates import PublicationRefused
from sitecluster.cms.models import ArticlePage, ColumnPage, LinkPage, TopicPage
from sitecluster.cms.placement import deepest_level, placement_problems
from sitecluster.tenancy import Address, occupied_prefixes


def fresh(page: Any) -> Any:
    """The page with the numbers of the tree as they are now."""
    return type(page).objects.get(pk=page.pk)


@pytest.fixture
def levels(desk: Any) -> list[ColumnPage]:
    """Four columns below one another."""
    chain, parent = [], desk.home
    for number in range(1, 5):
        parent = desk.column(parent, f"第{number}级", f"level-{number}")
        chain.append(parent)
    return chain


@pytest.fixture
def portal(desk: Any) -> Any:
    """The desk on the portal, below whose host the township lies; skips the township's run."""
    if desk.site.code != "alpha":
        pytest.skip("only the portal has a site below its address")
    return desk


def test_levels_are_counted_from_the_home_page(levels: list[ColumnPage]) -> None:
    found = [deepest_level(ColumnPage(), column.get_parent()) for column in levels]
    assert found == [1, 2, 3, 4]


def test_a_fifth_level_is_not_offered(levels: list[ColumnPage]) -> None:
    assert ColumnPage.can_create_at(levels[2])
    assert not ColumnPage.can_create_at(levels[3])
    assert ArticlePage.can_create_at(levels[3])


def test_a_fifth_level_is_refused_even_as_a_draft(desk: Any, levels: list[ColumnPage]) -> None:
    with pytest.raises(ValidationError):
        desk.column(levels[3], "第五级", "level-5", publish=False)


def test_a_branch_too_deep_does_not_move(desk: Any, levels: list[ColumnPage]) -> None:
    with pytest.raises(PublicationRefused) as refusal:
        fresh(levels[2]).move(fresh(desk.column(levels[1], "旁", "p")), pos="last-child")
    assert "4" in str(refusal.value)
    assert fresh(levels[2]).get_parent().pk == levels[1].pk


def test_a_branch_that_fits_moves(desk: Any, levels: list[ColumnPage]) -> None:
    fresh(levels[2]).move(fresh(desk.news), pos="last-child")
    assert fresh(levels[3]).url_path.endswith("/ywdt-test/level-3/level-4/")


def test_a_branch_too_deep_is_not_copied(desk: Any, levels: list[ColumnPage]) -> None:
    branch = desk.column(desk.home, "上", "upper")
    desk.column(branch, "下", "lower")
    with pytest.raises(PublicationRefused):
        fresh(branch).copy(recursive=True, to=fresh(levels[2]), update_attrs={"slug": "c"})
    assert not Page.objects.filter(slug="c").exists()


def test_the_move_screen_says_why(desk: Any, levels: list[ColumnPage]) -> None:
    beside = desk.column(levels[1], "旁", "p")
    answer = desk.post(f"/admin/pages/{levels[2].pk}/move/{beside.pk}/confirm/")
    assert answer.status_code == 302
    assert "4" in desk.get("/admin/").content.decode()
    assert fresh(levels[2]).get_parent().pk == levels[1].pk


def test_other_sites_begin_below_the_portal(alpha: Any, beta: Any, gamma: Any) -> None:
    assert None not in (alpha.address, beta.address, gamma.address)
    assert beta.address.prefix in occupied_prefixes(alpha.address)
    assert occupied_prefixes(beta.address) == occupied_prefixes(gamma.address) == []
    assert occupied_prefixes(Address("elsewhere.example.org")) == []


def test_a_page_does_not_take_the_address_of_a_site(portal: Any, beta: Any) -> None:
    first, last = beta.address.prefix.strip("/").split("/")
    above = portal.column(portal.home, "乡镇", first)
    with pytest.raises(ValidationError):
        portal.column(above, "贝镇", last)
    with pytest.raises(ValidationError):
        portal.add(above, LinkPage(title="贝镇", slug=last, url="https://x.cn/"), publish=False)
    assert portal.column(above, "另一镇", f"{last}-2").live


def test_a_page_does_not_move_onto_the_address_of_a_site(portal: Any, beta: Any) -> None:
    first, last = beta.address.prefix.strip("/").split("/")
    above = portal.column(portal.home, "乡镇", first)
    town = portal.column(portal.news, "贝镇", last)
    with pytest.raises(PublicationRefused):
        town.move(fresh(above), pos="last-child")


def test_a_new_name_carries_no_page_onto_the_address_of_a_site(portal: Any, beta: Any) -> None:
    first, last = beta.address.prefix.strip("/").split("/")
    above = portal.column(portal.home, "乡镇", "towns")
    portal.column(above, "贝镇", last)
    column = fresh(above)
    column.slug = first
    assert placement_problems(column, portal.home)
    with pytest.raises(ValidationError):
        column.save()


def test_a_live_page_whose_address_a_site_took_is_not_published_again(
    portal: Any, beta: Any
) -> None:
    first, last = beta.address.prefix.strip("/").split("/")
    above = portal.column(portal.home, "乡镇", "towns")
    town = portal.column(above, "贝镇", last)
    Page.objects.filter(pk=town.pk).update(slug=last)
    above.slug = first
    above.set_url_path(portal.home)
    town._cached_parent_obj = above
    assert town.publication_problems()


@pytest.mark.parametrize("slug", ["admin", "documents", "en", "media", "static", "zh-hans"])
def test_addresses_of_the_platform_are_reserved_at_the_top(desk: Any, slug: str) -> None:
    with pytest.raises(ValidationError):
        desk.column(desk.home, "栏目", slug)
    assert desk.column(desk.news, "栏目", slug).live


def test_types_stand_where_they_belong(desk: Any) -> None:
    topic = TopicPage(title="专题", slug="zt", summary="说明。")
    assert TopicPage.can_create_at(desk.news)
    assert TopicPage.can_create_at(fresh(desk.home).specific)
    assert not TopicPage.can_create_at(desk.first)
    assert not ArticlePage.can_create_at(fresh(desk.home).specific)
    assert not ArticlePage.can_create_at(desk.first)
    assert LinkPage.can_create_at(desk.news)
    topic = desk.add(desk.home, topic)
    assert ArticlePage.can_create_at(topic)
    assert not ColumnPage.can_create_at(topic)
