"""Columns that the cluster adds to sites and withdraws from them."""

from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from wagtail.models import Page

from sitecluster.audit.models import Entry
from sitecluster.cms.gates import PublicationRefused
from sitecluster.cms.models import ArticlePage, ColumnPage, HomePage, LinkPage
from sitecluster.cms.required_columns import Articles, Wanted, Why, Withdrawal, add, withdraw
from sitecluster.library.models import Item
from sitecluster.tenancy import tenant_context
from tenants import directory
from tenants.directory import Site
from tenants.models import State, Tenant
from tests.cms.conftest import article, column, disagreements
from tests.conftest import client_for

WHY = Why(reason="统一栏目", document="县办〔2026〕3号")
COLUMN = Wanted(
    title="工作简讯",
    slug="gzjx",
    description="工作动态。",
    keywords="工作,简讯",
    column_type="news",
)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def home(within: Site) -> HomePage:
    return HomePage.objects.get()


# --- Adding ----------------------------------------------------------------------------------


def test_column_is_added_live_and_marked(home: HomePage, alpha: Site) -> None:
    assert add(COLUMN, WHY) == "Added."
    made = ColumnPage.objects.get(slug="gzjx")
    assert (made.live, made.must_have, made.owner_unit) == (True, True, "阿县人民政府")
    assert made.column_type is not None
    assert made.column_type.code == "news"
    assert Item.objects.get(tenant_id=alpha.id, page_id=made.pk).path == "/gzjx/"
    noted = Entry.objects.get(act="column.added")
    assert (noted.site_id, noted.subject, noted.reason, noted.document) == (
        alpha.id, "工作简讯", WHY.reason, WHY.document,
    )  # fmt: skip
    assert disagreements() == []
    assert client_for("www.alpha.localhost").get("/gzjx/").status_code == 200


def test_second_time_there_is_nothing_to_do(home: HomePage) -> None:
    add(COLUMN, WHY)
    assert add(COLUMN, WHY) is None
    assert Entry.objects.filter(act="column.added").count() == 1


def test_column_that_is_there_is_marked_and_its_draft_stays(home: HomePage) -> None:
    own = column(home, "本地简讯", "gzjx")
    own.title = "未完成的标题"
    own.save_revision()
    assert add(COLUMN, WHY) == "Marked as a must-have column."
    own.refresh_from_db()
    assert (own.title, own.must_have, own.has_unpublished_changes) == ("本地简讯", True, True)
    latest = own.get_latest_revision_as_object()
    assert (latest.title, latest.must_have) == ("未完成的标题", True)
    assert disagreements() == []


def test_column_that_was_unpublished_is_published_again(home: HomePage) -> None:
    own = column(home, "本地简讯", "gzjx")
    own.unpublish()
    assert add(COLUMN, WHY) == "Published. Marked as a must-have column."
    own.refresh_from_db()
    assert own.live
    assert disagreements() == []


def test_column_below_a_column(home: HomePage) -> None:
    column(home, "上级", "sj")
    add(Wanted(title="下级", slug="xj", below="/sj/"), WHY)
    assert ColumnPage.objects.get(slug="xj").url_path.endswith("/sj/xj/")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted(title="无处", slug="wc", below="nowhere"), "no column at /nowhere/"),
        (Wanted(title="类型", slug="lx", column_type="none"), "no column type none"),
        (Wanted(title="字", slug="大写"), "small letters"),
        (Wanted(title="占用", slug="topic"), "is no column"),
        (Wanted(title="平台", slug="media"), "platform itself"),
    ],
)
def test_what_can_not_be_added(home: HomePage, wanted: Wanted, words: str) -> None:
    home.add_child(instance=LinkPage(title="链接", slug="topic", url="https://example.gov.cn/"))
    before = Page.objects.count()
    with pytest.raises((ValidationError, PublicationRefused), match=words):
        add(wanted, WHY)
    assert Page.objects.count() == before
    assert not Entry.objects.filter(act="column.added").exists()


def test_frozen_site_keeps_its_columns(home: HomePage, alpha: Site) -> None:
    Tenant.objects.filter(pk=alpha.id).update(state=State.READONLY)
    directory.forget()
    with tenant_context(directory.snapshot().by_id[alpha.id]), pytest.raises(PublicationRefused):
        add(COLUMN, WHY)


# --- Withdrawing -----------------------------------------------------------------------------


@pytest.fixture
def brief(home: HomePage) -> ColumnPage:
    """A column with a column and two articles below."""
    own = column(home, "工作简讯", "gzjx")
    below = column(own, "本级", "bj")
    article(own, "第一条")
    article(below, "第二条")
    return ColumnPage.objects.get(pk=own.pk)


def test_articles_stand_against_it_until_somebody_decides(brief: ColumnPage) -> None:
    with pytest.raises(ValidationError, match="2 live articles stand in it"):
        withdraw(Withdrawal(path="gzjx"), WHY)
    brief.refresh_from_db()
    assert brief.live


def test_branch_is_unpublished_and_leads_to_the_centre(brief: ColumnPage, alpha: Site) -> None:
    centre = "http://www.centre.gov.cn/xwzx/"
    told = withdraw(Withdrawal(path="/gzjx/", articles=Articles.UNPUBLISH, leads_to=centre), WHY)
    assert told == f"2 articles unpublished. “工作简讯” unpublished. Its address leads to {centre}."
    assert not ColumnPage.objects.live().filter(slug__in=("gzjx", "bj")).exists()
    assert ArticlePage.objects.filter(title__in=("第一条", "第二条"), live=False).count() == 2
    for path in ("/gzjx/", "/gzjx/bj/"):
        answer = client_for("www.alpha.localhost").get(path)
        assert (answer.status_code, answer["Location"]) == (301, centre)
    assert disagreements() == []
    noted = Entry.objects.get(act="column.withdrawn")
    assert (noted.subject, noted.reason, noted.document) == ("工作简讯", WHY.reason, WHY.document)


def test_articles_are_moved_and_the_empty_branch_goes(
    home: HomePage, brief: ColumnPage, alpha: Site
) -> None:
    target = column(home, "新闻中心", "xwzx")
    draft = article(brief, "草稿", publish=False)
    old = ArticlePage.objects.get(title="第一条").url_path
    told = withdraw(Withdrawal(path="gzjx", articles=Articles.MOVE, target="xwzx"), WHY)
    assert told == "3 articles moved to “新闻中心”. “工作简讯” removed."
    assert not ColumnPage.objects.filter(slug__in=("gzjx", "bj")).exists()
    moved = ArticlePage.objects.child_of(target)
    assert {page.title: page.live for page in moved} == {
        "第一条": True, "第二条": True, draft.title: False,
    }  # fmt: skip
    answer = client_for("www.alpha.localhost").get(old.replace("/site/", "/"))
    assert answer.status_code == 301
    assert "/xwzx/" in answer["Location"]
    assert disagreements() == []
    assert Page.find_problems() == ([], [], [], [], [])


def test_articles_go_nowhere_below_the_column(brief: ColumnPage) -> None:
    with pytest.raises(ValidationError, match="can't be moved into"):
        withdraw(Withdrawal(path="gzjx", articles=Articles.MOVE, target="gzjx/bj"), WHY)
    with pytest.raises(ValidationError, match="no column at /none/"):
        withdraw(Withdrawal(path="gzjx", articles=Articles.MOVE, target="none"), WHY)


def test_where_it_is_not_there_is_nothing_to_do(brief: ColumnPage) -> None:
    assert withdraw(Withdrawal(path="none"), WHY) is None
    brief.unpublish()
    assert withdraw(Withdrawal(path="gzjx"), WHY) is None


def test_front_page_is_no_column(home: HomePage) -> None:
    with pytest.raises(ValidationError, match="no column"):
        withdraw(Withdrawal(path="/"), WHY)


def test_withdrawn_column_may_come_back(brief: ColumnPage) -> None:
    withdraw(Withdrawal(path="gzjx", articles=Articles.UNPUBLISH, leads_to="http://x.gov.cn/"), WHY)
    assert add(COLUMN, WHY) is not None
    assert client_for("www.alpha.localhost").get("/gzjx/").status_code == 200
    assert disagreements() == []
