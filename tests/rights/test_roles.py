"""The roles of every site, made from blueprints."""

import pytest
from django.contrib.auth.models import Group
from wagtail.models import GroupApprovalTask, GroupPagePermission, Page, Workflow

from sitecluster.rights import roles
from sitecluster.tenancy import tenant_context
from tenants.directory import Site


def test_sites_have_the_four_groups_and_not_wagtails_own(alpha: Site, beta: Site) -> None:
    for site in (alpha, beta):
        with tenant_context(site):
            names = set(Group.objects.values_list("name", flat=True))
            assert names == {"站点管理员", "审核员", "编辑", "栏目维护员"}


def test_install_roles_twice_changes_nothing(within: Site) -> None:
    def state() -> set[tuple[object, ...]]:
        pages = GroupPagePermission.objects.values_list("pk", "group_id", "permission_id")
        return {*pages, *Group.permissions.through.objects.values_list("group_id", "permission_id")}

    before = state()
    roles.install_roles()
    roles.install_workflow()
    assert state() == before


def test_install_roles_mends_a_group_but_keeps_rights_on_a_column(within: Site) -> None:
    maintainer = Group.objects.get(name=roles.COLUMN_MAINTAINER.name)
    column = Page.objects.filter(depth=3).first()
    permission = GroupPagePermission.objects.first().permission
    GroupPagePermission.objects.create(group=maintainer, page=column, permission=permission)
    root = Page.get_first_root_node()
    GroupPagePermission.objects.create(group=maintainer, page=root, permission=permission)
    roles.install_roles()
    kept = GroupPagePermission.objects.filter(group=maintainer)
    assert list(kept.values_list("page_id", flat=True)) == [column.pk]


@pytest.mark.parametrize(
    ("code", "pages"),
    [
        ("column_maintainer", set()),
        ("editor", {"add_page", "change_page"}),
        (
            "reviewer",
            {
                "add_page",
                "change_page",
                "publish_page",
                "bulk_delete_page",
                "lock_page",
                "unlock_page",
            },
        ),
    ],
)
def test_page_permissions_lie_on_the_root(within: Site, code: str, pages: set[str]) -> None:
    group = Group.objects.get(name=roles.ROLES[code].name)
    permissions = GroupPagePermission.objects.filter(group=group)
    given = permissions.values_list("permission__codename", "page__depth")
    assert set(given) == {(codename, 1) for codename in pages}


def test_only_site_admins_manage_members_and_nobody_groups(within: Site) -> None:
    def holders(codename: str) -> list[str]:
        return sorted(
            roles.CODES[name]
            for name in Group.objects.filter(permissions__codename=codename).values_list(
                "name", flat=True
            )
        )

    assert holders("change_user") == ["site_admin"]
    assert holders("change_siteidentity") == ["site_admin"]
    assert holders("change_group") == holders("change_site") == []
    assert len(holders("access_admin")) == 4


def test_reviewers_and_site_admins_approve(within: Site) -> None:
    workflow = Workflow.objects.get()
    assert workflow.name == "审核流程"
    task = GroupApprovalTask.objects.get()
    assert {roles.CODES[g.name] for g in task.groups.all()} == {"reviewer", "site_admin"}
    home = Page.objects.get(depth=2)
    assert home.get_workflow() == workflow


def test_groups_of_a_schema_without_roles_is_an_error(within: Site) -> None:
    Group.objects.filter(name="编辑").delete()
    with pytest.raises(LookupError):
        roles.groups_of(["editor", "reviewer"])
