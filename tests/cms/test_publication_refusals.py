"""What is refused or fails changes nothing; publications of one site follow one another."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.models import Locale, Page
from wagtail.signals import page_published

from sitecluster.cms import publication
from sitecluster.cms.gates import GATES, Act, Kind, PublicationRefused
from sitecluster.cms.models import ArticlePage, ColumnPage
from sitecluster.tenancy import tenant_context
from tenants.directory import Site

WATCHED = (
    "wagtailcore_page",
    "cms_articlepage",
    "cms_columnpage",
    "wagtailcore_revision",
    "wagtailcore_pagelogentry",
    "wagtailredirects_redirect",
    "public.library_item",
)


def whole_article(title: str, desk: Any, **fields: Any) -> ArticlePage:
    """An unsaved article that nothing speaks against."""
    body = [("text", "<p>全文。</p>")]
    return ArticlePage(title=title, source="县政府办", body=body, locale=desk.news.locale, **fields)


def checksums() -> list[str]:
    """The content of every table that a publication writes."""
    sums = []
    with connection.cursor() as cursor:
        for table in WATCHED:
            cursor.execute(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t")
            sums.append(f"{table} {cursor.fetchone()[0]}")
    return sums


@pytest.fixture
def gate() -> Any:
    """Adds a gate that notes what it is asked and objects where it is told to."""
    asked: list[tuple[Kind, str]] = []
    refuse: set[tuple[Kind, str]] = set()

    def objecting(act: Act) -> list[str]:
        asked.append((act.kind, act.page.title))
        return ["不行。"] if (act.kind, act.page.title) in refuse else []

    GATES.append(objecting)
    yield type("Gate", (), {"asked": asked, "refuse": refuse})
    GATES.remove(objecting)


def renamed(page: ArticlePage) -> ArticlePage:
    """The page with another subtitle, not saved."""
    page.subtitle = "副标题"
    return page


def acts(desk: Any) -> dict[str, tuple[tuple[Kind, str], Any]]:
    """What a gate may refuse, and the call that asks for it."""
    first, news = desk.first, desk.news
    english = Locale.objects.get_or_create(language_code="en")[0]
    return {
        "publish": ((Kind.PUBLISH, "草稿"), lambda: desk.draft.get_latest_revision().publish()),
        "unpublish": (
            (Kind.UNPUBLISH, "第一篇"),
            lambda: ArticlePage.objects.get(pk=first.pk).unpublish(),
        ),
        "unpublish branch": (
            (Kind.UNPUBLISH, "第二篇"),
            lambda: UnpublishPageAction(
                ColumnPage.objects.get(pk=news.pk), include_descendants=True, user=desk.user
            ).execute(),
        ),
        "move": ((Kind.MOVE, "要闻动态"), lambda: news.move(desk.other, pos="last-child")),
        "delete": ((Kind.DELETE, "第一篇"), first.delete),
        "delete ancestor": ((Kind.UNPUBLISH, "第二篇"), news.delete),
        "delete queryset": ((Kind.UNPUBLISH, "第一篇"), Page.objects.child_of(news).delete),
        "copy": (
            (Kind.PUBLISH, "第二篇"),
            lambda: news.copy(recursive=True, update_attrs={"slug": "fuben"}),
        ),
        "alias": ((Kind.PUBLISH, "第一篇"), lambda: first.create_alias(parent=desk.other)),
        "add live": (
            (Kind.PUBLISH, "新的"),
            lambda: Page.objects.get(pk=news.pk).add_child(instance=whole_article("新的", desk)),
        ),
        "save": ((Kind.PUBLISH, "第一篇"), renamed(first).save),
        "update": ((Kind.PUBLISH, "第二篇"), lambda: Page.objects.update(live=True)),
        "update to draft": (
            (Kind.UNPUBLISH, "第二篇"),
            lambda: Page.objects.child_of(news).update(live=False),
        ),
        "translation": (
            (Kind.PUBLISH, "要闻动态"),
            lambda: news.copy_for_translation(english, copy_parents=True, alias=True),
        ),
    }


ACTS = (
    "publish",
    "unpublish",
    "unpublish branch",
    "move",
    "delete",
    "delete ancestor",
    "delete queryset",
    "copy",
    "alias",
    "add live",
    "save",
    "update",
    "update to draft",
    "translation",
)


@pytest.mark.parametrize("name", ACTS)
def test_a_refused_act_changes_nothing(desk: Any, gate: Any, name: str) -> None:
    desk.other = desk.column(desk.home, "政务公开", "zwgk-test")
    refusal, ask = acts(desk)[name]
    before = checksums()
    gate.refuse.add(refusal)
    with pytest.raises(PublicationRefused) as caught:
        ask()
    assert caught.value.problems == ["不行。"]
    assert checksums() == before
    gate.refuse.clear()
    ask()
    assert checksums() != before


def test_a_gate_is_asked_once_for_a_publication(desk: Any, gate: Any) -> None:
    desk.draft.get_latest_revision().publish(user=desk.user)
    assert gate.asked == [(Kind.PUBLISH, "草稿")]


def test_all_gates_are_heard(desk: Any, gate: Any) -> None:
    draft = ArticlePage.objects.get(pk=desk.draft.pk)
    draft.source = ""
    revision = draft.save_revision(clean=False)
    gate.refuse.add((Kind.PUBLISH, "草稿"))
    with pytest.raises(PublicationRefused) as caught:
        revision.publish()
    assert len(caught.value.problems) >= 2


@pytest.mark.parametrize("state", ["readonly", "closed", "removed"])
def test_a_frozen_site_refuses_and_changes_nothing(desk: Any, state: str, monkeypatch: Any) -> None:
    object.__setattr__(desk.site, "state", state)
    before = checksums()
    for ask in (
        desk.draft.get_latest_revision().publish,
        desk.first.unpublish,
        desk.first.delete,
        lambda: desk.first.move(desk.home, pos="last-child"),
    ):
        with pytest.raises(PublicationRefused):
            ask()
    assert checksums() == before
    desk.draft.save_revision()
    object.__setattr__(desk.site, "state", "live")


def test_a_step_that_fails_after_the_publish_takes_everything_back(desk: Any) -> None:
    def fail(**kwargs: Any) -> None:
        raise RuntimeError("after the page was saved")

    revision = desk.draft.get_latest_revision()
    before = checksums()
    page_published.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            revision.publish()
    finally:
        page_published.disconnect(fail)
    assert checksums() == before
    assert desk.row(desk.draft) is None
    assert not ArticlePage.objects.get(pk=desk.draft.pk).live


def test_a_library_that_fails_takes_the_publish_back(desk: Any, monkeypatch: Any) -> None:
    revision = desk.draft.get_latest_revision()
    before = checksums()

    def fail(*args: Any) -> None:
        raise RuntimeError("the library's last statement")

    monkeypatch.setattr("sitecluster.cms.redirects.follow", fail)
    with pytest.raises(RuntimeError):
        revision.publish()
    assert checksums() == before


def test_an_error_in_between_leaves_the_next_publication_alone(desk: Any) -> None:
    def unpublish_and_fail() -> None:
        with publication.publishing():
            desk.first.unpublish()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        unpublish_and_fail()
    assert desk.row(desk.first) is not None
    desk.draft.get_latest_revision().publish()
    assert desk.row(desk.draft) is not None


def test_a_step_inside_that_fails_and_is_caught_leaves_what_is_true(desk: Any) -> None:
    with publication.publishing():
        desk.first.unpublish()
        broken = ArticlePage(title="坏", slug=desk.second.slug, locale=desk.news.locale)
        with pytest.raises(ValidationError):
            Page.objects.get(pk=desk.news.pk).add_child(instance=broken)
    assert desk.row(desk.first) is None


def test_pages_of_two_sites_in_one_transaction_reach_their_own_rows(
    alpha: Site, beta: Site, make_desk: Any
) -> None:
    there = make_desk(beta)
    here = make_desk(alpha)
    with publication.publishing():
        here.first.unpublish()
        with tenant_context(beta), publication.publishing():
            there.first.unpublish()
        here.second.unpublish()
    assert [here.row(here.first), here.row(here.second), there.row(there.first)] == [None] * 3
    assert there.row(there.second) is not None
    assert here.disagreements() == []


def test_reconciling_repairs_what_was_done_beneath(desk: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE wagtailcore_page SET live = NOT live WHERE depth > 3")
        cursor.execute(
            "UPDATE wagtailcore_page SET first_published_at = now(), "
            "last_published_at = now() WHERE first_published_at IS NULL"
        )
    assert len(publication.compare(desk.site)) > 2
    publication.reconcile(desk.site)
    assert publication.compare(desk.site) == []


def test_publications_of_one_site_wait_for_one_another(desk: Any) -> None:
    with publication.publishing(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND granted"
            " AND pid = pg_backend_pid()",
            [publication.LOCK],
        )
        assert cursor.fetchall() == [(desk.site.id,)]
