"""Admins help people who can't sign in any more, and nobody else does."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from sitecluster.accounts import second_factor
from sitecluster.accounts.assistance import reset_second_factor, unlock
from sitecluster.accounts.mail_limit import LINKS
from sitecluster.accounts.models import User
from sitecluster.accounts.refusals import MembershipError
from sitecluster.audit.models import Entry
from sitecluster.tenancy import tenant_context
from tenants import directory
from tenants.directory import Site
from tests.accounts.authenticator import equip, verify_session

MakeMember = Callable[..., User]
Browse = Callable[..., Client]
REASON = {"reason": "手机丢失"}


def reset_url(user: User) -> str:
    return f"/admin/members/{user.pk}/second-factor/"


def unlock_url(user: User) -> str:
    return f"/admin/members/{user.pk}/unlock/"


def is_enrolled(user: User) -> bool:
    return second_factor.is_enrolled(User.everyone.get(pk=user.pk))


def fail_once(user: User) -> None:
    AccessAttempt.objects.create(
        username=user.email, failures_since_start=7, attempt_time=timezone.now()
    )


@pytest.fixture
def boss(alpha: Site, member: MakeMember) -> User:
    return member("boss@example.cn", alpha, "site_admin")


@pytest.fixture
def clerk(alpha: Site, member: MakeMember) -> User:
    user = member("clerk@example.cn", alpha, "editor")
    equip(user)
    fail_once(user)
    return user


def test_admins_of_the_home_site_reset_and_unlock(
    alpha: Site, boss: User, clerk: User, browse: Browse
) -> None:
    at_work = browse(alpha, clerk)
    verify_session(at_work, clerk)
    assert at_work.get("/admin/").status_code == 200
    client = browse(alpha, boss)
    menu = client.get("/admin/users/").content.decode()
    assert reset_url(clerk) in menu
    assert unlock_url(clerk) in menu
    assert reset_url(boss) not in menu
    assert "Make sure that it is the person" in client.get(reset_url(clerk)).content.decode()
    assert client.post(reset_url(clerk), {"reason": " "}).status_code == 200
    assert is_enrolled(clerk)
    assert client.post(reset_url(clerk), REASON).status_code == 302
    assert not is_enrolled(clerk)
    assert at_work.get("/admin/").headers["location"].startswith("/admin/login/")
    entry = Entry.objects.get(act="second_factor.reset")
    assert (entry.actor_id, entry.subject, entry.reason) == (boss.pk, clerk.email, "手机丢失")
    assert client.post(unlock_url(clerk)).status_code == 302
    assert not AccessAttempt.objects.exists()
    entry = Entry.objects.get(act="account.unlocked")
    assert (entry.actor_id, entry.subject, entry.before) == (boss.pk, clerk.email, {"failures": 7})
    assert client.post(unlock_url(clerk), follow=True).status_code == 200


@pytest.mark.parametrize("role", ["editor", "reviewer", "column_maintainer", None])
def test_nobody_without_the_right_does(
    alpha: Site, clerk: User, member: MakeMember, browse: Browse, role: str | None
) -> None:
    client = browse(alpha, member("x@example.cn", alpha, *([role] if role else [])))
    for url in (reset_url(clerk), unlock_url(clerk)):
        assert client.get(url).status_code == 302
        assert client.post(url, REASON).status_code == 302
    assert is_enrolled(clerk)
    assert AccessAttempt.objects.exists()


def test_admins_of_other_sites_dont(
    alpha: Site, beta: Site, clerk: User, member: MakeMember, browse: Browse
) -> None:
    stranger = browse(beta, member("boss@beta.cn", beta, "site_admin"))
    for url in (reset_url(clerk), unlock_url(clerk)):
        assert stranger.post(url, REASON).status_code == 404  # not a member there
    member(clerk.email, beta, "editor")
    for url in (reset_url(clerk), unlock_url(clerk)):
        assert stranger.post(url, REASON).status_code == 302  # a member, but not at home there
    assert reset_url(clerk) not in stranger.get("/admin/users/").content.decode()
    assert is_enrolled(clerk)
    assert AccessAttempt.objects.exists()


def test_platform_admins_are_helped_by_platform_admins_alone(
    alpha: Site, boss: User, member: MakeMember, browse: Browse
) -> None:
    root = member("root@example.cn", alpha, "site_admin", is_superuser=True)
    equip(root)
    fail_once(root)
    for url in (reset_url(root), unlock_url(root)):
        assert browse(alpha, boss).post(url, REASON).status_code == 302
    assert is_enrolled(root)
    assert AccessAttempt.objects.exists()
    other = browse(alpha, member("root2@example.cn", alpha, is_superuser=True))
    other.post(reset_url(root), REASON)
    assert not is_enrolled(root)


def test_nobody_resets_their_own(
    alpha: Site, boss: User, member: MakeMember, browse: Browse
) -> None:
    root = member("root@example.cn", alpha, "site_admin", is_superuser=True)
    for user in (boss, root):
        equip(user)
        client = browse(alpha, user)
        verify_session(client, user)
        assert client.post(reset_url(user), REASON).status_code == 302
        assert is_enrolled(user)
        with tenant_context(alpha), pytest.raises(MembershipError):
            reset_second_factor(user, "手机丢失", by=user)


def test_the_verbs_guard_themselves(
    alpha: Site, beta: Site, clerk: User, member: MakeMember
) -> None:
    stranger = member("boss@beta.cn", beta, "site_admin")
    with tenant_context(beta):
        for act in (lambda: unlock(clerk, by=stranger), lambda: _reset(clerk, stranger)):
            with pytest.raises(MembershipError):
                act()


def _reset(user: User, by: User) -> None:
    reset_second_factor(user, "手机丢失", by=by)


def run(*args: str) -> str:
    out = io.StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def test_commands_help_too(alpha: Site, clerk: User) -> None:
    assert "can try" in run("account", "unlock", clerk.email)
    assert "wasn't locked" in run("account", "unlock", clerk.email)
    reset = ("account", "reset-second-factor", clerk.email, "--reason")
    with pytest.raises(CommandError):
        run(*reset, " ")
    assert "no second factor" in run(*reset, "手机丢失")
    with pytest.raises(CommandError, match="no second factor"):
        run(*reset, "手机丢失")
    entry = Entry.objects.get(act="second_factor.reset")
    assert (entry.actor_id, entry.reason) == (None, "手机丢失")


def test_a_command_says_which_sites_require_a_second_factor(alpha: Site) -> None:
    for word, required in (("on", True), ("off", False)):
        run("site", "alpha", "--second-factor", word)
        assert directory.snapshot().by_code["alpha"].second_factor is required
    acts = Entry.objects.filter(act="site.second_factor_set").order_by("pk")
    assert [entry.after for entry in acts] == [{"second_factor": True}, {"second_factor": False}]
    with pytest.raises(CommandError, match="always requires"):
        run("site", "control", "--second-factor", "off")


def test_an_address_gets_some_links_an_hour(
    alpha: Site, boss: User, browse: Browse, mailoutbox: list[Any]
) -> None:
    for _time in range(LINKS + 3):
        answer = browse(alpha).post("/admin/password_reset/", {"email": boss.email})
        assert answer.headers["location"] == "/admin/password_reset/done/"
    assert len(mailoutbox) == LINKS


def test_the_account_page_leads_to_the_second_factor(
    alpha: Site, boss: User, browse: Browse
) -> None:
    assert 'href="/admin/account/second-factor/"' in (
        browse(alpha, boss).get("/admin/account/").content.decode()
    )
