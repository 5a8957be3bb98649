"""Writing pages on the admin's screens: names, autosave, previews, copies, the API."""

import json
from dataclasses import replace
from typing import Any

import pytest
from wagtail.documents.models import Document
from wagtail.models import APIToken, Page
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from sitecluster.cms.models import ArticlePage, ColumnPage, LinkPage, TopicPage
from sitecluster.cms.slugs import ARTICLE_SLUG
from sitecluster.library.models import ColumnType
from tenants import directory

COLUMN = {"owner_unit": "办公室", "description": "说明", "keywords": "公告"}
COLUMN |= {"update_frequency": "weekly"}
NO_COMMENTS = {"comments": inline_formset([])}


def column_form(**fields: str) -> Any:
    kind = {"column_type": str(ColumnType.objects.get(code="news").pk)}
    return nested_form_data({**COLUMN, **kind, "slug": "", **fields, **NO_COMMENTS})


def article_form(**fields: str) -> Any:
    data = {
        "subtitle": "",
        "summary": "",
        "keywords": "",
        "lead_image": "",
        "source": "县政府办公室",
        "author": "",
        "origin": "original",
        "published_at": "2026-11-22 08:30",
        "body": streamfield([("text", rich_text("<p>正文</p>"))]),
        "attachments": inline_formset([]),
    }
    return nested_form_data({**data, **fields, **NO_COMMENTS})


def create(desk: Any, model: str, parent: Page, data: Any, **headers: str) -> Any:
    return desk.post(f"/admin/pages/add/cms/{model}/{parent.pk}/", data, headers=headers)


def autosave(desk: Any, path: str, data: Any) -> dict[str, Any]:
    """What the open editor sends while its user is typing."""
    answer = desk.post(path, data, headers={"accept": "application/json"})
    assert answer.status_code == 200, answer.content
    return dict(json.loads(answer.content))


def test_the_form_of_an_article_asks_for_no_name(desk: Any) -> None:
    fields = desk.get(f"/admin/pages/add/cms/articlepage/{desk.news.pk}/").context["form"].fields
    assert "slug" not in fields
    assert {"source", "published_at", "origin"} <= set(fields)


def test_the_name_of_a_column_is_not_required(desk: Any) -> None:
    answer = desk.get(f"/admin/pages/add/cms/columnpage/{desk.news.pk}/")
    assert not answer.context["form"].fields["slug"].required
    title = answer.context["form"]["title"].as_widget()
    assert "#id_slug" not in title


def test_a_column_published_from_the_form_gets_a_name(desk: Any) -> None:
    data = column_form(title="河长制信息", **{"action-publish": "1"})
    create(desk, "columnpage", desk.news, data)
    made = ColumnPage.objects.get(title="河长制信息")
    assert (made.slug, made.live) == ("hzzxx", True)


def test_a_columns_own_name_is_kept(desk: Any) -> None:
    data = column_form(title="河长制信息", slug="explained", **{"action-publish": "1"})
    create(desk, "columnpage", desk.news, data)
    assert ColumnPage.objects.get(title="河长制信息").slug == "explained"


@pytest.mark.parametrize("slug", ["政策", "Policy", "ywdt-test"])
def test_a_wrong_name_is_shown_beside_its_field(desk: Any, slug: str) -> None:
    answer = create(desk, "columnpage", desk.home, column_form(title="河长制信息", slug=slug))
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["slug"]


def test_a_reserved_name_is_shown_beside_its_field(desk: Any) -> None:
    answer = create(desk, "columnpage", desk.home, column_form(title="媒体", slug="media"))
    assert list(answer.context["form"].errors) == ["slug"]
    assert not Page.objects.filter(title="媒体").exists()


def test_the_address_of_another_site_is_refused_in_the_form(desk: Any, beta: Any) -> None:
    if desk.site.code != "alpha":
        pytest.skip("only the portal has a site below its address")
    first, last = beta.address.prefix.strip("/").split("/")
    above = desk.column(desk.home, "乡镇", first)
    answer = create(desk, "columnpage", above, column_form(title="贝镇", slug=last))
    assert list(answer.context["form"].errors) == ["slug"]
    link = nested_form_data({"title": last, "url": "https://x.cn/", **NO_COMMENTS})
    create(desk, "linkpage", above, link)
    assert LinkPage.objects.get(title=last).slug == f"{last}-2"


def test_autosave_names_a_column_after_its_whole_title(desk: Any) -> None:
    path = f"/admin/pages/add/cms/columnpage/{desk.news.pk}/"
    saved = autosave(desk, path, column_form(title="河"))
    assert ColumnPage.objects.get(pk=saved["pk"]).slug == "h"
    data = column_form(title="河长制信息", overwrite_revision_id=str(saved["revision_id"]))
    autosave(desk, saved["url"], data)
    assert ColumnPage.objects.get(pk=saved["pk"]).slug == "hzzxx"


def test_autosave_accepts_an_empty_column(desk: Any) -> None:
    path = f"/admin/pages/add/cms/columnpage/{desk.news.pk}/"
    empty = column_form(title="河", owner_unit="", description="", keywords="")
    assert autosave(desk, path, empty)["success"]


def test_a_public_columns_name_stays_when_its_field_is_emptied(desk: Any) -> None:
    data = column_form(title="改名", slug="", **{"action-publish": "1"})
    desk.post(f"/admin/pages/{desk.news.pk}/edit/", data)
    changed = ColumnPage.objects.get(pk=desk.news.pk)
    assert (changed.title, changed.slug) == ("改名", "ywdt-test")


def test_autosave_accepts_an_article_of_a_title_alone(desk: Any) -> None:
    path = f"/admin/pages/add/cms/articlepage/{desk.news.pk}/"
    data = article_form(title="题", source="", published_at="")
    saved = autosave(desk, path, data)
    article = ArticlePage.objects.get(pk=saved["pk"])
    assert ARTICLE_SLUG.fullmatch(article.slug)
    later = article_form(title="题目", overwrite_revision_id=str(saved["revision_id"]))
    autosave(desk, saved["url"], later)
    assert ArticlePage.objects.get(pk=saved["pk"]).slug == article.slug


def test_autosave_accepts_an_attachment_without_a_document(desk: Any) -> None:
    path = f"/admin/pages/add/cms/articlepage/{desk.news.pk}/"
    empty = inline_formset([{"document": "", "title": "附件"}])
    data = article_form(title="题目")
    for key in [key for key in data if key.startswith("attachments")]:
        del data[key]
    data.update(nested_form_data({"attachments": empty}))
    saved = autosave(desk, path, data)
    article = ArticlePage.objects.get(pk=saved["pk"])
    assert [each.title for each in article.attachments.all()] == ["附件"]


def test_an_article_without_a_source_is_a_draft_only(desk: Any) -> None:
    data = article_form(title="题目", source="", **{"action-publish": "1"})
    answer = create(desk, "articlepage", desk.news, data)
    assert "source" in answer.context["form"].errors
    assert not ArticlePage.objects.filter(title="题目").exists()


def test_links_name_themselves(desk: Any) -> None:
    data = {"title": "河长制网", "url": "https://www.gov.cn/", **NO_COMMENTS}
    data["action-publish"] = "1"
    create(desk, "linkpage", desk.news, nested_form_data(data))
    link = LinkPage.objects.get(title="河长制网")
    assert (link.slug, link.live) == ("hzzw", True)


def test_a_link_over_another_protocol_is_refused(desk: Any) -> None:
    data = {"title": "文件", "url": "ftp://example.org/", **NO_COMMENTS}
    answer = create(desk, "linkpage", desk.news, nested_form_data(data))
    assert list(answer.context["form"].errors) == ["url"]


def test_a_copied_article_gets_a_number_of_its_own(desk: Any) -> None:
    answer = desk.get(f"/admin/pages/{desk.first.pk}/copy/")
    assert answer.context["form"].fields["new_slug"].disabled
    data = {"new_title": "副本", "new_parent_page": str(desk.news.pk), "publish_copies": "on"}
    desk.post(f"/admin/pages/{desk.first.pk}/copy/", data)
    copy = ArticlePage.objects.get(title="副本")
    assert ARTICLE_SLUG.fullmatch(copy.slug)
    assert copy.slug != desk.first.slug
    assert copy.live


def test_a_copy_too_deep_says_so(desk: Any) -> None:
    parent = desk.home
    for number in range(1, 5):
        parent = desk.column(parent, f"第{number}级", f"level-{number}")
    data = {"new_title": "副本", "new_slug": "copy", "new_parent_page": str(parent.pk)}
    answer = desk.post(f"/admin/pages/{desk.news.pk}/copy/", data)
    assert any("4" in error for error in answer.context["form"].errors["new_parent_page"])


def test_privacy_is_nowhere(desk: Any) -> None:
    html = desk.get(f"/admin/pages/{desk.first.pk}/edit/").content.decode()
    assert "set-privacy" not in html
    assert desk.get(f"/admin/pages/{desk.first.pk}/privacy/").status_code == 404
    assert desk.get("/admin/collections/1/privacy/").status_code == 404
    listing = desk.get(f"/admin/pages/{desk.news.pk}/").content.decode()
    assert "privacy-indicator" not in listing


def test_articles_have_a_list_of_their_own(desk: Any) -> None:
    answer = desk.get("/admin/articles/")
    assert answer.status_code == 200
    assert "第一篇" in answer.content.decode()


def preview(desk: Any, page: Page) -> Any:
    return desk.get(f"/admin/pages/{page.pk}/view_draft/")


@pytest.mark.parametrize("name", ["home", "news", "first", "draft"])
def test_every_type_can_be_previewed(desk: Any, name: str) -> None:
    answer = preview(desk, getattr(desk, name))
    assert answer.status_code == 200
    assert desk.site.name in answer.content.decode()


def test_a_topic_can_be_previewed(desk: Any) -> None:
    topic = desk.add(desk.home, TopicPage(title="防汛专题", slug="fxzt"), publish=False)
    assert "防汛专题" in preview(desk, topic).content.decode()


def test_a_new_article_can_be_previewed(desk: Any) -> None:
    path = f"/admin/pages/add/cms/articlepage/{desk.news.pk}/preview/"
    answer = desk.post(path, article_form(title="新的一篇"))
    assert json.loads(answer.content)["is_valid"]
    html = desk.get(f"{path}?mode=").content.decode()
    assert "新的一篇" in html
    assert "要闻动态" in html


def test_a_draft_of_a_site_without_a_domain_can_be_previewed(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sites = {**directory.snapshot().by_id, desk.site.id: replace(desk.site, addresses=())}
    homeless = directory.Snapshot("test", sites)
    monkeypatch.setattr(directory, "_snapshot", homeless)
    answer = preview(desk, desk.draft)
    assert answer.status_code == 200
    assert 'href="/ywdt-test/"' in answer.content.decode()


@pytest.fixture
def api(desk: Any) -> Any:
    """Makes a page by the site's writing API."""
    token = APIToken.create_token(user=desk.user, name="test")[1]

    def create(model: str, parent: Page, action: str = "publish", **fields: Any) -> Any:
        meta = {"type": f"cms.{model}", "parent_id": parent.pk, "action": action}
        return desk.client.post(
            "/api/v3/pages/",
            json.dumps({**fields, "meta": meta}),
            content_type="application/json",
            headers={"authorization": f"Bearer {token}"},
        )

    return create


def test_the_api_makes_a_column_and_names_it(desk: Any, api: Any) -> None:
    kind = {"column_type_id": ColumnType.objects.get(code="news").pk}
    answer = api("ColumnPage", desk.home, title="河长制信息", **COLUMN | kind)
    assert answer.status_code == 201, answer.content
    made = ColumnPage.objects.get(title="河长制信息")
    assert (made.slug, made.owner_unit, made.live) == ("hzzxx", "办公室", True)


def test_the_api_makes_an_article_with_blocks_and_attachments(desk: Any, api: Any) -> None:
    document = Document.objects.create(title="原文", file="documents/x.pdf")
    answer = api(
        "ArticlePage",
        desk.news,
        title="来自接口",
        source="县政府办公室",
        origin="reprint",
        published_at="2026-11-22T08:30:00+08:00",
        body=[{"type": "text", "value": "<p>正文</p>"}],
        attachments=[{"document_id": document.pk, "title": "申报表"}],
    )
    assert answer.status_code == 201, answer.content
    made = ArticlePage.objects.get(title="来自接口")
    assert (made.origin, made.live, len(made.body)) == ("reprint", True, 1)
    assert ARTICLE_SLUG.fullmatch(made.slug)
    assert [each.title for each in made.attachments.all()] == ["申报表"]


def test_the_api_says_what_is_wrong_with_a_place(desk: Any, api: Any) -> None:
    answer = api("ColumnPage", desk.home, "draft", title="媒体", slug="media", **COLUMN)
    assert 400 <= answer.status_code < 500
    assert not Page.objects.filter(title="媒体").exists()
