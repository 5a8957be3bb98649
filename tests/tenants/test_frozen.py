"""Nothing of a read-only or closed site can be changed on its admin host."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from sitecluster.accounts import invitations
from sitecluster.accounts.membership import MembershipError, add_member
from sitecluster.accounts.models import User
from sitecluster.cms.models import ArticlePage
from sitecluster.rights.roles import EDITOR
from sitecluster.tenancy import tenant_context
from tenants import directory
from tenants.directory import Site
from tenants.models import State, Tenant

pytestmark = pytest.mark.django_db
FROZEN = (State.READONLY, State.CLOSED)
PASSWORD = "Zhongguo-2026"


@pytest.fixture
def admin(gamma: Site, settings: Any) -> User:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return add_member("admin@frozen.example", gamma, ["site_admin"], password=PASSWORD)[0]


@pytest.fixture
def browser(gamma: Site, admin: User) -> Client:
    client = Client(headers={"host": gamma.admin_host, "accept-language": "en"})
    client.force_login(admin)
    return client


def put(site: Site, state: str) -> None:
    Tenant.objects.filter(pk=site.id).update(state=state, state_note="并入市级平台")
    directory.forget()


def content(site: Site) -> Any:
    with tenant_context(site):
        return list(ArticlePage.objects.order_by("pk").values())


@pytest.mark.parametrize("state", FROZEN)
def test_every_change_is_refused_in_one_place(browser: Client, gamma: Site, state: str) -> None:
    with tenant_context(gamma):
        page = ArticlePage.objects.live().first()
        assert page
    put(gamma, state)
    before = content(gamma)
    for method, path in (
        ("post", f"/admin/pages/{page.pk}/edit/"),
        ("post", f"/admin/pages/{page.pk}/delete/"),
        ("post", f"/admin/pages/{page.pk}/unpublish/"),
        ("post", f"/admin/bulk/wagtailcore/page/delete/?id={page.pk}"),
        ("post", "/admin/images/add/"),
        ("post", "/admin/users/new/"),
        ("post", "/admin/settings/cms/siteidentity/1/"),
        ("post", "/admin/groups/new/"),
        ("patch", f"/api/v3/pages/{page.pk}/"),
        ("post", "/api/v3/pages/"),
        ("delete", f"/api/v3/pages/{page.pk}/"),
        ("put", "/admin/"),
    ):
        answer = getattr(browser, method)(path)
        assert answer.status_code == 403, path
        text = answer.content.decode()
        assert gamma.name in text
        assert "read-only or closed" in text
    assert content(gamma) == before


@pytest.mark.parametrize(
    "headers", [{"x-requested-with": "XMLHttpRequest"}, {"accept": "application/json"}]
)
def test_programs_get_a_sentence_they_can_read(
    browser: Client, gamma: Site, headers: dict[str, str]
) -> None:
    put(gamma, State.READONLY)
    answer = browser.post("/admin/images/add/", headers=headers)
    assert (answer.status_code, answer.json()["error_code"]) == (403, "site_frozen")
    assert gamma.name in answer.json()["error_message"]


def test_in_the_readers_language(browser: Client, gamma: Site) -> None:
    put(gamma, State.CLOSED)
    answer = browser.post("/admin/images/add/", headers={"accept-language": "zh-hans"})
    assert '<html lang="zh-hans">' in answer.content.decode()


@pytest.mark.parametrize("state", FROZEN)
def test_everything_can_be_read_and_is_marked(browser: Client, gamma: Site, state: str) -> None:
    put(gamma, state)
    for path in ("/admin/", "/admin/pages/", "/admin/images/", "/admin/users/"):
        answer = browser.get(path)
        assert answer.status_code == 200
        assert "nothing can be changed" in answer.content.decode()
    put(gamma, State.LIVE)
    assert "nothing can be changed" not in browser.get("/admin/").content.decode()


@pytest.mark.parametrize("state", FROZEN)
def test_people_keep_their_own_account(gamma: Site, admin: User, state: str) -> None:
    put(gamma, state)
    client = Client(headers={"host": gamma.admin_host})
    answer = client.post("/admin/login/", {"username": admin.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert client.get("/admin/").status_code == 200
    assert client.post("/admin/account/", {}).status_code != 403
    assert client.post("/admin/account/second-factor/", {}).status_code != 403
    assert client.post("/admin/logout/").status_code == 302


@pytest.mark.parametrize("state", [State.LIVE, State.BUILDING, State.OFFLINE])
def test_other_sites_take_changes(browser: Client, gamma: Site, state: str) -> None:
    put(gamma, state)
    assert browser.post("/admin/images/add/").status_code != 403


def test_the_control_site_is_never_frozen(db: None) -> None:
    Tenant.objects.filter(code="control").update(state=State.READONLY)
    directory.forget()
    assert not directory.snapshot().by_code["control"].frozen
    directory.forget()


@pytest.mark.parametrize("state", FROZEN)
def test_nobody_joins_meanwhile_from_anywhere(gamma: Site, admin: User, state: str) -> None:
    with tenant_context(gamma):
        groups = list(Group.objects.filter(name=EDITOR.name))
    asked = invitations.invite("late@frozen.example", gamma, groups, name="来晚", by=admin)
    put(gamma, state)
    late = User.everyone.create(email="late@frozen.example")
    with pytest.raises(MembershipError):
        invitations.accept(asked.invitation, late)
    assert not late.memberships.exists()
