"""Giving a branch and taking it back."""

import pytest
from django.test import Client

from sitecluster.accounts import delegation, suspension
from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import Delegation, Membership, User
from sitecluster.accounts.refusals import MembershipError
from sitecluster.audit.models import Entry
from sitecluster.tenancy import tenant_context
from tenants.directory import Site


def fresh(user: User) -> User:
    return User.everyone.get(pk=user.pk)


def test_a_delegate_runs_the_site_and_all_below(
    alpha: Site, beta: Site, gamma: Site, epsilon: Site, delegate_user: User
) -> None:
    assert fresh(delegate_user).branch() == frozenset({alpha.id, beta.id, gamma.id})
    assert fresh(delegate_user).branch("applicant") == frozenset()


def test_a_delegation_brings_a_membership_of_the_control_site_that_may_nothing_but_enter(
    control: Site, delegate_user: User
) -> None:
    assert Membership.objects.get(user=delegate_user, tenant_id=control.id).roles == ["分级管理员"]
    with tenant_context(control):
        assert fresh(delegate_user).get_all_permissions() == {"wagtailadmin.access_admin"}


def test_it_is_recorded_at_the_site_with_role_and_reason(alpha: Site, delegate_user: User) -> None:
    entry = Entry.objects.get(act="delegation.given")
    assert (entry.site_id, entry.subject) == (alpha.id, "delegate@console.example")
    assert entry.after == {"role": "manager", "site": "alpha"}
    assert (entry.reason, entry.actor_email) == ("区县自管", "boss@console.example")


def test_the_membership_ends_with_the_last_delegation(
    alpha: Site, control: Site, gamma: Site, delegate_user: User, boss_user: User
) -> None:
    second = delegation.give(delegate_user, gamma, "applicant", by=boss_user)
    first = Delegation.objects.get(user=delegate_user, role="manager")
    delegation.end(first, by=boss_user, reason="调离")
    mine = Membership.objects.get(user=delegate_user, tenant_id=control.id)
    assert mine.ended_at is None
    delegation.end(second, by=boss_user, reason="调离")
    mine.refresh_from_db()
    assert mine.ended_at is not None
    assert fresh(delegate_user).branch() == frozenset()
    ended = Entry.objects.filter(act="delegation.ended").order_by("pk")
    assert [(entry.site_id, entry.reason) for entry in ended] == [
        (alpha.id, "调离"),
        (gamma.id, "调离"),
    ]


def test_who_had_other_roles_on_the_control_site_keeps_them(
    alpha: Site, control: Site, clerk_user: User, boss_user: User
) -> None:
    given = delegation.give(clerk_user, alpha, "manager", by=boss_user)
    mine = Membership.objects.get(user=clerk_user, tenant_id=control.id)
    assert mine.roles == ["editor", "分级管理员"]
    delegation.end(given, by=boss_user, reason="调离")
    mine.refresh_from_db()
    assert (mine.roles, mine.ended_at) == (["editor"], None)


@pytest.mark.parametrize("role", ["manager", "applicant"])
def test_a_manager_delegates_strictly_below_and_names_applicants_in_the_whole_branch(
    alpha: Site, gamma: Site, epsilon: Site, delegate_user: User, stranger_user: User, role: str
) -> None:
    delegate_user = fresh(delegate_user)
    delegation.give(stranger_user, gamma, role, by=delegate_user)
    with pytest.raises(MembershipError, match="isn't yours"):
        delegation.give(stranger_user, epsilon, role, by=delegate_user)
    if role == "manager":
        with pytest.raises(MembershipError, match="isn't yours"):
            delegation.give(stranger_user, alpha, role, by=delegate_user)
    else:
        delegation.give(stranger_user, alpha, role, by=delegate_user)


def test_a_manager_knows_accounts_of_the_own_branch_alone(
    alpha: Site, gamma: Site, epsilon: Site, delegate_user: User
) -> None:
    foreign = add_member("foreign@delta.example", epsilon, ["editor"])[0]
    for email in (foreign.email, "nobody@nowhere.example"):
        with pytest.raises(MembershipError, match=f"There is no account {email}"):
            delegation.account_for(email, fresh(delegate_user))
    with pytest.raises(MembershipError, match="There is no account"):
        delegation.give(foreign, gamma, "manager", by=fresh(delegate_user))
    assert not Delegation.objects.filter(user=foreign).exists()


def test_a_manager_ends_what_a_manager_may_give(
    alpha: Site, gamma: Site, delegate_user: User, stranger_user: User, boss_user: User
) -> None:
    below = delegation.give(stranger_user, gamma, "manager", by=boss_user)
    own = Delegation.objects.get(user=delegate_user)
    with pytest.raises(MembershipError, match="may not do this"):
        delegation.end(own, by=fresh(delegate_user), reason="自己")
    delegation.end(below, by=fresh(delegate_user), reason="调离")
    below.refresh_from_db()
    assert (below.ended_by, below.ended_at is not None) == (delegate_user, True)


def test_what_is_refused(
    alpha: Site, control: Site, delegate_user: User, boss_user: User, stranger_user: User
) -> None:
    for site, user, role, why in (
        (alpha, boss_user, "manager", "is a platform admin"),
        (control, stranger_user, "manager", "can't be delegated"),
        (alpha, delegate_user, "manager", "has this delegation already"),
        (alpha, stranger_user, "king", "There is no role king"),
    ):
        with pytest.raises(MembershipError, match=why):
            delegation.give(user, site, role, by=boss_user)
    suspension.suspend(stranger_user, "停职", by=boss_user)
    with pytest.raises(MembershipError, match="is suspended"):
        delegation.give(stranger_user, alpha, "manager", by=boss_user)
    given = Delegation.objects.get(user=delegate_user)
    with pytest.raises(MembershipError, match="needs a reason"):
        delegation.end(given, by=boss_user, reason=" ")
    delegation.end(given, by=boss_user, reason="调离")
    with pytest.raises(MembershipError, match="has ended already"):
        delegation.end(given, by=boss_user, reason="调离")


def test_a_suspended_delegate_runs_nothing_from_that_moment(
    alpha: Site, delegate_user: User, delegate: Client, boss_user: User
) -> None:
    assert delegate.get("/admin/").status_code == 200
    suspension.suspend(delegate_user, "停职", by=boss_user)
    assert fresh(delegate_user).branch() == frozenset()
    assert delegate.get("/admin/").status_code == 302
