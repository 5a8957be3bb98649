"""Columns in which nothing is published: nobody is led there, and their owners are told."""

from typing import Any

import pytest
from django.test import Client
from wagtail.models import GroupPagePermission

from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import User
from sitecluster.cms.blank_columns import blank_columns
from sitecluster.cms.models import ColumnPage, LinkPage
from sitecluster.rights.roles import COLUMN_MAINTAINER

REPORT = "/admin/reports/blank-columns/"


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


def named(desk: Any) -> set[str]:
    return {column.title for column in blank_columns(desk.user)}


def test_a_column_is_blank_while_nothing_is_live_below_it(desk: Any) -> None:
    above = desk.column(desk.home, "上级", "above")
    below = desk.column(above, "下级", "below")
    desk.column(desk.home, "未发布", "hidden", publish=False)
    article = desk.article(below, "草稿", publish=False)
    assert {"上级", "下级"} <= named(desk)
    assert not {"未发布", "要闻动态"} & named(desk)
    article.get_latest_revision().publish()
    assert not {"上级", "下级"} & named(desk)
    article.refresh_from_db()
    article.unpublish()
    assert {"上级", "下级"} <= named(desk)
    desk.add(below, LinkPage(title="外链", url="https://www.example.org/"))
    assert not {"上级", "下级"} & named(desk)


def test_nobody_is_led_to_a_blank_column(desk: Any, visit: Any) -> None:
    below = desk.column(desk.news, "空白下级", "blank-below")
    desk.column(desk.home, "空白一级", "blank-top")
    for path in ("/", "/ywdt-test/", "/sitemap/", "/sitemap.xml"):
        text = visit(path).content.decode()
        assert "blank-top" not in text, path
        assert "blank-below" not in text, path
    assert visit("/ywdt-test/blank-below/").status_code == 200  # whoever knows it may look
    desk.article(below, "第一条")
    assert "blank-below" in visit("/ywdt-test/").content.decode()
    assert "blank-below" in visit("/sitemap.xml").content.decode()


def test_a_blank_column_knows_itself_among_its_neighbours(desk: Any, visit: Any) -> None:
    desk.column(desk.home, "空白一级", "blank-top")
    siblings = visit("/blank-top/").context["siblings"]
    assert [each["title"] for each in siblings if each["active"]] == ["空白一级"]


def test_the_report_names_them(desk: Any) -> None:
    blank = desk.column(desk.news, "空白下级", "blank-below")
    desk.article(blank, "草稿", publish=False)
    text = desk.get(REPORT).content.decode()
    assert "空白下级" in text
    assert "/ywdt-test/blank-below/" in text
    assert f"/admin/pages/{blank.pk}/" in text
    export = b"".join(desk.get(f"{REPORT}?export=csv").streaming_content).decode()
    row = next(line for line in export.splitlines() if "空白下级" in line)
    assert row.startswith("空白下级,/ywdt-test/blank-below/,办公室,1,")
    assert desk.get(f"{REPORT}results/").status_code == 200
    assert desk.get(f"{REPORT}?export=x&p=y").status_code < 500


def test_the_home_screen_tells_of_them(desk: Any) -> None:
    for number in range(7):
        desk.column(desk.news, f"空白{number}", f"blank{number}")
    text = desk.get("/admin/").content.decode()
    assert 'id="blank-columns' in text
    assert REPORT in text


def maintainer_of(desk: Any, column: ColumnPage) -> Client:
    user = User.everyone.create_user("owner@example.org")
    add_member(user.email, desk.site, [COLUMN_MAINTAINER.code])
    group = user.site_groups.first() if hasattr(user, "site_groups") else user.groups.first()
    permission = GroupPagePermission.objects.filter(permission__codename="add_page").first()
    assert permission is not None
    GroupPagePermission.objects.create(group=group, page=column, permission=permission.permission)
    client = Client(headers={"host": f"{desk.site.code}.admin.localhost"})
    client.force_login(user)
    return client


def test_owners_see_their_own(desk: Any) -> None:
    mine = desk.column(desk.home, "我的空白", "mine")
    desk.column(desk.home, "别人的空白", "theirs")
    client = maintainer_of(desk, mine)
    for path in (REPORT, "/admin/"):
        text = client.get(path).content.decode()
        assert "我的空白" in text, path
        assert "别人的空白" not in text, path


def test_who_has_no_pages_sees_no_report(desk: Any) -> None:
    user = User.everyone.create_user("nobody@example.org")
    add_member(user.email, desk.site, [COLUMN_MAINTAINER.code])
    client = Client(headers={"host": f"{desk.site.code}.admin.localhost"})
    client.force_login(user)
    assert client.get(REPORT).status_code in (302, 403)
    assert "blank-columns" not in client.get("/admin/").content.decode()


def test_the_number_of_columns_costs_nothing(desk: Any, django_assert_num_queries: Any) -> None:
    for number in range(4):
        desk.column(desk.news, f"空白{number}", f"blank{number}")
    superuser = User.everyone.get(pk=desk.user.pk)
    with django_assert_num_queries(1):
        assert len(blank_columns(superuser)) >= 4
