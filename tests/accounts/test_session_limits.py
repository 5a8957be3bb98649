"""How long a session lasts."""

import time
from collections.abc import Callable
from typing import Any

from django.contrib.sessions.models import Session
from django.test import Client

from sitecluster.accounts.models import User
from sitecluster.accounts.sessions import OPENED, SEEN
from tenants.directory import Site

MakeMember = Callable[..., User]
Browse = Callable[..., Client]
MINUTE, HOUR = 60, 3600


def shift(client: Client, **seconds: int) -> None:
    """Move a moment of the session into the past."""
    session = client.session
    for name, amount in seconds.items():
        session[name] = int(time.time()) - amount
    session.save()


def test_a_session_ends_without_activity_on_every_site(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse
) -> None:
    user = member("a@example.cn", alpha, "editor")
    member("a@example.cn", beta, "editor")
    client = browse(alpha, user)
    client.get("/admin/")
    shift(client, **{SEEN: 59 * MINUTE})
    assert client.get("/admin/").status_code == 200
    shift(client, **{SEEN: 61 * MINUTE})
    answer = browse(beta, jar=client).get("/admin/pages/")
    assert answer.headers["location"] == "/admin/login/?next=/admin/pages/"
    assert not Session.objects.filter(session_key=client.session.session_key).exists() or (
        "_auth_user_id" not in client.session
    )
    assert "session has ended" in client.get("/admin/login/").content.decode()


def test_a_session_ends_however_active(alpha: Site, member: MakeMember, browse: Browse) -> None:
    client = browse(alpha, member("a@example.cn", alpha, "editor"))
    client.get("/admin/")
    shift(client, **{OPENED: 12 * HOUR + 1, SEEN: 0})
    assert client.get("/admin/").status_code == 302


def test_an_open_editor_that_only_polls_isnt_activity(
    alpha: Site, member: MakeMember, browse: Browse
) -> None:
    client = browse(alpha, member("a@example.cn", alpha, "editor"))
    client.get("/admin/")
    shift(client, **{SEEN: 30 * MINUTE})
    client.post("/admin/editing-sessions/ping/wagtailcore/page/1/1/")
    assert time.time() - client.session[SEEN] > 29 * MINUTE
    client.get("/admin/")
    assert time.time() - client.session[SEEN] < MINUTE


def test_signing_in_starts_the_clocks_and_renews_the_key(
    alpha: Site, member: MakeMember, browse: Browse, password: str
) -> None:
    member("a@example.cn", alpha, "editor")
    client = browse(alpha)
    client.get("/admin/login/")
    session = client.session
    session["mine"] = "fixated"
    session.save()
    client.cookies["sitecluster_session"] = session.session_key or ""
    before = session.session_key
    client.post("/admin/login/", {"username": "a@example.cn", "password": password})
    assert client.session.session_key != before
    assert abs(client.session[OPENED] - time.time()) < MINUTE


def test_the_limits_are_settings(
    alpha: Site, member: MakeMember, browse: Browse, settings: Any
) -> None:
    client = browse(alpha, member("a@example.cn", alpha, "editor"))
    client.get("/admin/")
    shift(client, **{SEEN: 10 * MINUTE})
    settings.SESSION_IDLE_MINUTES = 5
    assert client.get("/admin/").status_code == 302
