"""The roles of a site: groups in its own schema, made from what is declared here.

A column maintainer's pages are given column by column, beside what stands here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group, Permission
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

from .models import UserGroup, UserPermission


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role: its code, the name of its group (data, hence Chinese) and what it may do.

    ``pages`` are kinds of page permission on the whole tree; ``collections`` are permissions
    on all collections of images and documents; ``permissions`` hold for the site.
    """

    code: str
    name: str
    permissions: tuple[str, ...] = ("wagtailadmin.access_admin",)
    pages: tuple[str, ...] = ()
    collections: tuple[str, ...] = ("wagtailimages.choose_image", "wagtaildocs.choose_document")


COLUMN_MAINTAINER = Role(code="column_maintainer", name="栏目维护员")
EDITOR = Role(
    code="editor",
    name="编辑",
    permissions=(*COLUMN_MAINTAINER.permissions, "wagtail_localize.submit_translation"),
    pages=("add_page", "change_page"),
    collections=(
        *COLUMN_MAINTAINER.collections,
        "wagtailimages.add_image",
        "wagtailimages.change_image",
        "wagtaildocs.add_document",
        "wagtaildocs.change_document",
    ),
)
REVIEWER = Role(
    code="reviewer",
    name="审核员",
    permissions=(*EDITOR.permissions, "feedback.view_message", "feedback.change_message"),
    pages=(*EDITOR.pages, "publish_page", "bulk_delete_page", "lock_page", "unlock_page"),
    collections=EDITOR.collections,
)
SITE_ADMIN = Role(
    code="site_admin",
    name="站点管理员",
    permissions=(
        *REVIEWER.permissions,
        "accounts.add_user",
        "accounts.change_user",
        "accounts.delete_user",  # ends a membership
        "audit.view_entry",
        "cms.change_siteidentity",
        "feedback.change_feedbacksettings",
        "feedback.delete_message",
        "tasks.view_queuedtask",
        "tasks.change_queuedtask",  # lets a failed one run again
        "wagtailredirects.add_redirect",
        "wagtailredirects.change_redirect",
        "wagtailredirects.delete_redirect",
    ),
    pages=REVIEWER.pages,
    collections=(
        *REVIEWER.collections,
        "wagtailcore.add_collection",
        "wagtailcore.change_collection",
        "wagtailcore.delete_collection",
    ),
)
ROLES = {role.code: role for role in (SITE_ADMIN, REVIEWER, EDITOR, COLUMN_MAINTAINER)}
CODES = {role.name: role.code for role in ROLES.values()}
WORKFLOW = "审核流程"
WAGTAILS_OWN_GROUPS = ("Editors", "Moderators")
WAGTAILS_OWN_WORKFLOW = "Moderators approval"


def install_roles() -> dict[str, Group]:
    """Make or mend the groups of the roles in the active schema; a second run changes nothing.

    Returns the groups by role code. Raises LookupError for a permission that the schema lacks.
    Wagtail's own two groups go; rights that were given beside ours, by plugins and on single
    columns, stay.
    """
    Group.objects.filter(name__in=WAGTAILS_OWN_GROUPS).delete()
    return {code: _install(role) for code, role in ROLES.items()}


def _install(role: Role) -> Group:
    group = Group.objects.get_or_create(name=role.name)[0]
    group.permissions.add(*_permissions(role.permissions))
    root = Page.get_first_root_node()
    wanted = _permissions(f"wagtailcore.{codename}" for codename in role.pages)
    on_root = GroupPagePermission.objects.filter(group=group, page=root)
    on_root.exclude(permission__in=wanted).delete()
    for permission in wanted:
        on_root.get_or_create(group=group, page=root, permission=permission)
    everything = Collection.get_first_root_node()
    wanted = _permissions(role.collections)
    on_everything = GroupCollectionPermission.objects.filter(group=group, collection=everything)
    on_everything.exclude(permission__in=wanted).delete()
    for permission in wanted:
        on_everything.get_or_create(group=group, collection=everything, permission=permission)
    return group


def _permissions(names: Iterable[str]) -> list[Permission]:
    found = []
    for name in names:
        app_label, codename = name.split(".")
        try:
            found.append(
                Permission.objects.get(content_type__app_label=app_label, codename=codename)
            )
        except Permission.DoesNotExist:
            raise LookupError(f"This schema has no permission {name}.") from None
    return found


def allow(role: str, permissions: Iterable[str]) -> None:
    """Add permissions (``app.codename``) to the group of this role on the active site.

    Raises LookupError for a role or a permission that the site lacks.
    """
    if role not in ROLES:
        raise LookupError(f"There is no role {role}.")
    groups_of([role])[0].permissions.add(*_permissions(permissions))


def install_workflow() -> Workflow:
    """Make the site's review, in one step by reviewers or site admins, for the whole tree.

    Runs after `install_roles`, in the active schema; a second run changes nothing.
    """
    for name in (WAGTAILS_OWN_WORKFLOW,):
        Workflow.objects.filter(name=name).delete()
        GroupApprovalTask.objects.filter(name=name).delete()
    workflow = Workflow.objects.get_or_create(name=WORKFLOW)[0]
    task = GroupApprovalTask.objects.get_or_create(name="审核")[0]
    task.groups.set(Group.objects.filter(name__in=(REVIEWER.name, SITE_ADMIN.name)))
    WorkflowTask.objects.get_or_create(workflow=workflow, task=task, defaults={"sort_order": 0})
    root = Page.get_first_root_node()
    WorkflowPage.objects.update_or_create(page=root, defaults={"workflow": workflow})
    return workflow


def groups_of(codes: Iterable[str]) -> list[Group]:
    """The active site's groups of these roles; raises LookupError for one that it lacks."""
    names = {ROLES[code].name for code in codes}
    groups = list(Group.objects.filter(name__in=names))
    if len(groups) != len(names):
        missing = names - {group.name for group in groups}
        raise LookupError(f"This site has no group {', '.join(sorted(missing))}.")
    return groups


def grant(user: AbstractBaseUser, codes: Iterable[str]) -> None:
    """Add these roles to those that ``user`` has on the active site."""
    give(user, groups_of(codes))


def give(user: AbstractBaseUser, groups: Iterable[Group]) -> None:
    """Add these groups to those that ``user`` has on the active site."""
    for group in groups:
        UserGroup.objects.get_or_create(user_id=user.pk, group=group)


def assign(user: AbstractBaseUser, groups: Iterable[Group]) -> None:
    """Give ``user`` exactly these groups on the active site."""
    wanted = list(groups)
    UserGroup.objects.filter(user_id=user.pk).exclude(group__in=wanted).delete()
    for group in wanted:
        UserGroup.objects.get_or_create(user_id=user.pk, group=group)


def revoke(user: AbstractBaseUser) -> None:
    """Take every group and permission of ``user`` on the active site."""
    assign(user, ())
    UserPermission.objects.filter(user_id=user.pk).delete()


def roles_of(user: AbstractBaseUser) -> list[str]:
    """The codes of the user's roles on the active site; a group that is no role by its name."""
    names = Group.objects.filter(usergroup__user_id=user.pk).values_list("name", flat=True)
    return sorted(CODES.get(name, name) for name in names)
