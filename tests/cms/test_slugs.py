"""Names of pages in addresses."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import Page

from sitecluster.cms.models import ArticlePage, ColumnPage, LinkPage
from sitecluster.cms.slugs import latin_slug, next_article_slug, today


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("通知公告", "tzgg"),
        ("  要闻  动态 ", "yw-dt"),
        ("News & notices", "news-notices"),
        ("2026年两会", "2026-nlh"),
        ("“十五五”规划", "sww-gh"),
        ("Announcements of the township government", "announcements-of-the"),
        ("一" * 60, "y" * 24),
        ("！？…", ""),
        ("", ""),
    ],
)
def test_latin_slug(title: str, slug: str) -> None:
    assert latin_slug(title) == slug


def test_the_day_is_chinas(monkeypatch: Any) -> None:
    class Clock:
        @staticmethod
        def now(tz: Any) -> datetime:
            return datetime(2026, 11, 22, 16, 30, tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr("sitecluster.cms.slugs.datetime", Clock)
    assert today() == date(2026, 11, 23)


def test_numbers_of_articles_never_repeat(within: Any) -> None:
    slugs = [next_article_slug(date(2026, 11, 22)) for _ in range(3)]
    assert len(set(slugs)) == 3
    assert all(slug.startswith("20261122-") for slug in slugs)


def test_an_article_is_named_by_day_and_number(desk: Any) -> None:
    assert desk.first.slug.startswith(f"{today():%Y%m%d}-")
    assert desk.first.slug != desk.second.slug


def test_a_new_title_leaves_the_name(desk: Any) -> None:
    before = desk.first.slug
    desk.first.title = "另一个题目"
    desk.first.save_revision().publish()
    assert ArticlePage.objects.get(pk=desk.first.pk).slug == before


def test_a_revision_brings_no_name(desk: Any) -> None:
    """The revisions of a copy were written under the original's name."""
    pk = desk.first.copy(update_attrs={"slug": "another-name"}).pk
    copy = ArticlePage.objects.get(pk=pk)
    assert copy.slug not in ("another-name", desk.first.slug)
    copy.get_latest_revision().publish()
    assert ArticlePage.objects.get(pk=pk).slug == copy.slug


def test_an_article_keeps_its_name_where_it_moves(desk: Any) -> None:
    before = desk.first.slug
    other = desk.column(desk.home, "别的", "bd-test")
    desk.article(other, "那里的第一篇")
    desk.first.move(ColumnPage.objects.get(pk=other.pk), pos="last-child")
    moved = ArticlePage.objects.get(pk=desk.first.pk)
    assert (moved.slug, moved.url_path) == (before, f"{other.url_path}{before}/")


def test_an_article_with_another_kind_of_name_gets_a_number(desk: Any) -> None:
    made = desk.article(desk.news, "题目", slug="some-title")
    assert made.slug.startswith(f"{today():%Y%m%d}-")


def test_a_given_number_stays(desk: Any) -> None:
    assert desk.article(desk.news, "旧文", slug="20190704-0012").slug == "20190704-0012"


def test_a_column_without_a_name_gets_the_initials(desk: Any) -> None:
    assert desk.column(desk.news, "政策解读", "").slug == "zcjd"
    assert desk.column(desk.news, "政策解读", "").slug == "zcjd-2"


@pytest.mark.parametrize(("title", "slug"), [("……", "lm"), ("EN", "en-2"), ("Media", "media-2")])
def test_a_column_gets_a_name_in_any_case(desk: Any, title: str, slug: str) -> None:
    assert desk.column(desk.home, title, "").slug == slug


def test_a_link_is_named_by_itself(desk: Any) -> None:
    link = desk.add(desk.news, LinkPage(title="中国政府网", url="https://www.gov.cn/"))
    assert link.slug == "zgzfw"


@pytest.mark.parametrize("slug", ["通知", "Notices", "a_b", "-a", "a--b"])
def test_other_than_latin_names_are_refused(desk: Any, slug: str) -> None:
    page = ColumnPage(title="栏目", slug=slug, live=False, locale=desk.home.locale)
    with pytest.raises(ValidationError):
        Page.objects.get(pk=desk.home.pk).add_child(instance=page)
