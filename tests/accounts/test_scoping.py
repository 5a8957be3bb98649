"""Wagtail's places that show people show those of the active site (verified facts, Identity)."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from wagtail.log_actions import log
from wagtail.models import Collection, Page, Site as WagtailSite, Workflow
from wagtail.permission_policies import AuthenticationOnlyPermissionPolicy, BlanketPermissionPolicy
from wagtail.permissions import policy_registry
from wagtail.users.utils import get_manageable_token_owners

from sitecluster.accounts.membership import end_membership
from sitecluster.accounts.models import User
from sitecluster.cms.models import ArticlePage, ColumnPage
from sitecluster.tenancy import tenant_context
from tenants.directory import Site

MakeMember = Callable[..., User]
Browse = Callable[..., Client]
REPORTS = (
    "/admin/reports/site-history/",
    "/admin/reports/aging-pages/",
    "/admin/reports/locked/",
    "/admin/reports/workflow/",
    "/admin/reports/workflow_tasks/",
    "/admin/reports/page-types-usage/",
    "/admin/pages/",
    "/admin/images/",
    "/admin/documents/",
    "/admin/users/",
    "/admin/",
)


@pytest.fixture
def people(alpha: Site, beta: Site, member: MakeMember) -> dict[str, User]:
    """Members of alpha, one who has left it for beta, and strangers."""
    found = {
        "chief": member("chief@example.cn", alpha, is_superuser=True),
        "editor": member("editor@example.cn", alpha, "reviewer"),
        "leaver": member("leaver@example.cn", alpha, "reviewer"),
        "stranger": member("stranger@example.cn", beta, "site_admin"),
        "strange_root": member("strangeroot@example.cn", beta, is_superuser=True),
    }
    member("leaver@example.cn", beta, "editor")
    with tenant_context(alpha):
        for name in ("editor", "leaver"):
            _work(found[name])
        end_membership(found["leaver"], alpha)
    return found


def _work(user: User) -> None:
    """Leave a trace wherever Wagtail notes a person."""
    column = ColumnPage.objects.live().first()
    assert column
    page = ArticlePage(
        title=f"页面 {user}", source="办", body=[("text", "<p>文</p>")], live=False, owner=user
    )
    column.add_child(instance=page)
    revision = page.save_revision(user=user)
    revision.publish(user=user)
    log(page, "wagtail.edit", user=user)
    log(user, "wagtail.edit", user=user)
    Workflow.objects.get().start(page, user)
    page.refresh_from_db()
    page.locked, page.locked_by = True, user
    page.save()


@pytest.mark.parametrize("path", REPORTS)
def test_lists_and_their_filters_offer_members_alone(
    alpha: Site, people: dict[str, User], browse: Browse, path: str
) -> None:
    answer = browse(alpha, people["chief"]).get(path)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "strange" not in text
    assert "leaver@example.cn" not in text
    choices = re.findall(r'<(?:option|input)[^>]*value="(\d+)"[^>]*>\s*([^<]*)', text)
    offered = {label.strip() for _value, label in choices}
    assert not any("leaver" in label for label in offered)


def test_whoever_has_left_stays_the_author_by_name(
    alpha: Site, people: dict[str, User], browse: Browse
) -> None:
    text = browse(alpha, people["chief"]).get("/admin/reports/site-history/").content.decode()
    assert "leaver" in text
    assert "leaver@" not in text


def test_a_filter_by_somebody_else_finds_nothing(
    alpha: Site, people: dict[str, User], browse: Browse
) -> None:
    client = browse(alpha, people["chief"])
    for who in ("leaver", "stranger"):
        for name in ("user", "owner", "edited_by", "locked_by", "requested_by"):
            for path in REPORTS:
                text = client.get(path, {name: people[who].pk}).content.decode()
                assert "strange" not in text, (path, name)


def test_whoever_a_permission_names_is_a_member(alpha: Site, people: dict[str, User]) -> None:
    members = {people["chief"], people["editor"]}
    policies: list[Any] = [policy_registry.get_by_type(model) for model in _models()]
    policies += [BlanketPermissionPolicy(Page), AuthenticationOnlyPermissionPolicy(Page)]
    with tenant_context(alpha):
        for policy in policies:
            for action in ("add", "change", "delete", "publish", "view"):
                assert set(policy.users_with_permission(action)) <= members, policy
                assert set(policy.users_with_any_permission([action])) <= members, policy
        assert set(policies[-1].users_with_permission("add")) == members
        assert set(get_manageable_token_owners(people["chief"])) == members


def _models() -> list[Any]:
    return [Page, User, Group, Collection, WagtailSite, Workflow]


def test_a_page_and_its_history_name_no_stranger(
    alpha: Site, people: dict[str, User], browse: Browse
) -> None:
    client = browse(alpha, people["chief"])
    with tenant_context(alpha):
        pages = list(ArticlePage.objects.filter(title__startswith="页面"))
    assert len(pages) == 2
    for page in pages:
        for view in ("edit", "history", "workflow_history", "usage"):
            url = reverse(f"wagtailadmin_pages:{view}", args=[page.pk])
            text = client.get(url).content.decode()
            assert "strange" not in text, view
            assert "leaver@" not in text, view
