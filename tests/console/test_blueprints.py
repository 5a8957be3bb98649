"""Blueprints in the console: the list, editing, publishing, copying; platform admins' alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from sitecluster.audit.models import Entry
from sitecluster.cms.models import ColumnPage, HomePage
from sitecluster.tenancy import tenant_context
from sitecluster_console.shared.models import Batch, BatchItem
from tenants import blueprint_sites, blueprinting, directory
from tenants.directory import Site
from tenants.models import Blueprint, Tenant
from tenants.orders import Order
from tenants.provisioning import provision
from tests.cms.conftest import column

pytestmark = pytest.mark.django_db
URLCONF = "sitecluster.project.urls_admin"
WHY = {"reason": "统一栏目设置", "document": "县办〔2026〕3号"}


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def url(name: str, *args: Any) -> str:
    return reverse(f"console:{name}", urlconf=URLCONF, args=args)


def page(browser: Client, name: str, *args: Any) -> str:
    response = browser.get(url(name, *args))
    assert response.status_code == 200
    return response.content.decode()


def post(browser: Client, view: str, /, *args: Any, **data: Any) -> BatchItem:
    """The item of the batch to which the answer leads."""
    response = browser.post(url(view, *args), data)
    assert response.status_code == 302, response.context["form"].errors
    if "batches" in response["Location"]:
        pk = int(response["Location"].rstrip("/").split("/")[-1])
        return BatchItem.objects.get(batch_id=pk)
    return BatchItem.objects.latest("pk")


def test_list_says_which_sites_stand_on_which_version(boss: Client) -> None:
    shown = page(boss, "blueprints")
    assert "Township or street" in shown
    assert url("blueprint", "township") in shown
    assert url("blueprint", "control") not in shown
    rows = boss.get(url("blueprints")).context["object_list"]
    by_code = {row.pk: row for row in rows}
    assert (by_code["township"].on_newest, by_code["township"].on_older) == (1, 0)
    assert by_code["township"].source == "the platform's own content"


def test_a_blueprint_is_prepared_edited_and_published(boss: Client, alpha: Site) -> None:
    assert "Nobody has edited it yet" in page(boss, "blueprint", "township")
    item = post(boss, "blueprint_open", "township")
    assert (item.state, item.problems) == ("done", [])
    directory.forget()
    editor = directory.snapshot().by_code["bp-township"]
    shown = page(boss, "blueprint", "township")
    assert editor.admin_url in shown
    assert "It has the columns of the newest version." in shown
    with tenant_context(editor):
        column(HomePage.objects.get(), "基层治理", "jczl")
    assert "基层治理 /jczl/" in page(boss, "blueprint_publish", "township")

    item = post(boss, "blueprint_publish", "township", **WHY)

    assert item.result.endswith("1 columns added, 0 removed, 0 renamed.")
    shown = page(boss, "blueprint", "township")
    for text in ("+ 基层治理 /jczl/", WHY["reason"], "站群王", "its own site"):
        assert text in shown
    entry = Entry.objects.get(act="blueprint.published")
    assert (entry.reason, entry.document) == tuple(WHY.values())
    order = Order(code="fresh", name="新镇人民政府", kind="township", parent="alpha")
    with tenant_context(provision(order).site):
        assert ColumnPage.objects.filter(slug="jczl").exists()
    rows = {row.pk: row for row in boss.get(url("blueprints")).context["object_list"]}
    assert (rows["township"].on_newest, rows["township"].on_older) == (1, 1)


def test_back_to_the_platforms_own(boss: Client) -> None:
    blueprint_sites.open_editor("township")
    blueprint_sites.publish("township")
    assert url("blueprint_restore", "township") in page(boss, "blueprint", "township")
    item = post(boss, "blueprint_restore", "township", **WHY)
    assert (item.state, item.problems) == ("done", [])
    assert blueprinting.of_code("township").source is None


def test_nothing_to_publish_where_nobody_edited(boss: Client) -> None:
    assert boss.get(url("blueprint_publish", "portal")).status_code == 404
    assert boss.get(url("blueprint", "none")).status_code == 404


def test_site_is_copied_as_a_blueprint(boss: Client, gamma: Site) -> None:
    assert url("blueprint_copy", gamma.id) in page(boss, "site", gamma.id)
    wishes = {"code": "water", "name": "水利部门", "articles": "on", **WHY}
    item = post(boss, "blueprint_copy", gamma.id, **wishes)
    assert (item.state, item.problems) == ("done", [])
    assert "水利部门" in page(boss, "blueprints")
    assert "阿县水利局" in page(boss, "blueprint", "water")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("code", "township", "reserved"),
        ("code", "Big One", "lower-case"),
        ("name", "", "required"),
        ("reason", "", "required"),
    ],
)
def test_errors_stand_at_their_fields(
    boss: Client, gamma: Site, field: str, value: str, words: str
) -> None:
    wishes = {"code": "water", "name": "水利部门", **WHY, field: value}
    response = boss.post(url("blueprint_copy", gamma.id), wishes)
    assert words in response.context["form"].errors[field][0]
    assert not Batch.objects.exists()
    assert not Blueprint.objects.filter(code="water").exists()


def test_only_platform_admins(delegate: Client, gamma: Site) -> None:
    blueprint_sites.open_editor("township")
    assert url("blueprint_copy", gamma.id) not in page(delegate, "site", gamma.id)
    places: list[tuple[Any, ...]] = [("blueprints",), ("blueprint_copy", gamma.id)]
    places += [(f"blueprint{act}", "township") for act in ("", "_open", "_publish", "_restore")]
    for name, *args in places:
        for ask in (delegate.get, delegate.post):
            assert ask(url(name, *args), WHY).status_code == 302, name
    assert not Batch.objects.exists()


def test_blueprint_sites_are_no_sites_of_the_console(boss: Client) -> None:
    editor = blueprint_sites.open_editor("township")
    directory.forget()
    assert boss.get(url("site", editor.id)).status_code == 404
    assert "bp-township" not in page(boss, "home")
    assert Tenant.objects.filter(pk=editor.id).exists()
