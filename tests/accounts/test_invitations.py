"""Asking somebody to join says nothing about accounts elsewhere, and nobody joins unasked."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sitecluster.accounts.invitations import invite, pending, requests_to
from sitecluster.accounts.membership import end_membership, find_account
from sitecluster.accounts.models import Invitation, Membership, User
from sitecluster.accounts.refusals import MembershipError
from sitecluster.accounts.suspension import suspend
from sitecluster.audit.models import Entry
from sitecluster.rights.roles import groups_of, roles_of
from sitecluster.tenancy import tenant_context
from tenants.directory import Site

MakeMember = Callable[..., User]
Browse = Callable[..., Client]
ADD = "/admin/users/new/"
INDEX = "/admin/users/"


class BrokenBackend(EmailBackend):
    """A mail server that is away."""

    def send_messages(self, messages: Any) -> int:
        raise ConnectionRefusedError


def roles_on(site: Site, user: User) -> list[str]:
    with tenant_context(site):
        return roles_of(user)


def order(site: Site, email: str, *codes: str, **forged: str) -> dict[str, Any]:
    with tenant_context(site):
        groups = [group.pk for group in groups_of(codes or ("editor",))]
    return {"email": email, "first_name": "王新", "groups": groups, **forged}


def asked(site: Site, email: str, *codes: str, by: User | None = None) -> str:
    """The path of the link with which the site asks."""
    with tenant_context(site):
        groups = groups_of(codes or ("editor",))
    link = invite(email, site, groups, name="王新", by=by).link
    return link.replace(site.admin_url, "/admin/")


@pytest.fixture
def boss(alpha: Site, member: MakeMember) -> User:
    """The site admin of alpha."""
    return member("boss@example.cn", alpha, "site_admin")


@pytest.fixture
def stranger(beta: Site, member: MakeMember) -> User:
    """An editor of beta, unknown on alpha."""
    return member("stranger@example.cn", beta, "editor")


def traces(client: Client, site: Site, email: str, mailoutbox: list[Any]) -> Any:
    """All that the admin who asks could tell one address from another by."""
    mailoutbox.clear()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = client.post(ADD, order(site, email))
    statements = len(queries)
    page = client.get(answer.headers["location"])
    with CaptureQueriesContext(connection) as listing:
        again = client.get(INDEX)
    shown = len(listing)
    texts = (page.content.decode(), again.content.decode(), mailoutbox[0].body)
    (row,) = Invitation.objects.filter(email=email, closed_at=None)
    client.post(reverse("wagtailusers_users:withdraw_invitation", args=[row.pk]), follow=True)
    return answer.status_code, statements, shown, [_blank(t, email) for t in texts]


def _blank(text: str, *words: str) -> str:

    for word in words:
        text = text.replace(word, "…")
    text = re.sub(r"invitations/([\w-]{20,}|\d+)/", "invitations/…/", text)
    return re.sub(r'csrfmiddlewaretoken" value="\w+"|"CSRF_TOKEN": "\w+"|nonce="[^"]+"', "", text)


def test_asking_is_the_same_whether_or_not_an_account_exists(
    alpha: Site,
    boss: User,
    beta: Site,
    stranger: User,
    member: MakeMember,
    browse: Browse,
    mailoutbox: list[Any],
) -> None:
    out = member("suspended@example.cn", beta, "editor")
    suspend(out, "离职")
    gone = member("gone@example.cn", alpha, "editor")
    end_membership(gone, alpha)
    root = member("root@example.cn", beta, is_superuser=True)
    client = browse(alpha, boss)
    traces(client, alpha, "warm@example.cn", mailoutbox)
    expected = traces(client, alpha, "nobody@example.cn", mailoutbox)
    assert expected[0] == 302
    for known in (stranger, out, gone, root):
        assert traces(client, alpha, known.email, mailoutbox) == expected, known.email
    assert User.everyone.filter(email="nobody@example.cn").count() == 0


def test_the_link_goes_to_the_address_alone(
    alpha: Site, boss: User, browse: Browse, mailoutbox: list[Any]
) -> None:
    client = browse(alpha, boss)
    data = order(alpha, "New@example.cn", is_superuser="on", home_site="3", tenant="3")
    response = client.post(ADD, data, follow=True)
    text = response.content.decode()
    assert "An invitation has been sent to new@example.cn." in text
    assert "王新" in text
    assert "/admin/invitations/" not in text
    (mail,) = mailoutbox
    assert mail.to == ["new@example.cn"]
    assert f"{alpha.admin_url}invitations/" in mail.body
    assert "编辑" in mail.body
    assert not User.everyone.filter(email="new@example.cn").exists()
    entry = Entry.objects.get(act="member.invited")
    assert (entry.actor_id, entry.subject, entry.after) == (
        boss.pk,
        "new@example.cn",
        {"roles": ["editor"]},
    )


def test_platform_admins_see_the_link_too(
    alpha: Site, member: MakeMember, browse: Browse, mailoutbox: list[Any]
) -> None:
    root = member("root@example.cn", alpha, is_superuser=True)
    response = browse(alpha, root).post(ADD, order(alpha, "new@example.cn"), follow=True)
    link = mailoutbox[0].body.split(f"{alpha.admin_url}invitations/")[1].split()[0]
    assert link in response.content.decode()


def test_whoever_has_no_account_makes_one_with_the_link(
    alpha: Site, beta: Site, boss: User, browse: Browse, password: str
) -> None:
    link = asked(alpha, "new@example.cn", "editor", "reviewer", by=boss)
    assert browse(beta).get(link).status_code == 404
    client = browse(alpha)
    page = client.get(link)
    assert "new_password1" in page.content.decode()
    data = {"act": "begin", "name": "王小新", "new_password1": password}
    refused = client.post(link, {**data, "new_password2": "other"})
    assert refused.status_code == 200
    weak = client.post(link, {**data, "new_password1": "123", "new_password2": "123"})
    assert weak.status_code == 200
    assert not User.everyone.filter(email="new@example.cn").exists()
    forged = {"is_superuser": "on", "email": "evil@example.cn", "groups": "1"}
    done = client.post(link, {**data, "new_password2": password, **forged})
    assert done.headers["location"] == "/admin/login/"
    user = find_account("new@example.cn")
    assert (user.first_name, user.home_site_id, user.is_superuser) == ("王小新", alpha.id, False)
    assert user.check_password(password)
    assert roles_on(alpha, user) == ["editor", "reviewer"]
    membership = Membership.objects.get(user=user)
    assert (membership.added_by, membership.roles) == (boss, ["editor", "reviewer"])
    assert client.get(link).status_code == 404
    assert Entry.objects.get(act="member.accepted").actor_id == user.pk


def test_whoever_has_an_account_signs_in_and_accepts(
    alpha: Site, beta: Site, boss: User, stranger: User, browse: Browse, password: str
) -> None:
    before = User.everyone.filter(pk=stranger.pk).values().get()
    link = asked(alpha, "Stranger@example.cn", by=boss)
    client = browse(alpha)
    text = client.get(link).content.decode()
    assert "new_password1" not in text
    assert f"/admin/login/?next={link}" in text
    takeover = {
        "act": "begin",
        "name": "x",
        "new_password1": "Evil-2026x",
        "new_password2": "Evil-2026x",
    }
    client.post(link, takeover)
    client.post(link, {"act": "accept"})
    assert Membership.objects.filter(user=stranger).count() == 1
    sign_in = {"username": stranger.email, "password": password, "next": link}
    assert client.post("/admin/login/", sign_in).headers["location"] == link
    assert client.post(link, {"act": "accept"}).status_code == 302
    assert client.get("/admin/").status_code == 200
    after = User.everyone.filter(pk=stranger.pk).values().get()
    assert {**after, "last_login": None} == {**before, "last_login": None}
    assert roles_on(alpha, stranger) == ["editor"]
    assert roles_on(beta, stranger) == ["editor"]


def test_nobody_accepts_for_somebody_else(
    alpha: Site, boss: User, stranger: User, browse: Browse
) -> None:
    link = asked(alpha, stranger.email, by=boss)
    client = browse(alpha, boss)
    assert "new_password1" not in client.get(link).content.decode()
    for act in ("accept", "begin"):
        client.post(link, {"act": act, "name": "x", "new_password1": "Evil-2026x"})
    row = Invitation.objects.get()
    for act in ("accept", "decline"):
        assert client.post(f"/admin/invitations/mine/{row.pk}/", {"act": act}).status_code == 404
    assert Invitation.objects.get().closed_at is None
    assert Membership.objects.filter(user=stranger).count() == 1


def test_my_sites_shows_requests_and_answers_them(
    alpha: Site, beta: Site, gamma: Site, boss: User, stranger: User, browse: Browse
) -> None:
    asked(alpha, stranger.email, by=boss)
    asked(gamma, stranger.email)
    client = browse(beta, stranger)
    text = client.get("/admin/my-sites/").content.decode()
    assert alpha.name in text
    assert gamma.name in text
    rows = {row.tenant_id: row for row in Invitation.objects.all()}
    yes = client.post(f"/admin/invitations/mine/{rows[alpha.id].pk}/", {"act": "accept"})
    assert yes.headers["location"] == "/admin/my-sites/"
    client.post(f"/admin/invitations/mine/{rows[gamma.id].pk}/", {"act": "decline"})
    assert roles_on(alpha, stranger) == ["editor"]
    assert roles_on(gamma, stranger) == []
    assert requests_to(stranger) == []
    assert Entry.objects.filter(act="member.declined", site_code="gamma").count() == 1


def test_whoever_has_no_site_sees_the_requests_at_the_sign_in_page(
    alpha: Site, beta: Site, stranger: User, browse: Browse
) -> None:
    end_membership(stranger, beta)
    asked(alpha, stranger.email)
    text = browse(beta, stranger).get("/admin/login/").content.decode()
    assert "Sites that ask you to join" in text
    assert alpha.name in text


def test_declining_needs_the_link_alone(alpha: Site, browse: Browse) -> None:
    link = asked(alpha, "new@example.cn")
    client = browse(alpha)
    assert "You haven't become" in client.post(link, {"act": "decline"}).content.decode()
    assert client.get(link).status_code == 404
    assert not User.everyone.exists()


def test_admins_send_again_and_withdraw(
    alpha: Site, beta: Site, boss: User, browse: Browse, mailoutbox: list[Any]
) -> None:
    link = asked(alpha, "new@example.cn", by=boss)
    foreign = asked(beta, "foreign@example.cn")
    Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    client = browse(alpha, boss)
    assert client.get(link).status_code == 404
    assert "Expired" in client.get(INDEX).content.decode()
    row = pending(alpha).get()
    client.post(reverse("wagtailusers_users:resend_invitation", args=[row.pk]))
    fresh = "/admin/" + mailoutbox[-1].body.split(alpha.admin_url)[1].split()[0]
    assert fresh != link
    assert browse(alpha).get(fresh).status_code == 200
    assert (
        client.get(reverse("wagtailusers_users:resend_invitation", args=[row.pk])).status_code
        == 405
    )
    client.post(reverse("wagtailusers_users:withdraw_invitation", args=[row.pk]))
    assert browse(alpha).get(fresh).status_code == 404
    other = pending(beta).get()
    for act in ("resend", "withdraw"):
        url = reverse(f"wagtailusers_users:{act}_invitation", args=[other.pk])
        assert client.post(url).status_code == 404
    assert pending(beta).get().token_hash == other.token_hash
    assert "foreign" not in client.get(INDEX).content.decode()
    assert foreign


def test_asking_again_replaces_the_open_invitation(alpha: Site, boss: User, browse: Browse) -> None:
    first = asked(alpha, "new@example.cn", "editor", by=boss)
    second = asked(alpha, "NEW@example.cn", "reviewer", by=boss)
    assert browse(alpha).get(first).status_code == 404
    assert browse(alpha).get(second).status_code == 200
    assert pending(alpha).get().roles == ["reviewer"]


def test_a_member_is_not_asked_and_bad_input_is_named(
    alpha: Site, boss: User, member: MakeMember, browse: Browse, mailoutbox: list[Any]
) -> None:
    member("a@example.cn", alpha, "editor")
    client = browse(alpha, boss)
    text = client.post(ADD, order(alpha, "A@example.cn")).content.decode()
    assert "a@example.cn is a member already." in text
    assert client.post(ADD, order(alpha, "no address")).status_code == 200
    assert client.post(ADD, {**order(alpha, "b@example.cn"), "groups": []}).status_code == 200
    assert not Invitation.objects.exists()
    assert not mailoutbox


def test_a_mail_that_can_not_be_sent_changes_nothing(
    alpha: Site, boss: User, browse: Browse, settings: Any
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.BrokenBackend"
    text = browse(alpha, boss).post(ADD, order(alpha, "new@example.cn")).content.decode()
    assert "The mail to new@example.cn could not be sent." in text
    assert not Invitation.objects.exists()
    assert not Entry.objects.filter(act="member.invited").exists()


def test_nobody_hands_on_what_they_lack(alpha: Site, boss: User, browse: Browse) -> None:
    with tenant_context(alpha):
        wide = Group.objects.create(name="审计员")
        wide.permissions.add(Permission.objects.get(codename="add_group"))
    data = {**order(alpha, "new@example.cn"), "groups": [wide.pk]}
    client = browse(alpha, boss)
    assert "审计员" not in client.get(ADD).content.decode()
    assert client.post(ADD, data).status_code == 200
    with pytest.raises(MembershipError):
        invite("new@example.cn", alpha, [wide], name="x", by=boss)
    assert not Invitation.objects.exists()


def test_nobody_joins_on_the_word_of_someone_who_left(
    alpha: Site, boss: User, member: MakeMember, browse: Browse
) -> None:
    second = member("second@example.cn", alpha, "site_admin")
    first, last = asked(alpha, "a@example.cn", by=boss), asked(alpha, "b@example.cn", by=second)
    suspend(boss, "离职")
    end_membership(second, alpha)
    assert [browse(alpha).get(link).status_code for link in (first, last)] == [404, 404]


def test_a_suspended_account_does_not_join(
    alpha: Site, boss: User, stranger: User, browse: Browse, password: str
) -> None:
    link = asked(alpha, stranger.email, by=boss)
    suspend(stranger, "离职")
    client = browse(alpha)
    sign_in = {"username": stranger.email, "password": password, "next": link}
    assert client.post("/admin/login/", sign_in).status_code == 200
    client.post(link, {"act": "accept"})
    client.post(
        link,
        {"act": "begin", "name": "x", "new_password1": "Abc-2026x", "new_password2": "Abc-2026x"},
    )
    assert roles_on(alpha, stranger) == []


def test_nobodys_mailbox_is_flooded(
    alpha: Site, beta: Site, boss: User, browse: Browse, mailoutbox: list[Any]
) -> None:
    for _each in range(5):
        asked(alpha, "new@example.cn", by=boss)
    with pytest.raises(MembershipError):
        asked(alpha, "NEW@example.cn", by=boss)
    text = browse(alpha, boss).post(ADD, order(alpha, "new@example.cn")).content.decode()
    assert "Too many mails to new@example.cn." in text
    asked(beta, "new@example.cn")
    assert len(mailoutbox) == 6
