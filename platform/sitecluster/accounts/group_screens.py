"""Groups of a site: platform admins alone decide what a role may do.

Whoever else could would hand rights to themselves; site admins give the groups that there are.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpResponse
from wagtail.models import GroupCollectionPermission, GroupPagePermission
from wagtail.users.views import groups

from sitecluster.audit.trail import record
from sitecluster.rights.roles import CODES
from sitecluster.tenancy import required_tenant

from .forms import RoleGroupForm
from .membership import mirror_again
from .models import User


class Recorded:
    """Notes in the audit what a group could do before and after."""

    request: Any
    object: Any

    def process_form(self) -> HttpResponse:
        before = rights_of(self.object) if self.object.pk else None
        with transaction.atomic():
            response: HttpResponse = super().process_form()  # type: ignore[misc]
            after = rights_of(self.object) if self.object.pk else None
            if after is not None and after != before:
                act = "group.edited" if before else "group.made"
                by = self.request.user
                record(act, by=by, subject=self.object.name, before=before, after=after)
                mirror_again(holders_of(self.object), required_tenant())
        return response


def holders_of(group: Group) -> list[User]:
    """The members who have the group."""
    return list(User.objects.filter(groups=group))


def rights_of(group: Group) -> dict[str, list[str]]:
    """The group's name and rights, as the audit notes them."""
    site = group.permissions.values_list("content_type__app_label", "codename")
    pages = GroupPagePermission.objects.filter(group_id=group.pk)
    collections = GroupCollectionPermission.objects.filter(group_id=group.pk)
    name = Group.objects.values_list("name", flat=True).get(pk=group.pk)
    return {
        "name": [name],
        "site": sorted(".".join(names) for names in site),
        "pages": _placed(pages.values_list("page_id", "permission__codename")),
        "collections": _placed(collections.values_list("collection_id", "permission__codename")),
    }


def _placed(rows: Iterable[tuple[int, str]]) -> list[str]:
    return sorted(f"{place}: {codename}" for place, codename in rows)


class GroupCreateView(Recorded, groups.CreateView):
    """Makes a group."""


class GroupEditView(Recorded, groups.EditView):
    """Changes a group."""


class GroupDeleteView(groups.DeleteView):
    """The groups of the roles stay."""

    def get_queryset(self) -> Any:
        return super().get_queryset().exclude(name__in=CODES)

    def delete_action(self) -> None:
        with transaction.atomic():
            before, name = rights_of(self.object), self.object.name
            holders = holders_of(self.object)
            super().delete_action()
            mirror_again(holders, required_tenant())
            record("group.removed", by=self.request.user, subject=name, before=before)


class RoleGroupViewSet(groups.GroupViewSet):
    """Groups of the active site."""

    add_view_class = GroupCreateView
    edit_view_class = GroupEditView
    delete_view_class = GroupDeleteView

    def get_form_class(self, for_update: bool = False) -> Any:
        return RoleGroupForm
