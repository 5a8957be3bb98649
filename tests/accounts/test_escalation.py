"""Each role tries every write of every view about accounts; none gains what it may not have."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import resolve, reverse
from wagtail.models import APIToken

from sitecluster.accounts.invitations import invite
from sitecluster.accounts.membership import one_time_link
from sitecluster.accounts.models import User
from sitecluster.accounts.profiles import ask_for_address
from sitecluster.rights.roles import ROLES as SITE_ROLES, groups_of
from sitecluster.tenancy import shared_context, tenant_context
from tenants.directory import Site

from . import escalation_members  # noqa: F401 -- notes its attempts
from .escalation import (
    ATTEMPTS,
    PLATFORM_ADMIN,
    ROLES,
    Attempt,
    World,
    account_views,
    powers,
    rights_state,
)
from .escalation_attempts import SHADOWED

MakeMember = Callable[..., User]
Browse = Callable[..., Client]


def _actors(alpha: Site, beta: Site, member: MakeMember) -> dict[str, User | None]:
    found: dict[str, User | None] = {
        role: member(f"{role}@example.cn", alpha, role) for role in SITE_ROLES
    }
    far = member("far@example.cn", beta, "site_admin")
    found |= {
        "without_group": member("nothing@example.cn", alpha),
        "elsewhere": member("elsewhere@example.cn", beta, "editor"),
        "anonymous": None,
        "admin_elsewhere": far,
        "admin_elsewhere_at_home": far,
        PLATFORM_ADMIN: member("chief@example.cn", alpha, is_superuser=True),
    }
    return found


@pytest.fixture
def world(alpha: Site, beta: Site, member: MakeMember, browse: Browse) -> World:
    """Two sites full of people."""
    guest = member("guest@example.cn", beta, "reviewer")
    member(guest.email, alpha, "editor")
    people = {
        "colleague": member("colleague@example.cn", alpha, "editor"),
        "root": member("root@example.cn", alpha, "editor", is_superuser=True),
    }
    with tenant_context(alpha):
        groups = {code: groups_of([code])[0].pk for code in SITE_ROLES}
        wide = Group.objects.create(name="审计员")
        wide.permissions.add(*Permission.objects.filter(codename__endswith="_group"))
        tokens = {
            name: APIToken.create_token(user=user, name="x")[0].pk for name, user in people.items()
        }
        asked = invite("new@example.cn", alpha, groups_of(["editor"]), name="新")
    actors = _actors(alpha, beta, member)
    boss = actors["site_admin"]
    assert boss
    ask_for_address(people["colleague"], "moved@example.cn", alpha, by=boss)
    address = re.search(r"/admin/address/\S+", str(mail.outbox[-1].body))
    assert address
    password = one_time_link(people["colleague"], alpha).replace(alpha.admin_url, "/admin/")
    form = browse(alpha, actors[PLATFORM_ADMIN]).get("/admin/groups/new/").content.decode()
    return World(
        alpha=alpha,
        beta=beta,
        actors=actors,
        guest=guest,
        stranger=member("stranger@example.cn", beta, "editor"),
        groups=groups,
        wide=wide.pk,
        tokens=tokens,
        invitation=asked.invitation,
        links={
            "invitation": asked.link.replace(alpha.admin_url, "/admin/"),
            "password": password,
            "address": address[0],
        },
        forms=dict(re.findall(r'name="(\S+-\w+_FORMS)" value="(\d+)"', form)),
        colleague=people["colleague"],
        root=people["root"],
    )


def test_every_view_about_accounts_is_tried() -> None:
    tried = {attempt.view for attempt in ATTEMPTS} | set(SHADOWED)
    assert tried == account_views()


def test_every_view_has_somebody_who_succeeds() -> None:
    succeeds = {attempt.view for attempt in ATTEMPTS if attempt.by}
    assert succeeds | set(SHADOWED) == account_views()


def test_wagtails_own_views_are_shadowed_by_ours() -> None:
    for name, ours in SHADOWED.items():
        args = ["abc", "set-password"] if "confirm" in name else []
        found = resolve(reverse(name, args=args))
        assert (found.url_name or found.route.removeprefix("admin/")) == ours


def run(attempt: Attempt, world: World, role: str, browse: Browse) -> None:
    """One role's attempt, of which nothing is left."""
    world.role = role
    at_home = role == "admin_elsewhere_at_home"
    if attempt.prepare:
        attempt.prepare(world)
    world.client = browse(world.beta if at_home else world.alpha, world.actors[role])
    mail.outbox.clear()
    may = role in attempt.by
    whose = attempt.whose(world) if attempt.whose and may else None
    before, had = rights_state(world), powers(whose)
    response: Any = attempt.act(world)
    with shared_context():
        after, has = rights_state(world), powers(whose)
    if not may:
        changed = {table for table in before if before[table] != after[table]}
        assert not changed, f"{role}: {attempt} changed {changed}"
    if role != PLATFORM_ADMIN:
        assert {pk: has[pk] for pk in had} == had, f"{role}: {attempt}"
        assert not any(has[pk]["is_superuser"] for pk in has.keys() - had.keys())
    proved = attempt.proof(world, response) if attempt.proof else before != after
    assert proved == may, f"{role}: {attempt} {'failed' if may else 'succeeded'}"


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=str)
def test_no_role_gains_what_it_may_not_have(world: World, browse: Browse, attempt: Attempt) -> None:
    for role in (*ROLES, PLATFORM_ADMIN):
        with transaction.atomic():
            run(attempt, world, role, browse)
            transaction.set_rollback(True)
        for user in {user.pk: user for user in world.actors.values() if user}.values():
            user.refresh_from_db(from_queryset=User.everyone.all())


def test_the_fingerprint_sees_every_kind_of_change(world: World) -> None:
    """Known-bad changes, each of which the comparison must notice."""
    before, had = rights_state(world), powers()
    changes: list[Callable[[], Any]] = [
        lambda: User.everyone.filter(pk=world.colleague.pk).update(is_superuser=True),
        lambda: User.everyone.filter(pk=world.colleague.pk).update(home_site_id=world.beta.id),
        lambda: User.everyone.filter(pk=world.colleague.pk).update(password="x"),
    ]
    for change in changes:
        with transaction.atomic():
            change()
            assert rights_state(world) != before
            assert powers() != had
            transaction.set_rollback(True)
    with transaction.atomic(), tenant_context(world.beta):
        Group.objects.first().user_set.add(world.colleague)  # type: ignore[union-attr]
        assert rights_state(world) != before
        transaction.set_rollback(True)
