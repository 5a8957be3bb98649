"""Opening a site and changing one leave entries, in the same transaction."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import transaction

from sitecluster.accounts.models import User
from sitecluster.audit import acts
from sitecluster.audit.models import Entry
from sitecluster.library.models import Item
from sitecluster.rights.roles import SITE_ADMIN
from sitecluster.tenancy import connection, tenant_context
from tenants import addresses
from tenants.directory import Site
from tenants.life import lifecycle
from tenants.orders import Order
from tenants.provisioning import ProvisionError, provision
from tests.audit.conftest import last

pytestmark = pytest.mark.usefixtures("shared")
ROOT = Path(__file__).parents[2]
ORDER = Order(code="fresh", name="新镇人民政府", kind="township", parent="alpha")


def entries_of(code: str) -> list[Entry]:
    return list(Entry.objects.filter(site_code=code).order_by("id"))


def test_opening_a_site(alpha: Site) -> None:
    root = User.everyone.create(email="root@example.cn", first_name="平台王")
    provision(ORDER, by=root)
    opened = entries_of("fresh")[0]
    assert (opened.act, opened.subject, opened.actor_name) == (
        "site.provisioned",
        "新镇人民政府",
        "平台王",
    )
    assert opened.after is not None
    assert opened.after.pop("blueprint").startswith("township ")
    assert opened.after == {
        "kind": "township",
        "parent": "alpha",
        "address": "www.alpha.localhost/zz/fresh",
        "theme": "township",
    }


def test_a_site_that_exists_is_not_opened_again(alpha: Site) -> None:
    provision(ORDER)
    count = len(entries_of("fresh"))
    provision(ORDER)
    assert len(entries_of("fresh")) == count


def test_a_site_that_could_not_be_opened_leaves_nothing(alpha: Site) -> None:
    count = Entry.objects.count()
    with pytest.raises(ProvisionError):
        provision(
            Order(code="fresh", name="新", kind="township", parent="alpha", admin="no address")
        )
    assert Entry.objects.count() == count


def test_an_entry_costs_one_statement(alpha: Site) -> None:
    provision(ORDER)  # what is remembered from now on
    statements: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        provision(Order(code="fresh2", name="新二镇人民政府", kind="township", parent="alpha"))
    opened = [sql for sql in statements if "audit_" in sql]
    plugins = len(entries_of("fresh2")) - 1
    assert len(opened) == 1 + plugins


def test_a_state(alpha: Site) -> None:
    lifecycle.set_state("alpha", "offline", "维护中", reason="机房搬迁", document="〔2026〕7号")
    entry = last()
    assert (entry.act, entry.site_code, entry.subject) == (
        "site.state_changed",
        "alpha",
        alpha.name,
    )
    assert entry.before == {"state": "live", "notice": ""}
    assert entry.after == {"state": "offline", "notice": "维护中"}
    assert (entry.reason, entry.document) == ("机房搬迁", "〔2026〕7号")


def test_what_changes_nothing_is_no_act(alpha: Site) -> None:
    count = Entry.objects.count()
    lifecycle.set_state("alpha", "live")
    lifecycle.set_theme("alpha", alpha.theme)
    assert alpha.address is not None
    addresses.change_address("alpha", alpha.address.host)
    assert Entry.objects.count() == count


def test_an_address(alpha: Site) -> None:
    addresses.change_address("alpha", "www.new.example.cn", keep=True)
    entry = last()
    assert entry.act == "site.address_changed"
    assert entry.before == {"addresses": ["www.alpha.localhost"]}
    assert entry.after == {"addresses": ["www.new.example.cn", "www.alpha.localhost"]}


def test_a_refused_change_leaves_nothing(alpha: Site) -> None:
    count = Entry.objects.count()
    with pytest.raises(ProvisionError):
        addresses.change_address("alpha", "no domain")
    with pytest.raises(ProvisionError):
        lifecycle.set_state("alpha", "asleep")
    assert Entry.objects.count() == count


def test_a_change_that_is_rolled_back_leaves_nothing(alpha: Site) -> None:
    count = Entry.objects.count()
    with transaction.atomic():
        lifecycle.set_state("alpha", "offline")
        transaction.set_rollback(True)
    assert Entry.objects.count() == count


def test_the_command_takes_a_reason(alpha: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["manage.py", "site", "alpha"])
    call_command("site", "alpha", state="readonly", reason="并入市级平台", document="7号")
    entry = last()
    assert (entry.act, entry.origin) == ("site.state_changed", "command site")
    assert (entry.reason, entry.document) == ("并入市级平台", "7号")


def test_a_repaired_library(alpha: Site) -> None:
    count = Entry.objects.count()
    call_command("library", site="alpha", repair=True)
    assert Entry.objects.count() == count
    Item.objects.filter(tenant_id=alpha.id).delete()
    call_command("library", site="alpha", repair=True)
    entry = last()
    assert (entry.act, entry.site_code) == ("library.repaired", "alpha")
    assert entry.before is not None
    assert entry.before["differences"]


def test_site_admins_of_every_site_may_read_the_report(alpha: Site, beta: Site) -> None:
    for site in (alpha, beta):
        with tenant_context(site):
            group = Group.objects.get(name=SITE_ADMIN.name)
            assert group.permissions.filter(codename="view_entry").exists()


def test_sites_that_stand_get_the_right_with_the_upgrade(alpha: Site) -> None:
    from importlib import import_module

    from django.apps import apps

    migration = import_module("sitecluster.rights.migrations.0002_audit_report")
    with tenant_context(alpha):
        Permission.objects.filter(codename="view_entry").delete()
        migration.allow(apps, None)
        migration.allow(apps, None)
        group = Group.objects.get(name=SITE_ADMIN.name)
        assert group.permissions.filter(codename="view_entry").count() == 1


def test_every_act_of_the_platform_has_a_title() -> None:
    written = re.compile(r"""\b_?(?:record|note)\(\s*"([a-z_]+\.[a-z_]+)\"""")
    found = {
        act
        for folder in ("platform", "tenants")
        for path in (ROOT / folder).rglob("*.py")
        for act in written.findall(path.read_text("utf8"))
    }
    assert {"site.provisioned", "theme.set"} <= found
    assert found - set(acts.titled()) == set()
