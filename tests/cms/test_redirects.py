"""Old addresses of pages lead to their new ones."""

from typing import Any

import pytest
from django.test import Client
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Locale, Page

WWW = Client(headers={"host": "www.alpha.localhost"})


def fresh(page: Any) -> Any:
    """The page as the database has it."""
    return type(page).objects.get(pk=page.pk)


def rename(page: Any, slug: str) -> None:
    """Give a page another name and publish that."""
    page = fresh(page)
    page.slug = slug
    page.save_revision().publish()


def stored() -> dict[str, int]:
    """The redirects of the active site: from which path to which page."""
    return dict(Redirect.objects.values_list("old_path", "redirect_page_id"))


def answer(desk: Any, path: str) -> Any:
    """What a citizen gets at ``path`` of the desk's site."""
    return WWW.get(desk.site.address.prefix + path)


def test_a_renamed_column_takes_its_whole_branch_along(desk: Any) -> None:
    rename(desk.news, "xinwen-test")
    assert stored() == {
        "/ywdt-test": desk.news.pk,
        f"/ywdt-test/{desk.first.slug}": desk.first.pk,
        f"/ywdt-test/{desk.second.slug}": desk.second.pk,
    }


def test_an_old_address_answers_with_the_prefix_and_without_the_query(desk: Any) -> None:
    rename(desk.news, "xinwen-test")
    prefix = desk.site.address.prefix
    found = answer(desk, f"/ywdt-test/{desk.first.slug}/?from=wechat&x=1")
    assert found.status_code == 301
    assert found.url == f"{prefix}/xinwen-test/{desk.first.slug}/"
    assert not found.cookies


def test_an_old_address_without_its_slash_answers_too(desk: Any) -> None:
    rename(desk.news, "xinwen-test")
    found = WWW.get(f"{desk.site.address.prefix}/ywdt-test/{desk.first.slug}", follow=True)
    assert found.redirect_chain[-1][0].endswith(f"/xinwen-test/{desk.first.slug}/")


def test_a_moved_branch_leaves_redirects(desk: Any) -> None:
    target = desk.column(desk.home, "政务公开", "zwgk-test")
    fresh(desk.news).move(target, pos="last-child")
    assert stored()[f"/ywdt-test/{desk.first.slug}"] == desk.first.pk
    assert answer(desk, "/ywdt-test/").url.endswith("/zwgk-test/ywdt-test/")


def test_reordering_leaves_none(desk: Any) -> None:
    fresh(desk.second).move(fresh(desk.first), pos="left")
    assert stored() == {}


def test_a_chain_of_moves_leads_to_the_end_in_one_step(desk: Any) -> None:
    for slug in ("yi", "er", "san"):
        rename(desk.news, slug)
    for old in ("/ywdt-test/", "/yi/", "/er/"):
        assert answer(desk, old).url == f"{desk.site.address.prefix}/san/"


def test_moving_back_makes_no_loop(desk: Any) -> None:
    rename(desk.news, "yi")
    rename(desk.news, "ywdt-test")
    assert set(stored()) == {"/yi", f"/yi/{desk.first.slug}", f"/yi/{desk.second.slug}"}
    assert answer(desk, "/ywdt-test/").status_code == 200
    assert answer(desk, "/yi/").url == f"{desk.site.address.prefix}/ywdt-test/"


def test_two_columns_that_swap_their_names_lead_nowhere_wrong(desk: Any) -> None:
    other = desk.column(desk.home, "政务公开", "zwgk-test")
    rename(desk.news, "tmp")
    rename(other, "ywdt-test")
    rename(desk.news, "zwgk-test")
    live = set(Page.objects.live().values_list("url_path", flat=True))
    assert not {f"{desk.home.url_path}{path.lstrip('/')}/" for path in stored()} & live
    assert answer(desk, "/ywdt-test/").status_code == 200
    assert answer(desk, "/zwgk-test/").status_code == 200
    assert answer(desk, "/tmp/").url == f"{desk.site.address.prefix}/zwgk-test/"


def test_a_page_that_takes_an_old_address_ends_the_redirect(desk: Any) -> None:
    rename(desk.news, "yi")
    taken = desk.column(desk.home, "新栏目", "ywdt-test")
    assert "/ywdt-test" not in stored()
    fresh(taken).unpublish()
    assert answer(desk, "/ywdt-test/").status_code == 404


def test_an_article_moved_while_it_was_not_live_is_found_when_it_is_again(desk: Any) -> None:
    old = f"/ywdt-test/{desk.first.slug}/"
    target = desk.column(desk.home, "政务公开", "zwgk-test")
    fresh(desk.first).unpublish()
    fresh(desk.first).move(target, pos="last-child")
    assert answer(desk, old).status_code == 404
    fresh(desk.first).get_latest_revision().publish()
    assert answer(desk, old).url.endswith(f"/zwgk-test/{desk.first.slug}/")


def test_drafts_leave_no_redirect(desk: Any) -> None:
    draft = desk.column(desk.home, "草稿栏目", "caogao", publish=False)
    draft.slug = "caogao-er"
    draft.save()
    fresh(draft).move(desk.news, pos="last-child")
    assert stored() == {}


def test_a_page_no_longer_live_is_not_redirected_to(desk: Any) -> None:
    rename(desk.news, "yi")
    fresh(desk.news).unpublish()
    assert answer(desk, "/ywdt-test/").status_code == 404


def test_a_deleted_page_takes_its_redirects_along(desk: Any) -> None:
    rename(desk.news, "yi")
    fresh(desk.news).delete()
    assert stored() == {}
    assert answer(desk, "/ywdt-test/").status_code == 404


def test_a_refused_rename_leaves_no_redirect(desk: Any, objection: str) -> None:
    page = fresh(desk.news)
    page.slug, page.title = "yi", "草稿"
    revision = page.save_revision()
    with pytest.raises(Exception, match=objection):
        revision.publish()
    assert stored() == {}


def test_other_languages_keep_theirs_apart(desk: Any) -> None:
    english = Locale.objects.get_or_create(language_code="en")[0]
    column = desk.news.copy_for_translation(english, copy_parents=True)
    home = column.get_parent().specific
    if home.alias_of_id is None:
        home.save_revision().publish()
    column.save_revision().publish()
    rename(column, "news")
    assert stored() == {"/en/ywdt-test": column.pk}
    assert answer(desk, "/en/ywdt-test/").url == f"{desk.site.address.prefix}/en/news/"
    assert answer(desk, "/ywdt-test/").status_code == 200


def test_redirects_of_one_site_are_not_anothers(desk: Any, gamma: Any) -> None:
    rename(desk.news, "yi")
    there = Client(headers={"host": gamma.address.host})
    assert there.get("/ywdt-test/").status_code == 404


def test_a_redirect_that_an_editor_wrote_wins_and_honours_the_prefix(desk: Any) -> None:
    Redirect.add_redirect("/old-form.htm", "/ywdt-test/", is_permanent=False)
    Redirect.add_redirect("/elsewhere", "https://www.gov.cn/")
    assert answer(desk, "/old-form.htm").status_code == 302
    assert answer(desk, "/old-form.htm").url == f"{desk.site.address.prefix}/ywdt-test/"
    assert answer(desk, "/elsewhere").url == "https://www.gov.cn/"


def test_addresses_of_an_older_system_are_told_apart_by_their_query(desk: Any) -> None:
    for number, page in ((1, desk.first), (2, desk.second)):
        old = f"/show.asp?class=3&id={number}"
        Redirect.add_redirect(old, redirect_to=page, is_permanent=True)
    Redirect.add_redirect("/show.asp", redirect_to=desk.news, is_permanent=True)
    for query, page in (("id=2&class=3", desk.second), ("id=9", desk.news), ("", desk.news)):
        assert answer(desk, f"/show.asp?{query}").url.endswith(f"/{page.slug}/")


def test_an_editors_redirect_survives_a_page_at_its_path(desk: Any) -> None:
    Redirect.add_redirect("/yi", desk.first)
    rename(desk.news, "yi")
    assert stored()["/yi"] == desk.first.pk
    assert answer(desk, "/yi/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere/",
        "/%00/",
        "/" + "x" * 300 + "/",
        "/%E4%B8%AD/",
        "/%2F[x/?a=1",
        "/a/?%00=%FF&[",
        "/a/?" + "x" * 300,
    ],
)
def test_unknown_paths_stay_unknown(desk: Any, path: str) -> None:
    assert answer(desk, path).status_code == 404


def test_admin_hosts_look_for_no_redirects(desk: Any) -> None:
    rename(desk.news, "yi")
    assert desk.get("/ywdt-test/").status_code == 404


def test_a_path_too_long_to_be_kept_is_left_out(desk: Any) -> None:
    page: Any = desk.news
    for number in range(3):
        page = desk.column(page, f"第{number}级", f"{number}" * 90)
    article = desk.article(page, "深处")
    rename(desk.news, "yi")
    assert article.pk not in stored().values()
    assert desk.row(article).path.startswith("/yi/")
