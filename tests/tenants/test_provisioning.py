"""A site opens whole and in one transaction, and works."""

import io
import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from wagtail.images import get_image_model
from wagtail.models import (
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Site as SiteRow,
    Workflow,
)

from sitecluster.accounts.models import Membership
from sitecluster.cms import publication
from sitecluster.cms.models import ArticlePage, ColumnPage, HomePage, SiteIdentity
from sitecluster.library.models import Item
from sitecluster.plugins.registry import installed
from sitecluster.rights.roles import REVIEWER, ROLES, SITE_ADMIN, WORKFLOW
from sitecluster.tenancy import connection, shared_context, tenant_context
from tenants import blueprinting, directory, switching
from tenants.directory import Site
from tenants.models import Domain, Kind, Tenant
from tenants.orders import Order
from tenants.provisioning import ProvisionError, provision
from tests.conftest import client_for
from tests.tenants.conftest import Open, ask

pytestmark = pytest.mark.django_db


def png() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("kind", [kind for kind in Kind.values if kind != Kind.CONTROL])
def test_home_page_answers_with_starter_content(open_site: Open, kind: str) -> None:
    site = open_site(kind)
    place = site.address
    assert place is not None
    client = client_for(place.host)

    response = client.get(f"{place.prefix}/")

    page = unescape(response.content.decode())
    assert response.status_code == 200
    assert "新镇人民政府" in re.search("<title>(.*?)</title>", page, re.S)[1]  # type: ignore[index]
    with tenant_context(site):
        titles = list(
            ArticlePage.objects.live().order_by("-published_at").values_list("title", flat=True)
        )
    assert len(titles) >= 8
    assert titles[0] in page
    assert sum(title in page for title in titles) >= 5  # what is new, and what its theme shows
    pictures = re.findall(r'<img[^>]* src="([^"]+)"', page)
    assert pictures
    for picture in pictures:
        assert picture.startswith(f"{place.prefix}/media/")
        assert client.get(picture).status_code == 200


@pytest.mark.parametrize("kind", [kind for kind in Kind.values if kind != Kind.CONTROL])
def test_library_says_what_the_pages_say(open_site: Open, kind: str) -> None:
    site = open_site(kind)
    assert publication.compare(site) == []
    assert Item.objects.filter(tenant_id=site.id, kind="article").count() >= 8


def test_control_site_has_no_address_and_a_library(db: None) -> None:
    directory.forget()
    control = directory.snapshot().by_code["control"]
    assert (control.address, control.kind, control.state) == (None, "control", "live")
    assert publication.compare(control) == []


@pytest.mark.parametrize(
    ("kind", "parent", "address"),
    [
        ("portal", "", "www.fresh.localhost"),
        ("district", "alpha", "www.fresh.localhost"),
        ("department", "alpha", "fresh.alpha.localhost"),
        ("party", "alpha", "fresh.alpha.localhost"),
        ("township", "alpha", "www.alpha.localhost/zz/fresh"),
        ("township", "beta", "www.alpha.localhost/zz/beta/zz/fresh"),
        ("township", "control", "fresh.localhost"),
        ("department", "", "fresh.localhost"),
    ],
)
def test_address_follows_from_kind_and_parent(
    open_site: Open, kind: str, parent: str, address: str
) -> None:
    place = open_site(kind, parent=parent).address
    assert place is not None
    assert place.host + place.prefix == address


def test_address_may_be_given(open_site: Open) -> None:
    place = open_site(domain="Tong.Example.COM/Zhen/").address
    assert place is not None
    assert (place.host, place.prefix) == ("tong.example.com", "/zhen")


def test_site_goes_on_working(open_site: Open) -> None:
    site = open_site()
    with tenant_context(site):
        column = ColumnPage.objects.get(slug="tzgg")
        before = set(Page.objects.values_list("pk", flat=True))
        article = column.add_child(
            instance=ArticlePage(
                title="新的通知", source="新镇", body=[("text", "<p>正文</p>")], live=False
            )
        )
        article.save_revision().publish()
        assert article.pk not in before
        assert article.pk > max(before)
        picture = get_image_model().objects.create(
            title="图", file=SimpleUploadedFile("a.png", png(), "image/png")
        )
        assert picture.pk > 1
        assert Group.objects.create(name="新的角色").pk > 4
        assert publication.compare(site) == []
    place = site.address
    assert place is not None
    response = client_for(place.host).get(f"{place.prefix}/")
    assert "新的通知" in response.content.decode()


def test_site_row_and_identity_are_the_sites_own(open_site: Open) -> None:
    site = open_site(site_id_code="6108280009")
    with tenant_context(site):
        row = SiteRow.objects.get()
        identity = SiteIdentity.objects.get()
        assert (row.hostname, row.site_name, row.is_default_site) == (
            "www.alpha.localhost",
            "新镇人民政府",
            True,
        )
        assert row.root_page.specific == HomePage.objects.get(title="新镇人民政府")
        assert identity.site == row
        assert (identity.legal_name, identity.host_unit) == ("新镇人民政府", "新镇人民政府")
        assert identity.site_id_code == "6108280009"
    tenant = Tenant.objects.get(code="fresh")
    assert (tenant.state, tenant.theme) == ("live", "township")
    assert tenant.plugins == sorted(switching.defaults("township"))
    assert tenant.blueprint_version == blueprinting.of_kind("township").version


@pytest.mark.parametrize("kind", ["portal", "department", "township"])
def test_roles_have_their_rights(open_site: Open, kind: str) -> None:
    with tenant_context(open_site(kind)):
        assert set(Group.objects.values_list("name", flat=True)) == {
            role.name for role in ROLES.values()
        }
        for role in ROLES.values():
            group = Group.objects.get(name=role.name)
            granted = group.permissions.values_list("content_type__app_label", "codename")
            of_plugins = {
                permission
                for plugin in switching.defaults(kind)
                for permission in installed()[plugin].manifest.permissions.get(role.code, ())
            }
            assert {".".join(pair) for pair in granted} == {*role.permissions, *of_plugins}
            on_pages = GroupPagePermission.objects.filter(group=group, page__depth=1)
            assert set(on_pages.values_list("permission__codename", flat=True)) == set(role.pages)
            on_files = GroupCollectionPermission.objects.filter(group=group, collection__depth=1)
            assert on_files.count() == len(role.collections)


def test_workflow_covers_the_tree(open_site: Open) -> None:
    with tenant_context(open_site()):
        workflow = Workflow.objects.get()
        task = GroupApprovalTask.objects.get()
        assert (workflow.name, workflow.active, task.active) == (WORKFLOW, True, True)
        assert set(task.groups.values_list("name", flat=True)) == {REVIEWER.name, SITE_ADMIN.name}
        assert ArticlePage.objects.first().get_workflow() == workflow


def test_first_admin_is_a_member(open_site: Open) -> None:
    site = open_site(admin="First@Fresh.gov.cn")
    membership = Membership.objects.get(user__email="first@fresh.gov.cn")
    assert (membership.tenant_id, membership.roles) == (site.id, [SITE_ADMIN.code])
    assert membership.user.home_site_id == site.id


@pytest.mark.parametrize("wishes", [{"admin": "nobody"}, {"domain": "gamma.alpha.localhost"}])
def test_late_failure_leaves_nothing(alpha: Site, wishes: dict[str, Any]) -> None:
    with shared_context():
        before = counts()
        with pytest.raises(ProvisionError):
            provision(
                Order(code="fresh", name="新镇人民政府", kind="township", parent="alpha", **wishes)
            )
        assert counts() == before
    assert ask("SELECT 1 FROM pg_namespace WHERE nspname = 's_fresh'") == []


def counts() -> list[int]:
    return [model.objects.count() for model in (Tenant, Domain, Item, Membership)]


@pytest.mark.parametrize("admin", ["", "nobody"])
def test_search_path_is_as_before(alpha: Site, admin: str) -> None:
    order = Order(code="fresh", name="新镇人民政府", kind="township", parent="alpha", admin=admin)
    for context in (shared_context(), tenant_context(alpha)):
        with context:
            before = connection.schema_name, ask("SHOW search_path")
            if admin:
                with pytest.raises(ProvisionError):
                    provision(order)
            else:
                provision(order)
            assert (connection.schema_name, ask("SHOW search_path")) == before
