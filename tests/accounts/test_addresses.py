"""A new email address holds once its reader has confirmed it, and asking tells nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from sitecluster.accounts.membership import end_membership, find_account
from sitecluster.accounts.models import User
from sitecluster.accounts.profiles import ask_for_address
from sitecluster.accounts.refusals import MembershipError
from sitecluster.accounts.suspension import suspend
from sitecluster.audit.models import Entry
from sitecluster.rights.roles import ROLES
from sitecluster.tenancy import tenant_context
from tenants.directory import Site

MakeMember = Callable[..., User]
Browse = Callable[..., Client]


def edit(client: Client, site: Site, user: User, email: str, *codes: str) -> Any:
    with tenant_context(site):
        names = [ROLES[code].name for code in codes]
        groups = list(Group.objects.filter(name__in=names).values_list("pk", flat=True))
    data = {"email": email, "first_name": user.first_name, "groups": groups}
    return client.post(f"/admin/users/edit/{user.pk}/", data)


def link_in(mail: Any) -> str:
    path: str = mail.body.split("/admin/address/")[1].split()[0]
    return f"/admin/address/{path}"


def test_a_home_admin_asks_for_a_new_address(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse, mailoutbox: list[Any]
) -> None:
    boss, user = member("boss@x.cn", alpha, "site_admin"), member("a@x.cn", alpha, "editor")
    assert edit(browse(alpha, boss), alpha, user, "B@x.cn", "editor").status_code == 302
    assert find_account("a@x.cn") == user
    assert [mail.to for mail in mailoutbox] == [["b@x.cn"]]
    link = link_in(mailoutbox.pop())
    assert browse(beta).get(link).status_code == 404
    assert browse(beta).post(link).status_code == 404
    assert browse(alpha).get(link).status_code == 200
    assert find_account("a@x.cn") == user
    assert browse(alpha).post(link).status_code == 200
    assert find_account("b@x.cn") == user
    assert [mail.to for mail in mailoutbox] == [["a@x.cn"]]
    assert "b@x.cn" in mailoutbox[0].body
    assert browse(alpha).post(link).status_code == 404
    entry = Entry.objects.filter(act="account.edited").get()
    assert (entry.actor_id, entry.before, entry.after) == (
        boss.pk,
        {"email": "a@x.cn"},
        {"email": "b@x.cn"},
    )


def test_asking_for_a_taken_address_looks_the_same(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse, mailoutbox: list[Any]
) -> None:
    boss, user = member("boss@x.cn", alpha, "site_admin"), member("a@x.cn", alpha, "editor")
    taken = member("taken@x.cn", beta, "editor")
    before = list(User.everyone.order_by("pk").values("pk", "email"))
    client = browse(alpha, boss)
    answers = [edit(client, alpha, user, email, "editor") for email in ("free@x.cn", taken.email)]
    assert [(each.status_code, each.headers["location"]) for each in answers] == [
        (302, "/admin/users/")
    ] * 2
    assert [mail.to for mail in mailoutbox] == [["free@x.cn"], ["taken@x.cn"]]
    link = link_in(mailoutbox[1])
    page = browse(alpha).post(link)
    assert page.status_code == 404
    assert "This email address can" in page.content.decode()
    assert list(User.everyone.order_by("pk").values("pk", "email")) == before


def test_people_ask_for_their_own(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse, mailoutbox: list[Any]
) -> None:
    user, taken = member("a@x.cn", alpha, "editor"), member("taken@x.cn", beta, "editor")
    client = browse(alpha, user)
    for email in ("B@x.cn", taken.email):
        data = {
            "name_email-first_name": "甲",
            "name_email-email": email,
            "locale-preferred_language": "en",
            "theme-theme": "system",
            "theme-contrast": "system",
            "theme-density": "default",
        }
        assert client.post("/admin/account/", data).status_code == 302
    user = find_account("a@x.cn")
    assert user.first_name == "甲"
    first, second = (link_in(mail) for mail in mailoutbox)
    assert browse(alpha).post(second).status_code == 404
    assert browse(alpha).post(first).status_code == 200
    assert find_account("b@x.cn") == user
    assert client.get("/admin/").status_code == 200


def test_a_link_dies_with_the_right_of_whoever_asked(
    alpha: Site, member: MakeMember, browse: Browse, mailoutbox: list[Any]
) -> None:
    boss, user = member("boss@x.cn", alpha, "site_admin"), member("a@x.cn", alpha, "editor")
    edit(browse(alpha, boss), alpha, user, "b@x.cn", "editor")
    suspend(boss, "离职")
    assert browse(alpha).post(link_in(mailoutbox[0])).status_code == 404
    assert browse(alpha).post("/admin/address/forged/").status_code == 404
    assert find_account("a@x.cn") == user


def test_who_works_elsewhere_too_is_not_moved_by_the_home_site(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse, mailoutbox: list[Any]
) -> None:
    boss, user = member("boss@x.cn", alpha, "site_admin"), member("a@x.cn", alpha, "editor")
    client = browse(alpha, boss)
    edit(client, alpha, user, "b@x.cn", "editor")
    member("a@x.cn", beta, "site_admin")
    asked = link_in(mailoutbox.pop())
    assert browse(alpha).post(asked).status_code == 404
    assert "works on other sites too" in client.get(f"/admin/users/edit/{user.pk}/").text
    edit(client, alpha, user, "c@x.cn", "editor")
    assert not mailoutbox
    with pytest.raises(MembershipError, match="works on other sites too"):
        ask_for_address(user, "c@x.cn", alpha, by=boss)
    assert find_account("a@x.cn") == user
    end_membership(user, beta)
    edit(client, alpha, user, "c@x.cn", "editor")
    assert browse(alpha).post(link_in(mailoutbox[0])).status_code == 200
    assert find_account("c@x.cn") == user


def test_platform_admins_change_an_address_at_once(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse, mailoutbox: list[Any]
) -> None:
    root, user = member("root@x.cn", alpha, is_superuser=True), member("a@x.cn", alpha, "editor")
    member("taken@x.cn", beta, "editor")
    client = browse(alpha, root)
    assert edit(client, alpha, user, "taken@x.cn", "editor").status_code == 200
    assert edit(client, alpha, user, "b@x.cn", "editor").status_code == 302
    assert find_account("b@x.cn") == user
    assert not mailoutbox
