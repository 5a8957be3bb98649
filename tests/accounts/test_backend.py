"""Sign-in and rights."""

from collections.abc import Callable

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sitecluster.accounts.backend import MemberBackend
from sitecluster.accounts.membership import end_membership, find_account
from sitecluster.accounts.models import Membership, User
from sitecluster.accounts.suspension import suspend
from sitecluster.tenancy import tenant_context
from tenants.directory import Site

MakeMember = Callable[..., User]
ENTER = "wagtailadmin.access_admin"


def test_authenticate_by_address_in_any_case(
    alpha: Site, member: MakeMember, password: str
) -> None:
    user = member("li.na@example.cn", alpha)
    assert authenticate(username="Li.Na@Example.CN", password=password) == user
    assert authenticate(username="li.na@example.cn", password="wrong") is None
    assert authenticate(username="nobody@example.cn", password=password) is None
    suspend(user, "离职")
    assert authenticate(username="li.na@example.cn", password=password) is None


def test_rights_hold_on_the_members_site_alone(alpha: Site, beta: Site, member: MakeMember) -> None:
    user = member("a@example.cn", alpha, "site_admin")
    for _ in range(2):  # the same object moves back and forth
        with tenant_context(alpha):
            assert user.has_perms([ENTER, "accounts.change_user"])
        with tenant_context(beta):
            assert not user.has_perm(ENTER)
            assert user.get_all_permissions() == user.get_group_permissions() == set()
    assert user.get_all_permissions() == set()


def test_rights_differ_between_two_sites_of_one_person(
    alpha: Site, beta: Site, member: MakeMember
) -> None:
    user = member("a@example.cn", alpha, "site_admin")
    member("a@example.cn", beta, "editor")
    with tenant_context(alpha):
        assert user.has_perm("accounts.change_user")
    with tenant_context(beta):
        assert user.has_perm(ENTER)
        assert not user.has_perm("accounts.change_user")


def test_groups_without_membership_give_nothing(alpha: Site, member: MakeMember) -> None:
    member("a@example.cn", alpha, "editor")
    Membership.objects.update(ended_at="2026-01-01T00:00Z")
    with tenant_context(alpha):
        assert not find_account("a@example.cn").has_perm(ENTER)


def test_ended_and_suspended_members_have_no_rights(alpha: Site, member: MakeMember) -> None:
    gone, out = member("a@example.cn", alpha, "editor"), member("b@example.cn", alpha, "editor")
    with tenant_context(alpha):
        assert gone.has_perm(ENTER)
        assert out.has_perm(ENTER)
        end_membership(gone, alpha)
        suspend(out, "离职")
        assert not gone.has_perm(ENTER)
        assert not out.has_perm(ENTER)
        assert MemberBackend().get_user(out.pk) is None


def test_platform_admins_have_every_right_everywhere(
    alpha: Site, beta: Site, member: MakeMember
) -> None:
    root = member("root@example.cn", alpha, is_superuser=True)
    with tenant_context(beta):
        assert root.has_perm(ENTER)
        assert ENTER in root.get_all_permissions()
        assert ENTER not in AnonymousUser().get_all_permissions()


@pytest.mark.parametrize("roles", [("editor",), ()])
def test_a_session_costs_no_statement_more_than_djangos(
    alpha: Site, member: MakeMember, roles: tuple[str, ...]
) -> None:
    user = member("a@example.cn", alpha, *roles)
    with (
        tenant_context(alpha),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        loaded = MemberBackend().get_user(user.pk)
        assert loaded is not None
        loaded.has_perm(ENTER)
        loaded.has_perm("accounts.change_user")
    # Django's: the account, the account's permissions, the groups' permissions.
    assert len(queries) == 3
