"""Whatever makes a page live, not live, moved or gone, the library says the same at its end.

Every test here uses `desk`, which compares the live pages of all sites with the library's rows,
field by field, when the test is over.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.actions.convert_alias import ConvertAliasPageAction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Locale, Page, Workflow
from wagtail_localize.models import Translation, TranslationSource

from sitecluster.cms.gates import PublicationRefused
from sitecluster.cms.models import ArticlePage, Attachment, ColumnPage
from sitecluster.library.models import Item


def whole_article(title: str, desk: Any, **fields: Any) -> ArticlePage:
    """An unsaved article that nothing speaks against."""
    body = [("text", "<p>全文。</p>")]
    return ArticlePage(title=title, source="县政府办", body=body, locale=desk.news.locale, **fields)


# --- What a row says ----------------------------------------------------------------------


def test_a_published_article_has_a_row_with_its_content(desk: Any) -> None:
    row = desk.row(desk.first)
    article = desk.first
    assert row.kind == "article"
    assert row.path == f"/ywdt-test/{article.slug}/"
    assert (row.column_path, row.column_title) == ("/ywdt-test/", "要闻动态")
    assert (row.title, row.source, row.body_text) == ("第一篇", "县政府办公室", "全文内容。")
    assert (row.published_at, row.updated_at) == (article.published_at, article.last_published_at)
    assert row.payload["title"] == "第一篇"
    assert not {"id", "pk", "path", "url_path", "live", "slug"} & set(row.payload)


def test_a_draft_has_no_row(desk: Any) -> None:
    assert desk.row(desk.draft) is None


def test_the_hash_follows_the_content_and_nothing_else(desk: Any) -> None:
    before = desk.row(desk.first)
    desk.first.save_revision().publish()
    assert desk.row(desk.first).revision_hash == before.revision_hash
    desk.first.title = "新标题"
    desk.first.save_revision().publish()
    after = desk.row(desk.first)
    assert after.revision_hash != before.revision_hash
    assert after.uuid == before.uuid


def document(title: str) -> Any:
    """A small file among the site's documents."""
    return get_document_model().objects.create(title=title, file=ContentFile(b"x", f"{title}.txt"))


def test_attachments_travel_in_the_payload(desk: Any) -> None:
    desk.first.attachments = [Attachment(document=document("附件"), title="附件一")]
    desk.first.save_revision().publish()
    (attachment,) = desk.row(desk.first).payload["attachments"]
    assert attachment["title"] == "附件一"
    assert not {"pk", "page"} & set(attachment)


def test_a_deleted_document_leaves_the_rows_of_the_pages_that_used_it(desk: Any) -> None:
    used = document("附件")
    desk.first.attachments = [Attachment(document=used)]
    desk.first.save_revision().publish()
    used.delete()
    assert desk.row(desk.first).payload["attachments"] == []


def test_a_document_that_a_live_page_cannot_do_without_is_not_deleted(desk: Any) -> None:
    used = document("附件")
    desk.first.attachments, desk.first.body = [Attachment(document=used)], []
    desk.first.save_revision().publish()
    with pytest.raises(PublicationRefused), transaction.atomic():
        used.delete()
    assert get_document_model().objects.filter(pk=used.pk).exists()


def test_a_deleted_image_leaves_the_rows_of_the_pages_that_used_it(desk: Any) -> None:
    image = get_image_model().objects.create(title="图", file=get_test_image_file())
    desk.first.lead_image = image
    desk.first.body.append(("image", {"image": image, "caption": "说明", "alt": "图"}))
    desk.first.save_revision().publish()
    before = desk.row(desk.first)
    get_image_model().objects.filter(pk=image.pk).delete()
    after = desk.row(desk.first)
    assert (before.payload["lead_image"], after.payload["lead_image"]) == (image.pk, None)


# --- Publish, unpublish, revert -----------------------------------------------------------


def test_editing_a_live_page_changes_no_row_before_it_is_published(desk: Any) -> None:
    desk.first.title = "还没发布"
    desk.first.save_revision()
    assert desk.row(desk.first).title == "第一篇"


def test_unpublishing_withdraws_and_publishing_again_keeps_the_uuid(desk: Any) -> None:
    uuid = desk.row(desk.first).uuid
    desk.first.unpublish()
    assert desk.row(desk.first) is None
    Page.objects.get(pk=desk.first.pk).specific.get_latest_revision().publish()
    assert desk.row(desk.first).uuid == uuid


def test_unpublishing_with_descendants_withdraws_the_branch(desk: Any) -> None:
    deeper = desk.article(desk.column(desk.news, "下级", "xj"), "下级的文章")
    UnpublishPageAction(desk.news, include_descendants=True, user=desk.user).execute()
    assert [desk.row(page) for page in (desk.news, desk.first, desk.second, deeper)] == [None] * 4


def test_an_older_revision_published_again_is_what_the_row_says(desk: Any) -> None:
    old = desk.first.latest_revision
    desk.first.title = "改过的"
    desk.first.save_revision().publish()
    assert desk.row(desk.first).title == "改过的"
    old.publish(user=desk.user, previous_revision=old)
    assert desk.row(desk.first).title == "第一篇"


def test_the_last_approval_of_a_workflow_publishes(desk: Any) -> None:
    workflow = Workflow.objects.first()
    state = workflow.start(desk.draft, desk.user)
    while state.status == state.STATUS_IN_PROGRESS:
        assert desk.row(desk.draft) is None
        state.current_task_state.approve(user=desk.user)
        state.refresh_from_db()
    assert desk.row(desk.draft) is not None


def test_a_live_page_saved_without_a_revision_is_recorded(desk: Any) -> None:
    desk.first.title = "直接保存"
    desk.first.save()
    assert desk.row(desk.first).title == "直接保存"


def test_a_page_added_live_is_recorded_with_its_dates(desk: Any) -> None:
    page = whole_article("直接上线", desk)
    Page.objects.get(pk=desk.news.pk).add_child(instance=page)
    assert desk.row(page).updated_at == page.first_published_at


def test_a_page_added_live_before_its_time_is_not_live(desk: Any) -> None:
    page = whole_article("以后上线", desk, go_live_at=timezone.now() + timedelta(days=1))
    Page.objects.get(pk=desk.news.pk).add_child(instance=page)
    assert not ArticlePage.objects.get(pk=page.pk).live


def test_updating_a_queryset_is_followed(desk: Any) -> None:
    below = Page.objects.child_of(desk.news)
    below.update(live=False)
    assert desk.row(desk.first) is None
    below.filter(pk=desk.first.pk).update(live=True, title="批量")
    assert desk.row(desk.first).title == "批量"
    ArticlePage.objects.filter(pk=desk.first.pk).update(title="再批量")
    assert desk.row(desk.first).title == "再批量"


def test_unpublishing_a_queryset_is_followed(desk: Any) -> None:
    Page.objects.child_of(desk.news).unpublish()
    assert desk.row(desk.second) is None


# --- Move, slug, title of a column --------------------------------------------------------


def test_moving_a_column_moves_the_rows_of_its_branch(desk: Any) -> None:
    target = desk.column(desk.home, "政务公开", "zwgk-test")
    desk.news.move(target, pos="last-child")
    row = desk.row(desk.first)
    assert row.path == f"/zwgk-test/ywdt-test/{desk.first.slug}/"
    assert row.column_path == "/zwgk-test/ywdt-test/"
    assert desk.row(desk.draft) is None


def test_moving_an_article_changes_its_column(desk: Any) -> None:
    target = desk.column(desk.home, "政务公开", "zwgk-test")
    Page.objects.get(pk=desk.first.pk).move(target, pos="last-child")
    assert desk.row(desk.first).column_title == "政务公开"


def test_moving_a_branch_costs_the_same_whatever_its_size(desk: Any) -> None:
    target = desk.column(desk.home, "政务公开", "zwgk-test")
    counts = []
    for more in (0, 0, 12):
        for number in range(more):
            desk.article(desk.news, f"第{number}篇")
        there = Page.objects.get(pk=target.pk)
        with Statements() as statements:
            Page.objects.get(pk=desk.news.pk).move(there, pos="last-child")
        counts.append(len(statements))
        Page.objects.get(pk=desk.news.pk).move(Page.objects.get(pk=desk.home.pk), "last-child")
    assert counts[1] == counts[2]


def test_a_columns_new_slug_moves_the_rows_below_it(desk: Any) -> None:
    desk.news.slug = "xin-slug"
    desk.news.save_revision().publish()
    assert desk.row(desk.first).path == f"/xin-slug/{desk.first.slug}/"
    assert desk.row(desk.news).path == "/xin-slug/"


def test_a_columns_new_title_reaches_the_rows_below_it(desk: Any) -> None:
    desk.news.title = "新名称"
    desk.news.save_revision().publish()
    assert desk.row(desk.first).column_title == "新名称"


def test_an_unpublished_columns_new_slug_moves_its_live_articles(desk: Any) -> None:
    desk.news.unpublish()
    news = ColumnPage.objects.get(pk=desk.news.pk)
    news.slug, news.title = "xin-slug", "新名称"
    news.save()
    assert desk.row(desk.first).path == f"/xin-slug/{desk.first.slug}/"
    assert desk.row(desk.first).column_title == "新名称"


def test_a_page_read_before_it_was_moved_is_published_where_it_is_now(desk: Any) -> None:
    article = ArticlePage.objects.get(pk=desk.first.pk)
    revision = article.save_revision()
    revision.content_object.get_parent()
    target = desk.column(desk.home, "政务公开", "zwgk-test")
    ColumnPage.objects.get(pk=desk.news.pk).move(target, pos="last-child")
    revision.publish()
    assert desk.row(article).path == f"/zwgk-test/ywdt-test/{article.slug}/"
    assert ArticlePage.objects.get(pk=article.pk).get_parent().pk == desk.news.pk
    assert Page.find_problems() == ([], [], [], [], [])


def test_a_page_read_before_it_got_children_keeps_them(desk: Any) -> None:
    column = desk.column(desk.home, "政务公开", "zwgk-test")
    desk.article(column, "后来的")
    column.title = "公开"
    column.save()
    assert ColumnPage.objects.get(pk=column.pk).get_children().count() == 1
    assert Page.find_problems() == ([], [], [], [], [])


def test_reordering_leaves_rows_alone(desk: Any) -> None:
    before = desk.row(desk.second)
    Page.objects.get(pk=desk.second.pk).move(Page.objects.get(pk=desk.first.pk), pos="left")
    assert desk.row(desk.second).path == before.path


# --- Copy, alias, translation -------------------------------------------------------------


def test_copying_a_branch_live_records_the_copies(desk: Any) -> None:
    copy = desk.news.copy(
        recursive=True, keep_live=True, update_attrs={"slug": "fuben", "title": "副本"}
    )
    rows = Item.objects.filter(tenant_id=desk.site.id, path__startswith="/fuben/")
    assert {row.column_title for row in rows.filter(kind="article")} == {"副本"}
    assert rows.count() == copy.get_descendants(inclusive=True).live().count() == 3


def test_copying_a_branch_as_drafts_records_nothing(desk: Any) -> None:
    desk.news.copy(recursive=True, keep_live=False, update_attrs={"slug": "fuben"})
    assert not Item.objects.filter(tenant_id=desk.site.id, path__startswith="/fuben/").exists()


def test_an_alias_follows_its_source_until_it_is_converted(desk: Any) -> None:
    target = desk.column(desk.home, "政务公开", "zwgk-test")
    alias = desk.first.create_alias(parent=target)
    assert desk.row(alias).path == f"/zwgk-test/{alias.slug}/"
    desk.first.title = "来源更新"
    desk.first.save_revision().publish()
    assert desk.row(alias).title == "来源更新"
    ArticlePage.objects.get(pk=desk.first.pk).unpublish()
    assert desk.row(alias) is None
    ArticlePage.objects.get(pk=desk.first.pk).save_revision().publish()
    alias = ArticlePage.objects.get(pk=alias.pk)
    ConvertAliasPageAction(alias, user=desk.user).execute()
    desk.first.title = "再次更新"
    desk.first.save_revision().publish()
    assert desk.row(alias).title == "来源更新"


def test_a_recursive_alias_is_recorded_with_its_branch(desk: Any) -> None:
    target = desk.column(desk.home, "政务公开", "zwgk-test")
    desk.news.create_alias(recursive=True, parent=target)
    assert (
        Item.objects.filter(
            tenant_id=desk.site.id, path__startswith="/zwgk-test/ywdt-test/"
        ).count()
        == 3
    )


def test_a_translation_is_recorded_under_its_language(
    desk: Any, django_capture_on_commit_callbacks: Any
) -> None:
    english = Locale.objects.get_or_create(language_code="en")[0]
    translation = translate(desk.first, english)
    with django_capture_on_commit_callbacks(execute=True):
        translation.save_target(user=desk.user, publish=True)
    page = desk.first.get_translation(english)
    row = desk.row(page)
    assert (row.language, row.translation_key) == ("en", desk.first.translation_key)
    assert row.path == f"/en/{page.get_parent().slug}/{page.slug}/"


def test_a_translation_saved_as_a_draft_is_not_recorded(desk: Any) -> None:
    english = Locale.objects.get_or_create(language_code="en")[0]
    translate(desk.first, english).save_target(user=desk.user, publish=False)
    assert desk.row(desk.first.get_translation(english)) is None


def translate(page: Page, language: Locale) -> Translation:
    """A translation of ``page`` and of everything above it, in the words of the original."""
    for ancestor in page.get_ancestors(inclusive=True).filter(depth__gt=1).specific():
        source = TranslationSource.update_or_create_from_instance(ancestor)[0]
        translation = Translation.objects.create(source=source, target_locale=language)
        if ancestor.pk != page.pk:
            translation.save_target(publish=False)
    return translation


# --- Delete -------------------------------------------------------------------------------


def test_deleting_an_ancestor_withdraws_the_branch(desk: Any) -> None:
    deeper = desk.article(desk.column(desk.news, "下级", "xj"), "下级的文章")
    Page.objects.get(pk=desk.news.pk).delete()
    pages = (desk.news, desk.first, desk.second, deeper)
    assert [desk.row(page) for page in pages] == [None] * 4
    items = Item.objects.filter(tenant_id=desk.site.id, page_id__in=[page.pk for page in pages])
    assert items.filter(withdrawn_at=None).count() == 0
    assert items.count() == 4


def test_deleting_a_source_withdraws_its_aliases(desk: Any) -> None:
    alias = desk.first.create_alias(update_slug="20200101-0001")
    assert desk.row(alias) is not None
    ArticlePage.objects.get(pk=desk.first.pk).delete()
    assert desk.row(alias) is None


def test_deleting_a_queryset_is_followed(desk: Any) -> None:
    Page.objects.child_of(desk.news).delete()
    assert desk.row(desk.first) is None
    ArticlePage.objects.all().delete()


def test_deleting_rows_beneath_wagtail_is_followed(desk: Any) -> None:
    QuerySet(ArticlePage).filter(pk=desk.first.pk).delete()
    assert desk.row(desk.first) is None


class Statements(list[str]):
    """The statements of a block."""

    def __enter__(self) -> "Statements":
        self.capture = CaptureQueriesContext(connection)
        self.capture.__enter__()
        return self

    def __exit__(self, *args: Any) -> None:
        self.capture.__exit__(*args)
        self.extend(query["sql"] for query in self.capture.captured_queries)
