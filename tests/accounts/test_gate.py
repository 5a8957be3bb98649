"""No address of an admin host answers a session that isn't complete."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, URLPattern, get_resolver, resolve

from sitecluster.accounts import gate
from sitecluster.accounts.membership import one_time_link
from sitecluster.accounts.models import User
from sitecluster.tenancy import tenant_context
from tenants.directory import Site
from tests.accounts.authenticator import code_of, equip

MakeMember = Callable[..., User]
Browse = Callable[..., Client]
URLCONF = "sitecluster.project.urls_admin"
EXAMPLES = {
    "int": "1",
    "slug": "x",
    "str": "x",
    "path": "x",
    "uuid": "00000000-0000-0000-0000-000000000000",
}
CHECK = "/admin/second-factor/"


def addresses(resolver: Any = None, above: str = "/") -> Iterator[str]:
    """An example of every address that an admin host knows."""
    for entry in (resolver or get_resolver(URLCONF)).url_patterns:
        here = above + example(str(entry.pattern))
        if isinstance(entry, URLPattern):
            yield here
        else:
            yield from addresses(entry, here)


def example(pattern: str) -> str:
    """An address that the pattern matches, for those that Django, Wagtail and we write."""
    text = re.sub(r"\(\?P<\w+>[^()]*\)", "1", pattern)
    text = re.sub(r"\(\?:(\w+)\|[^()]*\)", r"\1", text)
    for mark, plain in (
        ("^", ""),
        ("$", ""),
        (r"\d+", "1"),
        (r"\w+", "x"),
        (".*", "x"),
        ("\\", ""),
    ):
        text = text.replace(mark, plain)
    return re.sub(r"<(?:(\w+):)?\w+>", lambda m: EXAMPLES.get(m[1] or "str", "x"), text)


def known(path: str) -> Any:
    try:
        return resolve(path, URLCONF)
    except Resolver404:
        return None


@pytest.fixture
def half(alpha: Site, member: MakeMember, browse: Browse, password: str) -> Client:
    """A platform admin's browser after the first step."""
    equip(member("root@example.cn", alpha, "site_admin", is_superuser=True))
    client = browse(alpha)
    client.post("/admin/login/", {"username": "root@example.cn", "password": password})
    return client


def test_every_address_leads_to_what_is_missing(half: Client) -> None:
    asked = 0
    for path in addresses():
        found = known(path)
        if found is None or found.view_name in gate.OPEN | {gate.CHECK}:
            continue
        for answer in (half.get(path), half.post(path) if found.view_name != "sign_in" else None):
            if answer is None:
                continue
            assert answer.status_code == 302, path
            assert urlsplit(answer.headers["location"]).path == CHECK, path
        asked += 1
    assert asked > 250


def test_a_header_opens_no_way(alpha: Site, half: Client, browse: Browse) -> None:
    """Only the API looks at tokens, and it forgets the session's person then."""
    bearer = {"authorization": "Bearer x"}
    for path in ("/admin/", "/admin/pages/", "/admin/users/", "/admin/api/main/pages/"):
        answer = half.get(path, headers=bearer)
        assert urlsplit(answer.headers["location"]).path == CHECK, path
    for path in ("/api/v3/pages/", "/api/v3/images/", "/api/v3/pages/?status=draft"):
        answer = half.get(path, headers=bearer)
        assert answer.content == browse(alpha).get(path).content, path


def test_what_is_open_exists(alpha: Site) -> None:
    names = {found.view_name for path in addresses() if (found := known(path))}
    shadowed = {"wagtailadmin_password_reset_confirm"}
    assert gate.OPEN - shadowed <= names
    assert {gate.CHECK, gate.ENROL, gate.RENEW, "sign_in"} <= names


def test_what_is_open_tells_nothing(alpha: Site, half: Client) -> None:
    for path in addresses():
        found = known(path)
        if found and found.view_name in gate.OPEN and found.view_name != "sign_out":
            assert "root@example.cn" not in half.get(path).content.decode(), path


def test_programs_get_a_sentence(half: Client) -> None:
    for headers in ({"x-requested-with": "XMLHttpRequest"}, {"accept": "application/json"}):
        answer = half.get("/admin/api/main/pages/", headers=headers)
        assert answer.status_code == 403
        assert "isn't complete" in answer.content.decode()


def test_a_new_password_doesnt_stand_in_for_the_code(
    alpha: Site, member: MakeMember, browse: Browse
) -> None:
    user = member("a@example.cn", alpha, "editor")
    device, _codes = equip(user)
    client = browse(alpha)
    link = one_time_link(user, alpha).replace(alpha.admin_url, "/admin/")
    address = client.get(link, follow=True).redirect_chain[-1][0]
    new = "Yellow-River-7"
    assert client.post(address, {"new_password1": new, "new_password2": new}).status_code == 302
    assert client.get("/admin/").headers["location"].startswith("/admin/login/")
    client.post("/admin/login/", {"username": user.email, "password": new})
    assert client.get("/admin/").headers["location"].startswith(CHECK)
    client.post(CHECK, {"code": code_of(device)})
    assert client.get("/admin/").status_code == 200


def test_uploads_hosts_know_no_session(alpha: Site, half: Client) -> None:
    host = f"{alpha.code}.uploads.localhost"
    assert half.get("/admin/", headers={"host": host}).status_code == 404


def test_another_person_can_sign_in_from_half_a_session(
    alpha: Site, half: Client, member: MakeMember, password: str
) -> None:
    member("b@example.cn", alpha, "editor")
    half.post("/admin/login/", {"username": "b@example.cn", "password": password})
    assert half.get("/admin/").status_code == 200
    with tenant_context(alpha):
        assert half.get("/admin/account/").context["user"].email == "b@example.cn"
