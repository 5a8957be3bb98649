"""Wagtail's notifications lead to the admin host of the site on which something happened."""

from typing import Any

from django.contrib.auth.models import Group
from wagtail.models import Workflow

from sitecluster.accounts.mail import admin_root_url
from sitecluster.cms.models import ArticlePage, ColumnPage
from sitecluster.rights.roles import REVIEWER
from sitecluster.tenancy import tenant_context
from tenants.directory import Site

from .conftest import MakeMember


def test_a_reviewer_is_told_where_to_go(
    alpha: Site, beta: Site, member: MakeMember, mailoutbox: list[Any]
) -> None:
    for site in (alpha, beta):
        name = site.code
        editor = member(f"editor@{name}.example", site, "editor")
        member(f"reviewer@{name}.example", site, REVIEWER.code)
        with tenant_context(site):
            assert Group.objects.filter(name=REVIEWER.name).exists()
            column = ColumnPage.objects.live().first()
            assert column
            page = ArticlePage(title="新的文章", source="办公室", live=False)
            column.add_child(instance=page)
            page.save_revision(user=editor)
            workflow = Workflow.objects.get()
            workflow.start(page, editor)
        assert [mail.to for mail in mailoutbox] == [[f"reviewer@{name}.example"]]
        body = mailoutbox.pop().body
        assert f"{site.admin_url}pages/" in body
        assert body.count("http://") == body.count(f"http://{site.admin_host}")


def test_the_shared_schema_has_no_admin_host_of_its_own(settings: Any) -> None:
    assert admin_root_url() == settings.WAGTAILADMIN_BASE_URL
