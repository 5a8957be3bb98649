"""The editor's screens and the API, by HTTP; `desk` compares pages and rows at the end."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from wagtail.models import APIToken, Locale, Page
from wagtail.test.utils.form_data import (
    inline_formset,
    nested_form_data,
    rich_text,
    streamfield,
)

from sitecluster.cms.models import ArticlePage, ColumnPage
from sitecluster.library.models import ColumnType

ARTICLE = "cms.ArticlePage"


def article_form(**changes: Any) -> dict[str, Any]:
    """What the editor sends for a whole article."""
    values = {
        "title": "网上写的",
        "slug": "",
        "source": "县政府办公室",
        "origin": "original",
        "published_at": "2026-11-22 10:00",
        "body": streamfield([("text", rich_text("<p>正文。</p>"))]),
        "attachments": inline_formset([]),
        "comments": inline_formset([]),
    }
    return nested_form_data(values | changes)


def texts(response: Any) -> str:
    """The page that a browser ends on."""
    return response.content.decode()


# --- Editor -------------------------------------------------------------------------------


def test_writing_and_publishing_an_article(desk: Any) -> None:
    answer = desk.post(
        f"/admin/pages/add/cms/articlepage/{desk.news.pk}/",
        article_form() | {"action-publish": "1"},
    )
    assert answer.status_code == 302
    page = ArticlePage.objects.get(title="网上写的")
    assert page.live
    assert desk.row(page).body_text == "正文。"


def test_an_article_without_a_source_stays_in_the_form(desk: Any) -> None:
    answer = desk.post(
        f"/admin/pages/add/cms/articlepage/{desk.news.pk}/",
        article_form(source="") | {"action-publish": "1"},
    )
    assert answer.status_code == 200
    assert not ArticlePage.objects.filter(title="网上写的").exists()


def test_what_a_gate_objects_to_stands_in_the_form(desk: Any, objection: str) -> None:
    answer = desk.edit(desk.draft)
    assert answer.status_code == 200
    assert objection in texts(answer)
    assert not ArticlePage.objects.get(pk=desk.draft.pk).live


def test_a_draft_is_saved_whatever_the_gates_say(desk: Any, objection: str) -> None:
    answer = desk.edit(desk.draft, button="action-save", title="改过的草稿")
    assert answer.status_code == 302
    latest = Page.objects.get(pk=desk.draft.pk).get_latest_revision_as_object()
    assert latest.title == "改过的草稿"


def test_publishing_changes_of_a_live_article(desk: Any) -> None:
    assert desk.edit(desk.first, title="改过了").status_code == 302
    assert desk.row(desk.first).title == "改过了"


def test_unpublishing_a_column_with_its_pages(desk: Any) -> None:
    desk.post(f"/admin/pages/{desk.news.pk}/unpublish/", {"include_descendants": "on"})
    assert [desk.row(page) for page in (desk.news, desk.first)] == [None, None]


def test_deleting_a_column(desk: Any) -> None:
    desk.post(f"/admin/pages/{desk.news.pk}/delete/")
    assert not Page.objects.filter(pk=desk.news.pk).exists()
    assert desk.row(desk.first) is None


def test_moving_a_column(desk: Any) -> None:
    target = desk.column(desk.home, "政务公开", "zwgk-test")
    desk.post(f"/admin/pages/{desk.news.pk}/move/{target.pk}/confirm/")
    assert desk.row(desk.first).path == f"/zwgk-test/ywdt-test/{desk.first.slug}/"


@pytest.mark.parametrize("as_alias", [False, True])
def test_copying_a_column_live(desk: Any, as_alias: bool) -> None:
    data = {
        "new_title": "副本",
        "new_slug": "fuben",
        "new_parent_page": desk.home.pk,
        "copy_subpages": "on",
        "publish_copies": "on",
    }
    desk.post(f"/admin/pages/{desk.news.pk}/copy/", data | ({"alias": "on"} if as_alias else {}))
    copy = ColumnPage.objects.get(slug="fuben")
    assert desk.row(copy).path == "/fuben/"
    assert copy.get_children().live().count() == 2
    for page in copy.get_children().live():
        assert desk.row(page).path == f"/fuben/{page.slug}/"


def test_reverting_to_an_older_revision_and_publishing_it(desk: Any) -> None:
    old = desk.first.latest_revision
    desk.edit(desk.first, title="改过了")
    path = f"/admin/pages/{desk.first.pk}/edit/"
    desk.post(
        path,
        article_form(title="第一篇", slug=desk.first.slug)
        | {"action-publish": "1", "revision": str(old.pk)},
    )
    assert desk.row(desk.first).title == "第一篇"


# --- Bulk actions -------------------------------------------------------------------------


def bulk(desk: Any, action: str, *pages: Page, **data: Any) -> Any:
    """Choose pages in the explorer and press a button below the list."""
    query = urlencode([("id", page.pk) for page in pages])
    return desk.post(
        f"/admin/bulk/wagtailcore/page/{action}/?next=/admin/pages/{desk.news.pk}/&{query}", data
    )


def test_bulk_unpublish_and_publish(desk: Any) -> None:
    bulk(desk, "unpublish", desk.first, desk.second)
    assert [desk.row(page) for page in (desk.first, desk.second)] == [None, None]
    bulk(desk, "publish", desk.first, desk.second, desk.draft)
    assert all(desk.row(page) for page in (desk.first, desk.second, desk.draft))


def test_bulk_unpublish_with_descendants(desk: Any) -> None:
    bulk(desk, "unpublish", desk.news, include_descendants="on")
    assert desk.row(desk.second) is None


def test_bulk_move(desk: Any) -> None:
    target = desk.column(desk.home, "政务公开", "zwgk-test")
    bulk(desk, "move", desk.first, desk.second, chooser=target.pk)
    assert desk.row(desk.second).column_path == "/zwgk-test/"


def test_bulk_delete(desk: Any) -> None:
    other = desk.article(desk.column(desk.home, "政务公开", "zwgk-test"), "别处的")
    bulk(desk, "delete", desk.news, other)
    assert not Page.objects.filter(pk__in=[desk.news.pk, other.pk]).exists()
    assert [desk.row(page) for page in (desk.news, desk.second, other)] == [None] * 3


def test_a_bulk_action_that_is_refused_half_way_does_nothing(desk: Any, objection: str) -> None:
    desk.first.unpublish()
    answer = bulk(desk, "publish", desk.first, desk.draft)
    assert answer.status_code == 302
    assert desk.row(desk.first) is None
    assert objection in texts(desk.get(answer.url))


# --- Refusals on other screens ------------------------------------------------------------


def test_a_refused_move_is_a_message(desk: Any, hold: Any) -> None:
    target = desk.column(desk.home, "政务公开", "zwgk-test")
    hold()
    answer = desk.post(f"/admin/pages/{desk.first.pk}/move/{target.pk}/confirm/")
    assert answer.status_code == 302
    assert desk.site.name in texts(desk.get(answer.url))
    assert Page.objects.get(pk=desk.first.pk).get_parent().pk == desk.news.pk


def test_a_refusal_leads_back_to_where_the_editor_was(desk: Any, hold: Any) -> None:
    hold()
    path = f"/admin/pages/{desk.first.pk}/unpublish/"
    for came_from, expected in (
        (f"http://{desk.site.code}.admin.localhost/admin/pages/4/", "/admin/pages/4/"),
        ("http://elsewhere.example/x", "/admin/pages/"),
    ):
        answer = desk.post(path, headers={"referer": came_from})
        assert answer.status_code == 302
        assert answer.url.endswith(expected)


def test_a_refusal_for_a_script_is_json(desk: Any, hold: Any) -> None:
    hold()
    answer = desk.post(
        f"/admin/pages/{desk.first.pk}/unpublish/", headers={"accept": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.json()["error_code"] == "publication_refused"
    assert desk.site.name in answer.json()["problems"][0]


# --- API ----------------------------------------------------------------------------------


@pytest.fixture
def api(desk: Any) -> Any:
    """Calls the site's writing API with a token of its own."""
    token = APIToken.create_token(user=desk.user, name="test")[1]
    desk.client.logout()

    def call(method: str, path: str, data: Any = None) -> Any:
        return desk.client.generic(
            method,
            f"/api/v3/pages/{path}",
            b"" if data is None else json.dumps(data),
            "application/json",
            headers={"authorization": f"Bearer {token}"},
        )

    return call


def test_api_publish_and_unpublish(desk: Any, api: Any) -> None:
    assert api("POST", f"{desk.draft.pk}/actions/publish/").status_code == 200
    assert desk.row(desk.draft) is not None
    assert api("POST", f"{desk.draft.pk}/actions/unpublish/", {}).status_code == 200
    assert desk.row(desk.draft) is None


def test_api_unpublish_of_a_branch(desk: Any, api: Any) -> None:
    api("POST", f"{desk.news.pk}/actions/unpublish/", {"recursive": True})
    assert desk.row(desk.first) is None


def test_api_create_and_publish(desk: Any, api: Any) -> None:
    meta = {"type": "cms.ColumnPage", "parent_id": desk.home.pk, "action": "publish"}
    news = ColumnType.objects.get(code="news").pk
    fields = {
        "owner_unit": "办公室",
        "description": "说明。",
        "keywords": "接口",
        "column_type_id": news,
    }
    answer = api("POST", "", {"title": "接口栏目", "slug": "jklm", "meta": meta} | fields)
    assert answer.status_code == 201, answer.content
    assert desk.row(ColumnPage.objects.get(slug="jklm")).title == "接口栏目"


def test_api_edit_and_publish(desk: Any, api: Any) -> None:
    data = {"title": "接口改的", "meta": {"type": ARTICLE, "action": "publish"}}
    answer = api("PATCH", f"{desk.first.pk}/", data)
    assert answer.status_code == 200, answer.content
    assert desk.row(desk.first).title == "接口改的"


def test_api_move_copy_alias_convert_revert_delete(desk: Any, api: Any) -> None:
    target = desk.column(desk.home, "政务公开", "zwgk-test")
    answer = api("POST", f"{desk.news.pk}/actions/copy/", {"recursive": True, "slug": "fuben"})
    assert answer.status_code == 201, answer.content
    answer = api("POST", f"{desk.first.pk}/actions/create_alias/", {"destination_id": target.pk})
    assert answer.status_code == 201, answer.content
    alias = Page.objects.get(pk=answer.json()["id"])
    assert desk.row(alias).column_title == "政务公开"
    assert api("POST", f"{alias.pk}/actions/convert_alias/").status_code == 200
    move = {"destination_id": target.pk, "position": "last-child"}
    assert api("POST", f"{desk.news.pk}/actions/move/", move).status_code == 200
    assert desk.row(desk.first).path.startswith("/zwgk-test/ywdt-test/")
    revision = {"revision_id": desk.second.latest_revision_id}
    assert api("POST", f"{desk.second.pk}/actions/revert/", revision).status_code == 200
    assert api("POST", f"{desk.second.pk}/actions/publish/").status_code == 200
    assert api("DELETE", f"{target.pk}/").status_code == 204
    assert desk.row(desk.first) is None


def test_api_copy_for_translation_as_a_live_alias(desk: Any, api: Any) -> None:
    Locale.objects.get_or_create(language_code="en")
    data = {"locale": "en", "copy_parents": True, "alias": True, "recursive": True}
    answer = api("POST", f"{desk.news.pk}/actions/copy_for_translation/", data)
    assert answer.status_code == 201, answer.content
    page = desk.first.get_translation(Locale.objects.get(language_code="en"))
    assert desk.row(page).path == f"/en/ywdt-test/{page.slug}/"


def test_api_refusal_names_every_problem_and_changes_nothing(
    desk: Any, api: Any, objection: str
) -> None:
    answer = api("POST", f"{desk.draft.pk}/actions/publish/")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert objection in [error["msg"] for error in answer.json()["errors"]]
    assert not Page.objects.get(pk=desk.draft.pk).live


def test_api_edit_that_is_refused_keeps_no_draft(desk: Any, api: Any, hold: Any) -> None:
    hold()
    revisions = desk.first.revisions.count()
    data = {"title": "接口改的", "meta": {"type": ARTICLE, "action": "publish"}}
    assert api("PATCH", f"{desk.first.pk}/", data).status_code == 422
    assert desk.first.revisions.count() == revisions
