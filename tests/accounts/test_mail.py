"""Every mail leads to the admin host of its recipient's own site, and reaches members alone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client
from wagtail.admin.mail import send_notification as in_use
from wagtail.admin.views.pages import edit
from wagtail.models import Page, PageSubscription, Workflow

from sitecluster.accounts import mail
from sitecluster.accounts.invitations import invite
from sitecluster.accounts.membership import end_membership
from sitecluster.accounts.models import User
from sitecluster.accounts.profiles import ask_for_address, mail_one_time_link
from sitecluster.cms.models import ArticlePage, ColumnPage
from sitecluster.rights.roles import REVIEWER, groups_of
from sitecluster.tenancy import tenant_context
from tenants.directory import Site

MakeMember = Callable[..., User]
Browse = Callable[..., Client]


def hosts(mails: list[Any]) -> set[str]:
    """Scheme, host and port of every address in the mails."""
    return {host for each in mails for host in re.findall(r"https?://[^/\s]+", each.body)}


def home_of(site: Site) -> str:
    return site.admin_url.removesuffix("/admin/")


def submit(editor: User) -> Page:
    """A new article in the active site, sent to the review."""
    column = ColumnPage.objects.live().first()
    assert column
    body = [("text", "<p>正文</p>")]
    page = ArticlePage(title="新的文章", source="办公室", body=body, live=False)
    column.add_child(instance=page)
    page.save_revision(user=editor)
    Workflow.objects.get().start(page, editor)
    return page


@pytest.fixture(params=["alpha", "beta"])
def site(request: Any, alpha: Site, beta: Site) -> Site:
    """Each of two sites."""
    return alpha if request.param == "alpha" else beta


def test_a_reviewer_is_told_where_to_go(
    alpha: Site, beta: Site, member: MakeMember, mailoutbox: list[Any]
) -> None:
    for place in (alpha, beta):
        name = place.code
        editor = member(f"editor@{name}.example", place, "editor")
        member(f"reviewer@{name}.example", place, REVIEWER.code)
        with tenant_context(place):
            assert Group.objects.filter(name=REVIEWER.name).exists()
            submit(editor)
        assert [each.to for each in mailoutbox] == [[f"reviewer@{name}.example"]]
        body = mailoutbox.pop().body
        assert f"{place.admin_url}pages/" in body
        assert body.count("http://") == body.count(f"http://{place.admin_host}")


def test_reviews_tell_members_and_their_platform_admins_alone(
    alpha: Site, beta: Site, member: MakeMember, mailoutbox: list[Any]
) -> None:
    editor, reviewer = member("e@example.cn", alpha, "editor"), member("r@x.cn", alpha, "reviewer")
    member("root@here.example", alpha, is_superuser=True)
    member("root@elsewhere.example", beta, is_superuser=True)
    both = member("both@example.cn", alpha, "reviewer")
    member("both@example.cn", beta, "reviewer")
    end_membership(both, alpha)
    with tenant_context(alpha):
        page = submit(editor)
        assert {each.to[0] for each in mailoutbox} == {"r@x.cn", "root@here.example"}
        mailoutbox.clear()
        end_membership(editor, alpha)
        page.current_workflow_task_state.approve(user=reviewer)
    assert "e@example.cn" not in {each.to[0] for each in mailoutbox}


@pytest.mark.parametrize("act", ["approve", "reject"])
def test_an_author_learns_of_the_review(
    site: Site, member: MakeMember, mailoutbox: list[Any], act: str
) -> None:
    editor, reviewer = member("e@x.cn", site, "editor"), member("r@x.cn", site, "reviewer")
    with tenant_context(site):
        page = submit(editor)
        mailoutbox.clear()
        getattr(page.current_workflow_task_state, act)(user=reviewer)
    assert [each.to for each in mailoutbox] == [["e@x.cn"]]
    assert site.address
    assert hosts(mailoutbox) <= {home_of(site), site.address.root_url}
    assert "/admin/" not in mailoutbox[0].body.replace(site.admin_url, "")


def test_comments_reach_subscribers_who_are_members(
    site: Site, beta: Site, gamma: Site, member: MakeMember, mailoutbox: list[Any]
) -> None:
    assert edit.send_notification is in_use is mail.send_notification
    here, gone = member("here@x.cn", site, "editor"), member("gone@x.cn", site, "editor")
    elsewhere = member("elsewhere@x.cn", gamma, is_superuser=True)
    end_membership(gone, site)
    with tenant_context(site):
        page = ColumnPage.objects.live().first()
        assert page
        for user in (here, gone, elsewhere):
            PageSubscription.objects.create(user=user, page=page, comment_notifications=True)
        kinds = ("new_comments", "resolved_comments", "deleted_comments", "replied_comments")
        facts = {"page": page, "editor": here, **{kind: [] for kind in kinds}}
        people = [each.user for each in PageSubscription.objects.filter(page=page)]
        edit.send_notification(people, "updated_comments", facts)
    assert [each.to for each in mailoutbox] == [["here@x.cn"]]
    assert hosts(mailoutbox) == {home_of(site)}


def test_an_ended_membership_takes_the_subscriptions(alpha: Site, member: MakeMember) -> None:
    user = member("a@x.cn", alpha, "editor")
    with tenant_context(alpha):
        page = ColumnPage.objects.live().first()
        PageSubscription.objects.create(user=user, page=page, comment_notifications=True)
        end_membership(user, alpha)
        assert not PageSubscription.objects.exists()


def test_our_own_mails_name_the_site_that_sends(
    site: Site, gamma: Site, member: MakeMember, browse: Browse, mailoutbox: list[Any]
) -> None:
    boss, user = member("boss@x.cn", site, "site_admin"), member("a@x.cn", site, "editor")
    with tenant_context(site):
        invite("new@x.cn", site, groups_of(["editor"]), name="新", by=boss)
    mail_one_time_link(user, site, by=boss)
    ask_for_address(user, "b@x.cn", site, by=boss)
    browse(site).post("/admin/password_reset/", {"email": "a@x.cn"})
    browse(gamma).post("/admin/password_reset/", {"email": "a@x.cn"})
    assert [each.to[0] for each in mailoutbox] == ["new@x.cn", "a@x.cn", "b@x.cn", "a@x.cn"]
    for each in mailoutbox:
        assert hosts([each]) == {home_of(site)}, each.subject


def test_every_kind_of_mail_of_ours_is_sent_in_these_tests() -> None:
    folder = settings.ROOT / "platform/sitecluster/accounts/templates/accounts/mail"
    names = {path.stem for path in folder.glob("*.txt") if "_subject" not in path.stem}
    linking = {"invitation", "one_time_link", "new_address"}
    assert names == {*linking, "address_changed"}
    for name in names - linking:
        assert "link" not in (folder / f"{name}.txt").read_text()


def test_the_shared_schema_has_no_admin_host_of_its_own(settings: Any) -> None:
    assert mail.admin_root_url() == settings.WAGTAILADMIN_BASE_URL
