"""Verbs on accounts and memberships."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.contrib.auth.models import Group, Permission
from django.db.models import ProtectedError

from sitecluster.accounts.membership import (
    MembershipError,
    add_member,
    end_membership,
    find_account,
    move_home,
    one_time_link,
    set_groups,
)
from sitecluster.accounts.models import Membership, User
from sitecluster.accounts.refusals import may_edit_profile
from sitecluster.accounts.suspension import reinstate, suspend
from sitecluster.audit.models import Entry
from sitecluster.rights.models import UserGroup
from sitecluster.rights.roles import groups_of, roles_of
from sitecluster.tenancy import tenant_context
from tenants.directory import Site

MakeMember = Callable[..., User]


def roles_on(site: Site, user: User) -> list[str]:
    with tenant_context(site):
        return roles_of(user)


def test_add_member_makes_account_membership_and_groups(alpha: Site, beta: Site) -> None:
    user, created = add_member(" Li.Na@Example.cn", alpha, ["editor"], name="李娜")
    assert created
    assert (user.email, user.first_name, user.home_site_id) == (
        "li.na@example.cn",
        "李娜",
        alpha.id,
    )
    assert not user.has_usable_password()
    assert Membership.objects.get().roles == ["editor"]
    assert roles_on(alpha, user) == ["editor"]
    assert roles_on(beta, user) == []


def test_add_member_twice_changes_nothing(alpha: Site) -> None:
    first, _ = add_member("a@example.cn", alpha, ["editor"], name="甲", password="Zhongguo-2026")
    before = Membership.objects.values().get()
    again, created = add_member("A@example.cn", alpha, ["editor"], name="乙", password="Other-2026")
    assert not created
    assert again == first
    assert (again.first_name, again.password) == ("甲", first.password)
    assert Membership.objects.values().get() == before


def test_add_member_on_a_second_site_keeps_the_home_and_adds_roles(alpha: Site, beta: Site) -> None:
    user, _ = add_member("a@example.cn", alpha, ["editor"])
    user, created = add_member("a@example.cn", beta, ["reviewer"])
    assert not created
    assert user.home_site_id == alpha.id
    add_member("a@example.cn", beta, ["editor"])
    assert roles_on(alpha, user) == ["editor"]
    assert roles_on(beta, user) == ["editor", "reviewer"]


@pytest.mark.parametrize(
    ("email", "roles", "password"),
    [
        ("no address", ["editor"], None),
        ("a@example.cn", ["king"], None),
        ("a@example.cn", ["editor"], "12345"),
    ],
)
def test_add_member_refuses_and_leaves_nothing(
    alpha: Site, email: str, roles: list[str], password: str | None
) -> None:
    with pytest.raises(MembershipError):
        add_member(email, alpha, roles, password=password)
    assert not User.everyone.exists()
    assert not Membership.objects.exists()


def test_end_membership_takes_every_right_and_keeps_the_account(
    alpha: Site, beta: Site, member: MakeMember
) -> None:
    boss = member("boss@example.cn", alpha, "site_admin")
    user = member("a@example.cn", alpha, "editor", "reviewer")
    member("a@example.cn", beta, "editor")
    end_membership(user, alpha, by=boss)
    ended = Membership.objects.get(user=user, tenant_id=alpha.id)
    assert ended.ended_at
    assert (ended.ended_by, ended.roles) == (boss, [])
    assert roles_on(alpha, user) == []
    assert roles_on(beta, user) == ["editor"]
    with tenant_context(alpha):
        assert not UserGroup.objects.filter(user=user).exists()
    with pytest.raises(MembershipError):
        end_membership(user, alpha)


def test_an_ended_membership_opens_again_with_the_new_roles_alone(
    alpha: Site, member: MakeMember
) -> None:
    user = member("a@example.cn", alpha, "site_admin")
    end_membership(user, alpha)
    member("a@example.cn", alpha, "editor")
    membership = Membership.objects.get(user=user)
    assert (membership.ended_at, membership.ended_by, membership.roles) == (None, None, ["editor"])


def test_set_groups_replaces_and_needs_a_member(
    alpha: Site, beta: Site, member: MakeMember
) -> None:
    user = member("a@example.cn", alpha, "editor")
    with tenant_context(alpha):
        groups = groups_of(["reviewer"])
    set_groups(user, alpha, groups)
    assert roles_on(alpha, user) == Membership.objects.get().roles == ["reviewer"]
    with pytest.raises(MembershipError):
        set_groups(user, beta, groups)
    assert roles_on(beta, user) == []


def test_suspend_records_who_and_why_and_reinstate_undoes(alpha: Site, member: MakeMember) -> None:
    boss = member("boss@example.cn", alpha, is_superuser=True)
    user = member("a@example.cn", alpha, "editor")
    before = user.get_session_auth_hash()
    with pytest.raises(MembershipError):
        suspend(user, "  ")
    suspend(user, "调离", by=boss)
    user = find_account("a@example.cn")
    assert not user.is_active
    assert (user.suspension_reason, user.suspended_by) == ("调离", boss)
    with pytest.raises(MembershipError):
        add_member("a@example.cn", alpha, ["editor"])
    reinstate(user)
    user = find_account("a@example.cn")
    assert (user.is_active, user.suspended_at, user.suspension_reason) == (True, None, "")
    assert user.get_session_auth_hash() != before


def test_accounts_are_never_deleted(alpha: Site, member: MakeMember) -> None:
    user = member("a@example.cn", alpha)
    with pytest.raises(ProtectedError):
        user.delete()
    with pytest.raises(ProtectedError):
        User.everyone.filter(pk=user.pk).delete()
    assert find_account("a@example.cn") == user


def test_objects_knows_members_of_the_active_site_alone(
    alpha: Site, beta: Site, member: MakeMember
) -> None:
    ours, theirs = member("a@example.cn", alpha), member("b@example.cn", beta)
    with tenant_context(alpha):
        assert list(User.objects.all()) == [ours]
        end_membership(ours, alpha)
        assert not User.objects.exists()
        assert set(User.everyone.all()) == {ours, theirs}
    assert set(User.objects.all()) == {ours, theirs}


def test_only_the_home_site_and_platform_admins_edit_a_profile(
    alpha: Site, beta: Site, member: MakeMember
) -> None:
    boss = member("boss@example.cn", alpha, "site_admin")
    root = member("root@example.cn", alpha, is_superuser=True)
    local, guest = member("a@example.cn", alpha), member("b@example.cn", beta)
    member("b@example.cn", alpha)
    assert may_edit_profile(boss, local, alpha)
    assert not may_edit_profile(boss, guest, alpha)
    assert not may_edit_profile(boss, root, alpha)
    assert may_edit_profile(root, guest, alpha)


def test_one_time_link_leads_to_the_sites_own_admin_host(alpha: Site) -> None:
    user, _ = add_member("a@example.cn", alpha, ["editor"])
    assert one_time_link(user, alpha).startswith(f"{alpha.admin_url}password_reset/confirm/")


def test_the_last_site_admin_stays_unless_a_platform_admin_says_so(
    alpha: Site, beta: Site, member: MakeMember
) -> None:
    boss = member("boss@example.cn", alpha, "site_admin")
    member("other@example.cn", beta, "site_admin")
    out = member("out@example.cn", alpha, "site_admin")
    suspend(out, "离职")
    with tenant_context(alpha):
        reviewers = groups_of(["reviewer"])
    with pytest.raises(MembershipError, match=r"last admin|最后"):
        end_membership(boss, alpha, by=boss)
    with pytest.raises(MembershipError, match=r"last admin|最后"):
        set_groups(boss, alpha, reviewers, by=boss)
    assert roles_on(alpha, boss) == Membership.objects.get(user=boss).roles == ["site_admin"]
    second = member("second@example.cn", alpha, "site_admin")
    set_groups(boss, alpha, reviewers, by=second)
    assert roles_on(alpha, boss) == ["reviewer"]
    with pytest.raises(MembershipError):
        end_membership(second, alpha, by=second)
    end_membership(second, alpha, by=member("root@example.cn", beta, is_superuser=True))
    assert roles_on(alpha, second) == []


def test_nobody_gives_or_takes_rights_that_they_lack(alpha: Site, member: MakeMember) -> None:
    boss, user = member("boss@example.cn", alpha, "site_admin"), member("a@example.cn", alpha)
    auditor = member("auditor@example.cn", alpha)
    with tenant_context(alpha):
        editors, wide = groups_of(["editor"]), Group.objects.create(name="审计员")
        wide.permissions.add(Permission.objects.get(codename="add_group"))
    set_groups(auditor, alpha, [wide])
    with pytest.raises(MembershipError):
        set_groups(user, alpha, [*editors, wide], by=boss)
    with pytest.raises(MembershipError):
        set_groups(auditor, alpha, editors, by=boss)
    with pytest.raises(MembershipError):
        end_membership(auditor, alpha, by=boss)
    assert not may_edit_profile(boss, auditor, alpha)
    set_groups(auditor, alpha, [wide, *editors], by=boss)
    assert roles_on(alpha, user) == []
    assert roles_on(alpha, auditor) == ["editor", "审计员"]
    clerk = member("clerk@example.cn", alpha, "editor")
    with pytest.raises(MembershipError):
        end_membership(boss, alpha, by=clerk)
    assert not may_edit_profile(clerk, boss, alpha)


def test_a_site_admin_does_nothing_with_a_platform_admin(alpha: Site, member: MakeMember) -> None:
    boss = member("boss@example.cn", alpha, "site_admin")
    root = member("root@example.cn", alpha, "editor", is_superuser=True)
    with tenant_context(alpha):
        with pytest.raises(MembershipError):
            end_membership(root, alpha, by=boss)
        with pytest.raises(MembershipError):
            set_groups(root, alpha, [], by=boss)
        with pytest.raises(MembershipError):
            suspend(root, "离职", by=boss)
        with pytest.raises(MembershipError):
            move_home(boss, alpha, by=boss)
    assert find_account(root.email).is_active
    assert roles_on(alpha, root) == ["editor"]


def test_platform_admins_move_a_home(alpha: Site, beta: Site, member: MakeMember) -> None:
    user = member("a@example.cn", alpha, "editor")
    with pytest.raises(MembershipError):
        move_home(user, beta)
    member("a@example.cn", beta, "editor")
    root = member("root@example.cn", alpha, is_superuser=True)
    move_home(user, beta, by=root)
    assert find_account("a@example.cn").home_site_id == beta.id
    entry = Entry.objects.filter(act="account.home_moved").get()
    assert (entry.actor_id, entry.before, entry.after) == (
        root.pk,
        {"home": "alpha"},
        {"home": "beta"},
    )


def test_every_verb_leaves_a_row_of_who_and_what(alpha: Site, member: MakeMember) -> None:
    boss = member("boss@example.cn", alpha, "site_admin")
    user, _ = add_member("a@example.cn", alpha, ["editor"], by=boss)
    add_member("a@example.cn", alpha, ["editor"], by=boss)
    with tenant_context(alpha):
        reviewers = groups_of(["reviewer"])
        set_groups(user, alpha, reviewers, by=boss)
        set_groups(user, alpha, reviewers, by=boss)
        suspend(user, "离职", by=boss)
        reinstate(user, by=boss)
        reinstate(user, by=boss)
        end_membership(user, alpha, by=boss)
    rows = Entry.objects.filter(subject="a@example.cn").order_by("pk")
    assert [(row.act, row.before, row.after, row.reason) for row in rows] == [
        ("member.added", {"roles": []}, {"roles": ["editor"]}, ""),
        ("member.roles_set", {"roles": ["editor"]}, {"roles": ["reviewer"]}, ""),
        ("account.suspended", None, None, "离职"),
        ("account.reinstated", {"reason": "离职"}, None, ""),
        ("member.ended", {"roles": ["reviewer"]}, {"roles": []}, ""),
    ]
    assert {(row.actor_id, row.site_code) for row in rows} == {(boss.pk, "alpha")}


def test_a_form_read_before_a_suspension_does_not_undo_it(alpha: Site, member: MakeMember) -> None:
    user = member("a@example.cn", alpha, "editor")
    stale = find_account("a@example.cn")
    suspend(user, "离职")
    stale.first_name = "乙"
    stale.save()
    user = find_account("a@example.cn")
    assert (user.first_name, user.is_active, user.suspension_reason) == ("乙", False, "离职")


def test_a_site_that_is_behind_changes_no_member(beta: Site) -> None:
    """Its tables may lack what this code writes."""
    older = replace(beta, behind=True)
    with pytest.raises(MembershipError, match="贝镇人民政府"):
        add_member("a@example.com", older, ["editor"])
    assert not User.everyone.filter(email="a@example.com").exists()
