"""Switching a site's plugins with the consequences shown first."""

from typing import Any

import pytest
from django.test import Client
from sitecluster_board.models import Topic

from sitecluster.audit.models import Entry
from sitecluster.tenancy import tenant_context
from tenants import directory, switching
from tenants.directory import Site
from tenants.models import Tenant
from tests.plugins.conftest import notice

from .test_site_page import at, now, page


@pytest.fixture(autouse=True)
def _nothing_on(db: None) -> None:
    Tenant.objects.update(plugins=[])
    directory.forget()


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_page_lists_what_sites_may_have(alpha: Site, delegate: Client) -> None:
    text = page(delegate, alpha)
    assert at("site_plugin_on", alpha.id, "board") in text
    assert "console/on" not in text  # the console itself is no site's to switch
    assert delegate.get(at("site_plugin_on", alpha.id, "console")).status_code == 404
    assert delegate.get(at("site_plugin_on", alpha.id, "nope")).status_code == 404


def test_switching_on_tells_who_gets_rights_and_asks_for_a_reason(
    alpha: Site, delegate: Client
) -> None:
    path = at("site_plugin_on", alpha.id, "board")
    text = text_of(delegate.get(path))
    assert "The role 站点管理员 gets rights" in text
    assert "reason" in delegate.post(path, {}).context["form"].errors
    assert now(alpha).plugins == []
    assert delegate.post(path, {"reason": "试用"}).status_code == 302
    assert now(alpha).plugins == ["board"]
    entry = Entry.objects.filter(act="plugin.enabled").latest("pk")
    assert (entry.site_code, entry.reason, entry.actor_email) == (
        "alpha",
        "试用",
        "delegate@console.example",
    )
    assert delegate.get(path).status_code == 404  # it is on


def test_what_is_required_goes_on_with_it_if_so_wished(alpha: Site, boss: Client) -> None:
    path = at("site_plugin_on", alpha.id, "echo")
    assert "It requires these" in text_of(boss.get(path))
    refused = boss.post(path, {"reason": "x"})
    assert "requires board" in str(refused.context["form"].non_field_errors())
    assert now(alpha).plugins == []
    assert boss.post(path, {"reason": "x", "with_required": "on"}).status_code == 302
    assert now(alpha).plugins == ["board", "echo"]
    off = at("site_plugin_off", alpha.id, "board")
    assert "have to go off before" in text_of(boss.get(off))
    refused = boss.post(off, {"reason": "x"})
    assert refused.status_code == 200
    assert now(alpha).plugins == ["board", "echo"]


def test_live_pages_are_named_and_go_off_the_site_only_if_so_wished(
    alpha: Site, boss: Client
) -> None:
    switching.enable("alpha", "board")
    directory.forget()
    page_of_board = notice(directory.snapshot().by_code["alpha"], "Tingshui")
    assert page_of_board.live
    off = at("site_plugin_off", alpha.id, "board")
    text = text_of(boss.get(off))
    assert "One live page of its types" in text
    assert "Tingshui" in text
    refused = boss.post(off, {"reason": "x"})
    assert "Tingshui" in str(refused.context["form"].non_field_errors())
    assert now(alpha).plugins == ["board"]
    assert boss.post(off, {"reason": "x", "unpublish": "on"}).status_code == 302
    assert now(alpha).plugins == []
    with tenant_context(alpha):
        page_of_board.refresh_from_db()
        assert not page_of_board.live


def test_its_data_is_counted_and_deleted(alpha: Site, boss: Client) -> None:
    switching.enable("alpha", "board")
    directory.forget()
    purge = at("site_plugin_purge", alpha.id, "board")
    assert boss.get(purge).status_code == 404  # it is on
    switching.disable("alpha", "board")
    assert "Deleted for good" in text_of(boss.get(purge))
    assert boss.post(purge, {"reason": "不再使用"}).status_code == 302
    with tenant_context(alpha):
        assert not Topic.objects.exists()
    assert Entry.objects.get(act="plugin.purged").reason == "不再使用"
