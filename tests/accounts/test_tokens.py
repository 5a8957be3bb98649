"""API tokens work on the site where they were made, for as long as their owner is a member."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from wagtail.models import APIToken

from sitecluster.accounts.membership import add_member, end_membership
from sitecluster.accounts.models import User
from sitecluster.accounts.suspension import reinstate, suspend
from sitecluster.audit.models import Entry
from sitecluster.rights.models import UserPermission
from sitecluster.tenancy import tenant_context
from tenants.directory import Site

MakeMember = Callable[..., User]
Browse = Callable[..., Client]


def token_of(user: User, site: Site, name: str = "script") -> str:
    with tenant_context(site):
        plain: str = APIToken.create_token(user=user, name=name)[1]
    return plain


def whoami(site: Site, token: str) -> int:
    client = Client(headers={"host": site.admin_host, "authorization": f"Bearer {token}"})
    return client.get("/api/v3/whoami/").status_code


def allow_tokens(user: User, site: Site) -> None:
    """Give the permissions on tokens, as a platform admin could."""
    with tenant_context(site):
        for permission in Permission.objects.filter(content_type__model="apitoken"):
            UserPermission.objects.create(user=user, permission=permission)


def test_a_token_is_unknown_on_every_other_site(
    alpha: Site, beta: Site, member: MakeMember
) -> None:
    user = member("a@example.cn", alpha, "site_admin")
    member("a@example.cn", beta, "site_admin")
    other = member("b@example.cn", beta, "editor")
    with tenant_context(alpha):
        APIToken.objects.all().delete()
    ours, theirs = token_of(user, alpha), token_of(other, beta)
    keys = []
    for site in (alpha, beta):
        with tenant_context(site):
            APIToken.objects.update(id=4711)
            keys.append(APIToken.objects.get().pk)
    assert keys == [4711, 4711]
    assert [whoami(alpha, ours), whoami(beta, ours)] == [200, 401]
    assert [whoami(alpha, theirs), whoami(beta, theirs)] == [401, 200]


def test_a_token_ends_with_the_membership_and_stays_dead(alpha: Site, member: MakeMember) -> None:
    user = member("a@example.cn", alpha, "editor")
    token = token_of(user, alpha)
    assert whoami(alpha, token) == 200
    end_membership(user, alpha)
    assert whoami(alpha, token) == 401
    add_member("a@example.cn", alpha, ["editor"])
    assert whoami(alpha, token) == 401
    assert whoami(alpha, token_of(user, alpha)) == 200


def test_a_token_ends_with_a_suspension_and_stays_dead(
    alpha: Site, beta: Site, member: MakeMember
) -> None:
    user = member("a@example.cn", alpha, "editor")
    member("a@example.cn", beta, "editor")
    tokens = [(site, token_of(user, site)) for site in (alpha, beta)]
    suspend(user, "离职")
    assert [whoami(site, token) for site, token in tokens] == [401, 401]
    reinstate(user)
    assert [whoami(site, token) for site, token in tokens] == [401, 401]
    assert whoami(alpha, token_of(user, alpha)) == 200


def test_a_platform_admin_needs_a_membership_for_a_token(
    alpha: Site, beta: Site, member: MakeMember
) -> None:
    root = member("root@example.cn", alpha, is_superuser=True)
    assert whoami(beta, token_of(root, beta)) == 401
    assert whoami(alpha, token_of(root, alpha)) == 200


@pytest.mark.parametrize("superuser", [False, True])
def test_people_make_tokens_of_their_own_alone(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse, superuser: bool
) -> None:
    boss = member("boss@example.cn", alpha, "site_admin", is_superuser=superuser)
    allow_tokens(boss, alpha)
    reviewer, stranger = member("r@example.cn", alpha, "reviewer"), member("s@x.cn", beta)
    client = browse(alpha, boss)
    text = client.get("/admin/api-tokens/new/").content.decode()
    assert "r@example.cn" not in text
    for other in (reviewer, stranger):
        data = {"name": "x", "user": other.pk}
        assert client.post("/admin/api-tokens/new/", data).status_code == 200
    with tenant_context(alpha):
        assert not APIToken.objects.exists()
    made = client.post("/admin/api-tokens/new/", {"name": "x", "user": boss.pk})
    token = made.context["token"]
    assert whoami(alpha, token) == 200
    entry = Entry.objects.get(act="token.created")
    assert (entry.actor_id, entry.site_code) == (boss.pk, "alpha")
    assert token not in str(entry.__dict__)


def test_site_admins_revoke_tokens_of_members(
    alpha: Site, member: MakeMember, browse: Browse
) -> None:
    boss = member("boss@example.cn", alpha, "site_admin")
    root = member("root@example.cn", alpha, is_superuser=True)
    allow_tokens(boss, alpha)
    user = member("a@example.cn", alpha, "editor")
    tokens = {owner: token_of(owner, alpha) for owner in (user, root)}
    with tenant_context(alpha):
        keys = {token.user_id: token.pk for token in APIToken.objects.all()}
    client = browse(alpha, boss)
    client.post(f"/admin/api-tokens/delete/{keys[user.pk]}/")
    client.post(f"/admin/api-tokens/delete/{keys[root.pk]}/")
    assert [whoami(alpha, tokens[owner]) for owner in (user, root)] == [401, 200]
    assert Entry.objects.get(act="token.revoked").actor_id == boss.pk


def test_a_token_outweighs_no_session(alpha: Site, member: MakeMember, browse: Browse) -> None:
    boss = member("boss@example.cn", alpha, "site_admin")
    user = member("a@example.cn", alpha, "editor")
    token = token_of(user, alpha)
    end_membership(user, alpha)
    answer: Any = browse(alpha, boss).get(
        "/api/v3/whoami/", headers={"authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 401
