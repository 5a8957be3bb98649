"""Screens of members: they show and touch members of the active site alone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from wagtail.users.wagtail_hooks import register_viewset

from sitecluster.accounts.membership import find_account, set_groups
from sitecluster.accounts.models import Membership, User
from sitecluster.audit.models import Entry
from sitecluster.rights.models import UserPermission
from sitecluster.rights.roles import ROLES, roles_of
from sitecluster.tenancy import tenant_context
from tenants.directory import Site

MakeMember = Callable[..., User]
Browse = Callable[..., Client]
VIEWS_OF_ONE = ["edit", "delete", "history", "history_results", "usage"]


def user_url(view: str, *args: Any) -> str:
    return reverse(f"wagtailusers_users:{view}", args=args)


def group_ids(site: Site, *codes: str) -> list[int]:
    with tenant_context(site):
        names = [ROLES[code].name for code in codes]
        return list(Group.objects.filter(name__in=names).values_list("pk", flat=True))


def roles_on(site: Site, user: User) -> list[str]:
    with tenant_context(site):
        return roles_of(user)


@pytest.fixture
def boss(alpha: Site, member: MakeMember) -> User:
    """The site admin of alpha."""
    return member("boss@example.cn", alpha, "site_admin")


@pytest.fixture
def stranger(beta: Site, member: MakeMember) -> User:
    """An editor of beta, unknown on alpha."""
    return member("stranger@example.cn", beta, "editor")


def state(user: User) -> Any:
    """Everything about an account that a screen could change."""
    row = {**User.everyone.filter(pk=user.pk).values().get(), "last_login": None}
    return row, list(Membership.objects.filter(user=user).values())


def test_every_view_of_one_account_is_known_here() -> None:
    views = {pattern.name for pattern in register_viewset()[0].get_urlpatterns()}
    acts = {"resend_invitation", "withdraw_invitation"}
    assert views == {*VIEWS_OF_ONE, *acts, "index", "index_results", "add"}


@pytest.mark.parametrize("superuser", [False, True])
@pytest.mark.parametrize("view", VIEWS_OF_ONE)
def test_no_view_finds_an_account_of_another_site(
    alpha: Site, boss: User, stranger: User, browse: Browse, view: str, superuser: bool
) -> None:
    boss.is_superuser = superuser
    boss.save()
    before = state(stranger)
    client = browse(alpha, boss)
    url = user_url(view, stranger.pk)
    assert client.get(url).status_code == 404
    assert client.post(url, {"email": "x@example.cn", "first_name": "x"}).status_code in (404, 405)
    assert client.get(user_url(view, boss.pk)).status_code in (200, 302)
    assert state(stranger) == before


@pytest.mark.parametrize("superuser", [False, True])
def test_list_and_search_show_members_alone(
    alpha: Site, boss: User, stranger: User, browse: Browse, superuser: bool
) -> None:
    boss.is_superuser = superuser
    boss.save()
    client = browse(alpha, boss)
    for url in (user_url("index"), user_url("index_results"), f"{user_url('index')}?q=example"):
        text = client.get(url).content.decode()
        assert "boss@example.cn" in text
        assert "stranger" not in text


@pytest.mark.parametrize("action", ["delete", "assign_role", "set_active_state"])
def test_bulk_actions_reach_members_alone(
    alpha: Site, beta: Site, boss: User, stranger: User, browse: Browse, action: str
) -> None:
    client = browse(alpha, boss)
    before = state(stranger)
    url = reverse("wagtail_bulk_action", args=["accounts", "user", action])
    data = {"role": group_ids(alpha, "site_admin")[0], "suspend": "True", "reason": "x"}
    for ids in (f"id={stranger.pk}", f"id={stranger.pk}&id={boss.pk}", "id=all"):
        assert "stranger" not in client.get(f"{url}?{ids}").content.decode()
        client.post(f"{url}?{ids}", data)
    assert state(stranger) == before
    assert roles_on(beta, stranger) == ["editor"]
    assert find_account("boss@example.cn").is_active


def test_bulk_end_of_membership_keeps_the_accounts(
    alpha: Site, boss: User, member: MakeMember, browse: Browse
) -> None:
    people = [member(f"{name}@example.cn", alpha, "editor") for name in "ab"]
    url = reverse("wagtail_bulk_action", args=["accounts", "user", "delete"])
    query = "&".join(f"id={user.pk}" for user in people)
    client = browse(alpha, boss)
    assert client.get(f"{url}?{query}").status_code == 200
    assert client.post(f"{url}?{query}").status_code == 302
    ended = Membership.objects.exclude(ended_at=None)
    assert {membership.user for membership in ended} == set(people)
    assert {membership.ended_by for membership in ended} == {boss}
    assert User.everyone.count() == 3


def test_bulk_role_is_mirrored(alpha: Site, boss: User, member: MakeMember, browse: Browse) -> None:
    user = member("a@example.cn", alpha, "editor")
    url = reverse("wagtail_bulk_action", args=["accounts", "user", "assign_role"])
    client = browse(alpha, boss)
    client.post(f"{url}?id={user.pk}", {"role": group_ids(alpha, "reviewer")[0]})
    assert Membership.objects.get(user=user).roles == ["editor", "reviewer"]


def test_bulk_suspension_needs_a_reason_and_the_home_site(
    alpha: Site, boss: User, stranger: User, member: MakeMember, browse: Browse
) -> None:
    user, root = member("a@example.cn", alpha), member("root@x.cn", alpha, is_superuser=True)
    member(stranger.email, alpha, "editor")
    url = reverse("wagtail_bulk_action", args=["accounts", "user", "set_active_state"])
    url += f"?id={user.pk}&id={stranger.pk}&id={root.pk}"
    client = browse(alpha, boss)
    assert client.post(url, {"suspend": "True", "reason": " "}).status_code == 200
    assert find_account("a@example.cn").is_active
    client.post(url, {"suspend": "True", "reason": "离职"})
    user = find_account("a@example.cn")
    assert (user.is_active, user.suspension_reason, user.suspended_by) == (False, "离职", boss)
    assert find_account(stranger.email).is_active
    assert find_account(root.email).is_active
    client.post(url, {"suspend": "False", "reason": ""})
    assert find_account("a@example.cn").is_active


def test_site_admins_edit_their_own_people(
    alpha: Site, boss: User, member: MakeMember, browse: Browse, mailoutbox: list[Any]
) -> None:
    user = member("a@example.cn", alpha, "editor")
    client = browse(alpha, boss)
    text = client.get(user_url("edit", user.pk)).content.decode()
    assert "is_superuser" not in text
    assert "password1" not in text
    data = {
        "email": "a@example.cn",
        "first_name": "乙",
        "groups": group_ids(alpha, "reviewer"),
        "new_link": "on",
        "is_superuser": "on",
        "is_active": "",
    }
    response = client.post(user_url("edit", user.pk), data, follow=True)
    user = find_account("a@example.cn")
    assert (user.first_name, user.is_superuser, user.is_active) == ("乙", False, True)
    assert Membership.objects.get(user=user).roles == ["reviewer"]
    assert "password_reset/confirm/" not in response.content.decode()
    assert [mail.to for mail in mailoutbox] == [["a@example.cn"]]
    assert f"{alpha.admin_url}password_reset/confirm/" in mailoutbox[0].body


def test_guests_and_platform_admins_keep_their_profile(
    alpha: Site, boss: User, stranger: User, member: MakeMember, browse: Browse
) -> None:
    root = member("root@example.cn", alpha, is_superuser=True)
    member(stranger.email, alpha, "editor")
    client = browse(alpha, boss)
    for user in (root, stranger):
        before = User.everyone.filter(pk=user.pk).values().get()
        data = {
            "email": "evil@example.cn",
            "first_name": "x",
            "groups": group_ids(alpha, "reviewer"),
            "new_link": "on",
        }
        response = client.post(user_url("edit", user.pk), data, follow=True)
        assert "password_reset" not in response.content.decode()
        assert User.everyone.filter(pk=user.pk).values().get() == before
        assert roles_on(alpha, user) == ([] if user == root else ["reviewer"])


def test_platform_admins_alone_make_platform_admins(
    alpha: Site, boss: User, member: MakeMember, browse: Browse
) -> None:
    root = member("root@example.cn", alpha, is_superuser=True)
    data = {
        "email": boss.email,
        "first_name": "x",
        "groups": group_ids(alpha, "site_admin"),
        "is_superuser": "on",
    }
    browse(alpha, boss).post(user_url("edit", boss.pk), data)
    assert not find_account(boss.email).is_superuser
    browse(alpha, root).post(user_url("edit", boss.pk), data)
    assert find_account(boss.email).is_superuser


def test_deleting_ends_the_membership(
    alpha: Site, boss: User, member: MakeMember, browse: Browse
) -> None:
    user = member("a@example.cn", alpha, "editor")
    root = member("root@example.cn", alpha, is_superuser=True)
    client = browse(alpha, boss)
    assert client.get(user_url("delete", user.pk)).status_code == 200
    assert client.post(user_url("delete", user.pk)).status_code == 302
    assert Membership.objects.get(user=user).ended_by == boss
    assert find_account("a@example.cn") == user
    assert client.get(user_url("edit", user.pk)).status_code == 404
    for untouchable in (boss, root):
        client.post(user_url("delete", untouchable.pk))
        assert Membership.objects.get(user=untouchable).ended_at is None


@pytest.mark.parametrize("role", ["reviewer", "editor", "column_maintainer"])
def test_nobody_but_site_admins_sees_members(
    alpha: Site, member: MakeMember, browse: Browse, role: str
) -> None:
    user = member("a@example.cn", alpha, role)
    client = browse(alpha, user)
    assert client.get("/admin/").status_code == 200
    for url in (user_url("index"), user_url("add"), user_url("edit", user.pk)):
        assert client.get(url).headers["location"] == "/admin/"


def test_groups_are_for_platform_admins_and_roles_keep_their_names(
    alpha: Site, boss: User, member: MakeMember, browse: Browse
) -> None:
    (group,) = group_ids(alpha, "editor")
    assert browse(alpha, boss).get(f"/admin/groups/edit/{group}/").status_code == 302
    root = browse(alpha, member("root@example.cn", alpha, is_superuser=True))
    assert root.get(f"/admin/groups/edit/{group}/").status_code == 200
    assert root.get(f"/admin/groups/delete/{group}/").status_code == 404


def test_own_account_page_has_one_name(alpha: Site, boss: User, browse: Browse) -> None:
    client = browse(alpha, boss)
    text = client.get("/admin/account/").content.decode()
    assert "name_email-first_name" in text
    assert "name_email-last_name" not in text
    assert "简体中文" in text
    data = {
        "name_email-first_name": "高建国",
        "name_email-email": "Boss@example.cn",
        "locale-preferred_language": "en",
        "theme-theme": "system",
        "theme-contrast": "system",
        "theme-density": "default",
        "theme-keyboard_shortcuts": "on",
    }
    assert client.post("/admin/account/", data).status_code == 302
    user = find_account("boss@example.cn")
    assert user.get_full_name() == "高建国"
    assert client.get("/admin/").status_code == 200


def test_filters_and_token_owners_name_members_alone(
    alpha: Site, boss: User, stranger: User, member: MakeMember, browse: Browse
) -> None:
    root = member("root@example.cn", alpha, is_superuser=True)
    client = browse(alpha, root)
    for url in ("/admin/api-tokens/", "/admin/api-tokens/new/", "/admin/reports/site-history/"):
        text = client.get(url).content.decode()
        assert "stranger" not in text, url
    assert "root" in client.get("/admin/api-tokens/new/").content.decode()


def test_no_permission_makes_anyone_else_an_editor_of_groups(
    alpha: Site, boss: User, member: MakeMember, browse: Browse
) -> None:
    with tenant_context(alpha):
        for permission in Permission.objects.filter(codename__endswith="_group"):
            UserPermission.objects.create(user=boss, permission=permission)
    (group,) = group_ids(alpha, "editor")
    client = browse(alpha, boss)
    with tenant_context(alpha):
        other = Group.objects.create(name="其他").pk
    for path in ("new/", f"edit/{group}/", f"delete/{other}/", ""):
        assert client.get(f"/admin/groups/{path}").headers["location"] == "/admin/"


def test_what_a_group_could_do_before_and_after_is_recorded(
    alpha: Site, member: MakeMember, browse: Browse
) -> None:
    root = browse(alpha, member("root@example.cn", alpha, is_superuser=True))
    text = root.get("/admin/groups/new/").content.decode()
    management = dict(re.findall(r'name="(\S+-\w+_FORMS)" value="(\d+)"', text))
    root.post("/admin/groups/new/", {"name": "审计员", **management})
    with tenant_context(alpha):
        group = Group.objects.get(name="审计员")
        permission = Permission.objects.get(codename="add_redirect")
    holder = member("holder@example.cn", alpha, "editor")
    with tenant_context(alpha):
        set_groups(holder, alpha, [group])
    data = {"name": "审计组", "permissions": [permission.pk], **management}
    assert root.post(f"/admin/groups/edit/{group.pk}/", data).status_code == 302
    assert Membership.objects.get(user=holder).roles == ["审计组"]
    assert root.post(f"/admin/groups/delete/{group.pk}/").status_code == 302
    assert Membership.objects.get(user=holder).roles == []
    rows = Entry.objects.filter(act__startswith="group.").order_by("pk")
    assert [row.act for row in rows] == ["group.made", "group.edited", "group.removed"]
    before, after = rows[1].before or {}, rows[1].after or {}
    assert (before["name"], after["name"]) == (["审计员"], ["审计组"])
    assert (before["site"], after["site"]) == ([], ["wagtailredirects.add_redirect"])
    assert {row.site_code for row in rows} == {"alpha"}


def test_the_last_admin_is_told_why(alpha: Site, boss: User, browse: Browse) -> None:
    client = browse(alpha, boss)
    data = {"email": boss.email, "first_name": "x", "groups": group_ids(alpha, "editor")}
    text = client.post(user_url("edit", boss.pk), data).content.decode()
    assert "last admin" in text
    assert roles_on(alpha, boss) == ["site_admin"]
    assert find_account(boss.email).first_name == "boss"
