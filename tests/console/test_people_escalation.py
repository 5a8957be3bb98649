"""No delegate gains by the people of their branch: every act, tried on everyone it isn't for.

An attempt must change nothing of who may do what; on somebody of their own the same act must
succeed, or else the attempt proves nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver

from sitecluster.accounts import assistance, delegation, profiles, suspension
from sitecluster.accounts.invitations import invite
from sitecluster.accounts.membership import add_member, move_home, set_groups
from sitecluster.accounts.models import Delegation, Invitation, Membership, User
from sitecluster.accounts.refusals import MembershipError
from sitecluster.rights.roles import groups_of
from sitecluster.tenancy import shared_context, tenant_context
from sitecluster_console.people.scope import at_home
from tenants.directory import Site
from tests.accounts.authenticator import equip

PEOPLE = "/admin/cluster/people/"
SHARED = """accounts_user accounts_membership accounts_delegation accounts_invitation
accounts_passwordrecord otp_totp_totpdevice otp_static_statictoken axes_accessattempt""".split()
IN_A_SITE = "rights_usergroup auth_group_permissions wagtailcore_apitoken".split()
MOVING = ["last_login", "token_hash", "expires_at"]

# What is posted to the address of each act on an account.
ACCOUNT_WIDE: dict[str, dict[str, Any]] = {
    "suspend/": {"grounds": "protection", "reason": "x"},
    "reinstate/": {"reason": "x"},
    "link/": {},
    "factor-reset/": {"reason": "x"},
    "factor-required/": {"required": "True", "reason": "x"},
    "unlock/": {},
    "profile/": {"name": "改名", "email": "taken.over@evil.example"},
}
PLATFORM: dict[str, Callable[[Any], dict[str, Any]]] = {
    "home/": lambda world: {"site": world.beta.id},
    "promote/": lambda world: {"reason": "x"},
    "demote/": lambda world: {"reason": "x"},
}


@dataclass
class World:
    """A branch and what lies beside it, with its people."""

    alpha: Site
    beta: Site
    epsilon: Site
    people: dict[str, User]
    delegate: User


def state(world: World) -> dict[str, list[str]]:
    """Every row that says who somebody is, how they sign in and what they may do."""
    tables = [f"public.{name}" for name in SHARED]
    for site in (world.alpha, world.beta, world.epsilon):
        tables += [f'"{site.schema_name}".{name}' for name in IN_A_SITE]
    found = {}
    with shared_context(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT to_jsonb(t) - %s::text[] FROM {table} t", [MOVING])
            found[table] = sorted(str(row) for (row,) in cursor.fetchall())
    return found


@pytest.fixture
def world(
    alpha: Site,
    beta: Site,
    gamma: Site,
    epsilon: Site,
    control: Site,
    boss_user: User,
    delegate_user: User,
) -> World:
    """The delegate runs alpha and all below it; each person is more than that in one way."""

    def person(name: str, *sites: Site) -> User:
        user = add_member(f"{name}@escalation.example", sites[0], ["editor"], name=name)[0]
        for site in sites[1:]:
            add_member(user.email, site, ["editor"])
        return user

    people = {
        "mine": person("mine", beta),
        "platform_admin": person("platform_admin", beta),
        "of_another_branch": person("of_another_branch", epsilon),
        "of_both": person("of_both", beta, epsilon),
        "at_home_elsewhere": person("at_home_elsewhere", epsilon, beta),
        "higher_delegate": person("higher_delegate", beta),
        "suspended_delegate": person("suspended_delegate", beta),
        "equal_delegate": person("equal_delegate", beta),
        "applicant_elsewhere": person("applicant_elsewhere", beta),
        "of_the_control_site": person("of_the_control_site", beta, control),
        "at_home_on_control": person("at_home_on_control", control, beta),
        "with_wider_rights": person("with_wider_rights", beta),
        "oneself": delegate_user,
    }
    User.everyone.filter(pk=people["platform_admin"].pk).update(is_superuser=True)
    give = delegation.give
    give(people["higher_delegate"], epsilon, "manager", by=boss_user, reason="x")
    give(people["higher_delegate"], alpha, "manager", by=boss_user, reason="x")
    give(people["suspended_delegate"], epsilon, "manager", by=boss_user, reason="x")
    give(people["equal_delegate"], alpha, "manager", by=boss_user, reason="x")
    give(people["applicant_elsewhere"], epsilon, "applicant", by=boss_user, reason="x")
    move_home(delegate_user, alpha)
    with tenant_context(beta):
        wide = Group.objects.create(name="审计员")
        wide.permissions.add(*Permission.objects.filter(codename__endswith="_group"))
        held = [wide, *groups_of(["editor"])]
    set_groups(people["with_wider_rights"], beta, held)
    for user in people.values():
        if user.second_factor_since is None:
            equip(user)
        AccessAttempt.objects.create(
            username=user.email, ip_address="10.0.0.1", failures_since_start=4
        )
    suspension.suspend(people["suspended_delegate"], "x")
    return World(alpha, beta, epsilon, people, delegate_user)


def attempt(world: World, act: Callable[[], Any]) -> bool:
    """Does the act change anything? Nothing of it is left."""
    mail.outbox.clear()
    before = state(world)
    with transaction.atomic():
        act()
        changed = state(world) != before or bool(mail.outbox)
        transaction.set_rollback(True)
    mail.outbox.clear()
    return changed


OTHERS = [
    "platform_admin",
    "of_another_branch",
    "of_both",
    "at_home_elsewhere",
    "higher_delegate",
    "suspended_delegate",
    "equal_delegate",
    "applicant_elsewhere",
    "of_the_control_site",
    "at_home_on_control",
    "with_wider_rights",
]


@pytest.mark.parametrize("path", ACCOUNT_WIDE)
def test_acts_on_an_account(world: World, delegate: Client, path: str) -> None:
    def post(name: str) -> Any:
        return delegate.post(f"{PEOPLE}{world.people[name].pk}/{path}", ACCOUNT_WIDE[path])

    if path == "reinstate/":
        suspension.suspend(world.people["mine"], "x")
    assert attempt(world, lambda: post("mine")), "the act works on nobody"
    for name in OTHERS:
        assert not attempt(world, partial(post, name)), name
    if path != "profile/":
        assert not attempt(world, lambda: post("oneself"))


@pytest.mark.parametrize("path", PLATFORM)
def test_acts_of_platform_admins(world: World, delegate: Client, boss: Client, path: str) -> None:
    def post(client: Client, name: str) -> Any:
        return client.post(f"{PEOPLE}{world.people[name].pk}/{path}", PLATFORM[path](world))

    someone = {"home/": "at_home_elsewhere", "demote/": "platform_admin"}.get(path, "mine")
    assert attempt(world, lambda: post(boss, someone)), "the act works on nobody"
    for name in ("mine", "oneself", *OTHERS):
        assert not attempt(world, partial(post, delegate, name)), name


def test_memberships_beyond_the_branch(world: World, delegate: Client) -> None:
    forms: dict[str, dict[str, Any]] = {"end/": {"reason": "x"}, "roles/": {"groups": ["审核员"]}}
    for path, form in forms.items():
        mine = f"{PEOPLE}{world.people['of_both'].pk}/sites/{world.beta.id}/{path}"
        theirs = f"{PEOPLE}{world.people['of_both'].pk}/sites/{world.epsilon.id}/{path}"
        assert attempt(world, partial(delegate.post, mine, form))
        assert not attempt(world, partial(delegate.post, theirs, form))
        assert delegate.post(theirs, form).status_code == 404
        root = f"{PEOPLE}{world.people['platform_admin'].pk}/sites/{world.beta.id}/{path}"
        assert not attempt(world, partial(delegate.post, root, form))


def test_a_group_with_wider_rights_is_neither_given_nor_taken(
    world: World, delegate: Client
) -> None:
    beta = world.beta
    mine = f"{PEOPLE}{world.people['mine'].pk}/sites/{beta.id}/roles/"
    assert delegate.post(mine, {"groups": ["审计员"]}).status_code == 200  # at the field
    wide = f"{PEOPLE}{world.people['with_wider_rights'].pk}/sites/{beta.id}/"
    delegate.post(f"{wide}roles/", {"groups": []})
    delegate.post(f"{wide}end/", {"reason": "x"})
    held = Membership.objects.get(user=world.people["with_wider_rights"], tenant_id=beta.id)
    assert "审计员" in held.roles
    assert held.ended_at is None
    assert Membership.objects.get(user=world.people["mine"], tenant_id=beta.id).roles == ["editor"]


def test_nobody_is_added_beyond_the_branch(world: World, delegate: Client, control: Site) -> None:
    for site in (world.epsilon, control):
        wanted = {"sites": [site.id], "roles": ["site_admin"]}
        for name in ("mine", "oneself", "of_both"):
            path = f"{PEOPLE}{world.people[name].pk}/add/"
            assert not attempt(world, partial(delegate.post, path, wanted))
        form = {"email": world.delegate.email, "name": "我", **wanted}
        assert not attempt(world, partial(delegate.post, f"{PEOPLE}invite/", form))


def test_invitations_of_others(world: World, delegate: Client) -> None:
    with tenant_context(world.epsilon):
        asked = invite(
            world.people["mine"].email, world.epsilon, groups_of(["editor"]), name="x"
        ).invitation
    for act in ("resend", "withdraw"):
        path = f"{PEOPLE}{world.people['mine'].pk}/asked/{asked.pk}/{act}/"
        assert not attempt(world, partial(delegate.post, path))
    assert Invitation.objects.filter(pk=asked.pk, closed_at=None).exists()


def test_the_verbs_refuse_whatever_the_screens_do(world: World) -> None:
    """Known-bad screens: as if a view had asked nothing."""
    by = world.delegate
    acts: list[Callable[[User], Any]] = [
        lambda user: suspension.suspend(user, "x", by=by),
        lambda user: suspension.reinstate(user, by=by),
        lambda user: assistance.reset_second_factor(user, "x", by=by),
        lambda user: assistance.require_second_factor(user, True, "x", by=by),
        lambda user: assistance.unlock(user, by=by),
        lambda user: profiles.mail_one_time_link(user, world.beta, by=by),
        lambda user: profiles.ask_for_address(user, "x@evil.example", world.beta, by=by),
        lambda user: profiles.edit(user, world.beta, by=by, first_name="改名"),
        lambda user: profiles.edit(user, world.beta, by=by, is_superuser=not user.is_superuser),
        lambda user: move_home(user, world.beta, by=by),
    ]
    for name in OTHERS:
        user = User.everyone.get(pk=world.people[name].pk)
        for act in acts:
            with at_home(user), transaction.atomic(), pytest.raises(MembershipError):
                act(user)


def test_site_admins_dont_look_after_delegates_at_home_there(world: World) -> None:
    """Else a delegate would make themselves admin of that site and take over a higher one."""
    admin = add_member("admin@escalation.example", world.beta, ["site_admin"], name="镇管")[0]
    acts: list[Callable[[User], Any]] = [
        lambda user: suspension.suspend(user, "x", by=admin),
        lambda user: assistance.reset_second_factor(user, "x", by=admin),
        lambda user: profiles.ask_for_address(user, "x@evil.example", world.beta, by=admin),
        lambda user: profiles.mail_one_time_link(user, world.beta, by=admin),
    ]
    for name in ("higher_delegate", "suspended_delegate", "equal_delegate", "applicant_elsewhere"):
        user = User.everyone.get(pk=world.people[name].pk)
        for act in acts:
            with tenant_context(world.beta), transaction.atomic(), pytest.raises(MembershipError):
                act(user)
    mine = User.everyone.get(pk=world.people["mine"].pk)
    with tenant_context(world.beta):
        acts[-1](mine)


def test_a_branch_that_has_ended_is_no_branch(
    world: World, delegate: Client, boss_user: User
) -> None:
    given = Delegation.objects.get(user=world.delegate, ended_at=None)
    path = f"{PEOPLE}{world.people['mine'].pk}/suspend/"
    delegation.end(given, by=boss_user, reason="x")
    assert not attempt(world, lambda: delegate.post(path, ACCOUNT_WIDE["suspend/"]))


def test_every_act_on_a_person_is_tried() -> None:
    """A new act must be put into one of the tables above, or be tried by a test of its own."""
    own = {"", "add/", "end-all/"}
    tried = {*ACCOUNT_WIDE, *PLATFORM, *own}
    found = set()
    for pattern in _console():
        start = "people/<int:pk>/"
        if pattern.startswith(start) and "<" not in pattern.removeprefix(start):
            found.add(pattern.removeprefix(start))
    assert found == tried


def _console() -> list[str]:
    for admin in get_resolver().url_patterns:
        for inner in getattr(admin, "url_patterns", []):
            if getattr(inner, "namespace", None) == "console":
                return [str(each.pattern) for each in inner.url_patterns]
    raise LookupError
