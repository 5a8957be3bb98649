"""One session for all admin hosts, and what it is worth on each."""

from collections.abc import Callable
from typing import Any

from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import APIToken

from sitecluster.accounts.membership import add_member, end_membership, one_time_link
from sitecluster.accounts.models import User
from sitecluster.accounts.suspension import reinstate, suspend
from sitecluster.tasks.models import QueuedTask
from sitecluster.tenancy import tenant_context
from tenants.directory import Site

MakeMember = Callable[..., User]
Browse = Callable[..., Client]


def sign_in(client: Client, email: str, password: str, path: str = "/admin/login/") -> Any:
    return client.post(path, {"username": email, "password": password, "next": "/admin/"})


def test_one_sign_in_serves_every_site_of_a_member(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse, password: str
) -> None:
    member("a@example.cn", alpha, "editor")
    member("a@example.cn", beta, "editor")
    first = browse(alpha)
    response = sign_in(first, "A@Example.cn", password)
    assert response.status_code == 302
    cookie = first.cookies["sitecluster_session"]
    assert cookie["domain"] == "admin.localhost"
    assert first.get("/admin/").status_code == 200
    assert browse(beta, jar=first).get("/admin/").status_code == 200


def test_signing_out_ends_the_session_on_every_site(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse
) -> None:
    user = member("a@example.cn", alpha, "editor")
    member("a@example.cn", beta, "editor")
    first = browse(alpha, user)
    replay = browse(beta)
    replay.cookies["sitecluster_session"] = first.cookies["sitecluster_session"].value
    assert replay.get("/admin/").status_code == 200
    assert first.post("/admin/logout/").status_code == 302
    assert not Session.objects.exists()
    assert replay.get("/admin/").headers["location"] == "/admin/login/?next=/admin/"


def test_a_moved_session_carries_no_rights_and_learns_where_it_has_some(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse
) -> None:
    user = member("a@example.cn", alpha, "site_admin")
    client = browse(beta, user)
    moved = client.get("/admin/pages/", follow=True)
    assert moved.status_code == 403
    assert [path for path, _ in moved.redirect_chain] == ["/admin/login/?next=/admin/pages/"]
    text = moved.content.decode()
    assert f'href="{alpha.admin_url}"' in text
    assert alpha.name in text
    assert beta.name in text
    xhr = client.get("/admin/pages/", headers={"x-requested-with": "XMLHttpRequest"})
    assert xhr.status_code == 403
    assert client.get("/admin/account/").status_code == 302
    assert client.post("/admin/logout/").status_code == 302
    assert client.get("/admin/login/").status_code == 200


def test_someone_without_any_site_is_told_so(
    alpha: Site, member: MakeMember, browse: Browse
) -> None:
    user = member("a@example.cn", alpha, "editor")
    end_membership(user, alpha)
    response = browse(alpha, user).get("/admin/login/")
    assert response.status_code == 403
    assert "<li>" not in response.content.decode()


def test_suspension_ends_sessions_for_good(alpha: Site, member: MakeMember, browse: Browse) -> None:
    user = member("a@example.cn", alpha, "editor")
    client = browse(alpha, user)
    assert client.get("/admin/").status_code == 200
    suspend(user, "离职")
    assert client.get("/admin/").status_code == 302
    reinstate(user)
    assert client.get("/admin/").status_code == 302
    assert browse(alpha, user).get("/admin/").status_code == 200


def test_ended_membership_shuts_an_open_session_out(
    alpha: Site, member: MakeMember, browse: Browse
) -> None:
    user = member("a@example.cn", alpha, "editor")
    client = browse(alpha, user)
    end_membership(user, alpha)
    assert client.get("/admin/").status_code == 302


def test_public_hosts_know_no_sign_in(alpha: Site, member: MakeMember, browse: Browse) -> None:
    client = browse(alpha, member("a@example.cn", alpha, "editor"))
    assert client.get("/admin/login/", headers={"host": "www.alpha.localhost"}).status_code == 404


def test_the_sign_in_form_labels_its_fields(alpha: Site, browse: Browse) -> None:
    text = browse(alpha).get("/admin/login/").content.decode()
    assert f"Sign in to {alpha.name}" in text
    assert "Wagtail" not in text[text.index("<main") :]
    assert 'autocomplete="username"' in text
    assert 'autocomplete="current-password"' in text


def test_a_one_time_link_sets_a_password_once(alpha: Site, browse: Browse, password: str) -> None:
    user, _ = add_member("a@example.cn", alpha, ["editor"])
    link = one_time_link(user, alpha)
    client = browse(alpha)
    form = client.get(link.replace(alpha.admin_url, "/admin/"), follow=True)
    address = form.redirect_chain[-1][0]
    done = client.post(address, {"new_password1": password, "new_password2": password})
    assert done.status_code == 302
    assert sign_in(client, "a@example.cn", password).status_code == 302
    again = browse(alpha).get(link.replace(alpha.admin_url, "/admin/"))
    assert again.status_code == 200
    assert "new_password1" not in again.content.decode()


def test_a_link_is_worth_nothing_on_another_site(alpha: Site, beta: Site, browse: Browse) -> None:
    user, _ = add_member("a@example.cn", alpha, ["editor"])
    link = one_time_link(user, alpha).replace(alpha.admin_url, "/admin/")
    response = browse(beta).get(link, follow=True)
    assert "new_password1" not in response.content.decode()


def test_a_forgotten_password_is_mailed_to_members_with_the_sites_own_address(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse, mailoutbox: list[Any]
) -> None:
    member("a@example.cn", alpha, "editor")
    for site in (beta, alpha):
        answer = browse(site).post("/admin/password_reset/", {"email": "A@example.cn"})
        assert answer.status_code == 302
    assert [mail.to for mail in mailoutbox] == [["a@example.cn"]]
    assert f"{alpha.admin_url}password_reset/confirm/" in mailoutbox[0].body


def test_asking_for_a_new_password_does_the_same_for_every_address(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse, settings: Any
) -> None:
    settings.TASKS_RUN_AT_ONCE = False
    member("here@example.cn", alpha, "editor")
    member("elsewhere@example.cn", beta, "editor")
    suspend(member("out@example.cn", alpha, "editor"), "离职")
    client = browse(alpha)
    counts = set()
    for name in ("warm", "nobody", "here", "elsewhere", "out"):
        with CaptureQueriesContext(connection) as queries:
            answer = client.post("/admin/password_reset/", {"email": f"{name}@example.cn"})
        counts.add((answer.status_code, len(queries)))
    assert len(counts) == 1
    assert QueuedTask.objects.filter(status="READY").count() == 5


def test_suspension_ends_sessions_and_tokens_of_two_sites_at_once(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse, password: str
) -> None:
    user = member("a@example.cn", alpha, "editor")
    member("a@example.cn", beta, "editor")
    browsers = [browse(alpha), browse(beta)]
    tokens = []
    for site, client in zip((alpha, beta), browsers, strict=True):
        assert sign_in(client, "a@example.cn", password).status_code == 302
        assert client.get("/admin/").status_code == 200
        with tenant_context(site):
            plain = APIToken.create_token(user=user, name="x")[1]
        headers = {"host": site.admin_host, "authorization": f"Bearer {plain}"}
        tokens.append(Client(headers=headers))
    assert [each.get("/api/v3/whoami/").status_code for each in tokens] == [200, 200]
    suspend(user, "离职")
    assert [each.get("/admin/").status_code for each in browsers] == [302, 302]
    assert [each.get("/api/v3/whoami/").status_code for each in tokens] == [401, 401]
    assert sign_in(browse(alpha), "a@example.cn", password).status_code == 200
    reinstate(user)
    assert [each.get("/admin/").status_code for each in browsers] == [302, 302]
    assert [each.get("/api/v3/whoami/").status_code for each in tokens] == [401, 401]
    for client in browsers:
        assert sign_in(client, "a@example.cn", password).status_code == 302
        assert client.get("/admin/").status_code == 200
