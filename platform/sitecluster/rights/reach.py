"""What a person may hand on: nobody gives a right on a site that they lack there."""

from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet
from wagtail.models import GroupCollectionPermission, GroupPagePermission

from .models import UserGroup, UserPermission
from .roles import CODES, SITE_ADMIN

PlacedRight = tuple[str, int]  # the path of a page or collection, and a permission


def groups_within(actor: AbstractBaseUser) -> QuerySet[Group]:
    """The active site's groups which ``actor`` may give and take.

    A platform admin: all. Others: those that hold no right which the actor lacks; a site admin
    also the groups of the four roles, whatever has been added to them.
    """
    every = Group.objects.all()
    if getattr(actor, "is_superuser", False):
        return every
    groups = dict(every.values_list("pk", "name"))
    own = set(UserGroup.objects.filter(user_id=actor.pk).values_list("group_id", flat=True))
    beside = UserPermission.objects.filter(user_id=actor.pk)
    return every.filter(
        pk__in=_reached(own, set(beside.values_list("permission_id", flat=True)), groups)
    )


def groups_within_admin() -> QuerySet[Group]:
    """The active site's groups which its site admins may give and take."""
    every = Group.objects.all()
    groups = dict(every.values_list("pk", "name"))
    own = {pk for pk, name in groups.items() if name == SITE_ADMIN.name}
    return every.filter(pk__in=_reached(own, set(), groups))


def _reached(own: set[int], beside: set[int], groups: dict[int, str]) -> set[int]:
    """Which of ``groups`` who holds the groups ``own`` and the permissions ``beside`` may give."""
    allowed = own | _no_wider(own, beside, groups)
    if any(groups.get(pk) == SITE_ADMIN.name for pk in own):
        allowed |= {pk for pk, name in groups.items() if name in CODES}
    return allowed


def _no_wider(own: set[int], beside: set[int], groups: Iterable[int]) -> set[int]:
    rights: dict[int, set[int]] = {}
    for group_id, permission in Permission.objects.filter(group__isnull=False).values_list(
        "group__pk", "pk"
    ):
        rights.setdefault(group_id, set()).add(permission)
    held = beside.union(*(rights.get(pk, set()) for pk in own))
    placed = [
        _placed(GroupPagePermission, "page__path"),
        _placed(GroupCollectionPermission, "collection__path"),
    ]
    return {
        pk
        for pk in groups
        if rights.get(pk, set()) <= held and all(_covered(pk, own, kind) for kind in placed)
    }


def _placed(model: type, path: str) -> dict[int, set[PlacedRight]]:
    found: dict[int, set[PlacedRight]] = {}
    rows = model._default_manager.values_list("group_id", path, "permission_id")  # type: ignore[attr-defined]
    for group_id, place, permission in rows:
        found.setdefault(group_id, set()).add((place, permission))
    return found


def _covered(group: int, own: set[int], placed: dict[int, set[PlacedRight]]) -> bool:
    """Does each right of ``group`` lie at or below a place where the actor has it?"""
    held = set().union(*(placed.get(pk, set()) for pk in own))
    return all(
        any(place.startswith(above) and permission == right for above, right in held)
        for place, permission in placed.get(group, set())
    )
