"""What is tried on the screens of members, groups and tokens."""

from typing import Any

from django.urls import reverse

from sitecluster.accounts.models import User
from sitecluster.accounts.suspension import suspend

from .escalation import PLATFORM_ADMIN, World, attempt
from .escalation_attempts import AT_HOME, BOSSES, NOBODY, PLATFORM


def bulk(action: str, *people: User) -> str:
    url = reverse("wagtail_bulk_action", args=["accounts", "user", action])
    return f"{url}?{'&'.join(f'id={user.pk}' for user in people)}"


def edited(world: World, user: User, *roles: str, **data: Any) -> Any:
    fields = {"email": user.email, "first_name": user.first_name, **data}
    groups = [world.groups[role] for role in roles]
    return world.post(f"/admin/users/edit/{user.pk}/", **{"groups": groups, **fields})


@attempt("wagtailusers_users:add", BOSSES | {AT_HOME})
def add(world: World) -> Any:
    groups = [world.groups["editor"]]
    return world.post("/admin/users/new/", email="n@x.cn", first_name="x", groups=groups)


@attempt("wagtailusers_users:add", PLATFORM)
def add_with_more(world: World) -> Any:
    return world.post("/admin/users/new/", email="n@x.cn", first_name="x", groups=[world.wide])


@attempt("wagtailusers_users:edit", BOSSES)
def edit(world: World) -> Any:
    return edited(world, world.colleague, "reviewer", first_name="新名")


@attempt("wagtailusers_users:edit", PLATFORM)
def edit_oneself(world: World) -> Any:
    edited(world, world.actor, "site_admin", groups=[world.groups["site_admin"], world.wide])
    if world.role != "site_admin":  # who has it
        edited(world, world.actor, "site_admin")


@attempt("wagtailusers_users:edit", NOBODY)
def make_oneself_platform_admin(world: World) -> Any:
    roles = {"site_admin", "reviewer", "editor", "column_maintainer"} & {world.role}
    return edited(world, world.actor, *(roles or {"editor"}) - {PLATFORM_ADMIN}) if roles else None


@attempt("wagtailusers_users:edit", PLATFORM | {AT_HOME})
def take_over_others(world: World) -> Any:
    edited(world, world.guest, "editor", email="evil@x.cn", first_name="x")
    edited(world, world.root, "editor", email="evil2@x.cn", first_name="x")


@attempt("wagtailusers_users:edit", NOBODY)
def edit_a_stranger(world: World) -> Any:
    if world.role != AT_HOME:
        edited(world, world.stranger, "site_admin", email="evil@x.cn")


@attempt("wagtailusers_users:delete", BOSSES)
def delete(world: World) -> Any:
    return world.post(f"/admin/users/delete/{world.colleague.pk}/")


@attempt("wagtailusers_users:delete", PLATFORM)
def delete_a_platform_admin(world: World) -> Any:
    return world.post(f"/admin/users/delete/{world.root.pk}/")


@attempt("wagtailusers_users:delete", NOBODY)
def delete_oneself_or_a_stranger(world: World) -> Any:
    for user in (
        (world.actor,)
        if world.role == AT_HOME
        else (
            *([world.actor] if world.role != "anonymous" else []),
            world.stranger,
        )
    ):
        world.post(f"/admin/users/delete/{user.pk}/")


@attempt("wagtailusers_users:resend_invitation", BOSSES)
def resend(world: World) -> Any:
    return world.post(f"/admin/users/invitations/{world.invitation.pk}/resend/")


@attempt("wagtailusers_users:withdraw_invitation", BOSSES)
def withdraw(world: World) -> Any:
    return world.post(f"/admin/users/invitations/{world.invitation.pk}/withdraw/")


@attempt("wagtail_bulk_action", BOSSES | {AT_HOME})
def bulk_end(world: World) -> Any:
    return world.post(bulk("delete", world.colleague, world.stranger))


@attempt("wagtail_bulk_action", PLATFORM)
def bulk_end_of_a_platform_admin(world: World) -> Any:
    return world.post(bulk("delete", world.root))


@attempt("wagtail_bulk_action", BOSSES)
def bulk_role(world: World) -> Any:
    role = world.groups["site_admin"]
    return world.post(bulk("assign_role", world.colleague), role=role)


@attempt("wagtail_bulk_action", PLATFORM)
def bulk_wide_role(world: World) -> Any:
    for user in (world.actor, world.colleague):
        world.post(bulk("assign_role", user), role=world.wide)


@attempt("wagtail_bulk_action", BOSSES | {AT_HOME})
def bulk_suspend(world: World) -> Any:
    people = (world.colleague, world.guest)
    return world.post(bulk("set_active_state", *people), suspend="True", reason="x")


@attempt("wagtail_bulk_action", PLATFORM | {AT_HOME})
def bulk_suspend_others(world: World) -> Any:
    people = (world.root, world.guest)
    return world.post(bulk("set_active_state", *people), suspend="True", reason="x")


@attempt("wagtail_bulk_action", PLATFORM | {AT_HOME}, prepare=lambda w: suspend(w.guest, "离职"))
def bulk_reinstate(world: World) -> Any:
    return world.post(bulk("set_active_state", world.guest), suspend="False", reason="")


@attempt("wagtailusers_groups:add", PLATFORM)
def add_group(world: World) -> Any:
    return world.post("/admin/groups/new/", name="新组", **world.forms)


@attempt("wagtailusers_groups:edit", PLATFORM)
def edit_group(world: World) -> Any:
    for role in ("site_admin", "reviewer", "editor", "column_maintainer"):
        path = f"/admin/groups/edit/{world.groups[role]}/"
        world.post(path, name=f"x{role}", **world.forms)


@attempt("wagtailusers_groups:delete", PLATFORM)
def delete_group(world: World) -> Any:
    return world.post(f"/admin/groups/delete/{world.wide}/")


@attempt("wagtailusers_api_tokens:add", PLATFORM)
def add_token(world: World) -> Any:
    return world.post("/admin/api-tokens/new/", name="x", user=world.actor.pk)


@attempt("wagtailusers_api_tokens:add", NOBODY)
def add_token_of_another(world: World) -> Any:
    for user in (world.root, world.guest, world.stranger):
        world.post("/admin/api-tokens/new/", name="x", user=user.pk)


@attempt("wagtailusers_api_tokens:edit", PLATFORM)
def edit_token(world: World) -> Any:
    return world.post(f"/admin/api-tokens/edit/{world.tokens['colleague']}/", name="y")


@attempt("wagtailusers_api_tokens:delete", PLATFORM)
def delete_token(world: World) -> Any:
    return world.post(f"/admin/api-tokens/delete/{world.tokens['root']}/")
