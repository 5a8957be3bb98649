"""Opening gates, addresses and rules in the browser."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sitecluster.accounts.models import User
from sitecluster.audit.models import Entry
from sitecluster.tenancy import shared_context
from tenants import directory
from tenants.addresses import add_address
from tenants.directory import Site
from tenants.models import Clearance, Domain, Gate, Limit
from tests.conftest import client_for

URLS = "sitecluster.project.urls_admin"
WHY = {"reason": "机构整体搬迁", "document": "佳政办〔2026〕7号"}
NEW = "slj.alpha.localhost"


def path(name: str, *args: Any) -> str:
    return reverse(f"console:{name}", args=args, urlconf=URLS)


def domain(site: Site, host: str) -> Domain:
    return Domain.objects.get(tenant_id=site.id, host=host)


# --- Gates -----------------------------------------------------------------------------------


def test_the_checklist_stands_on_the_page(boss: Client, gamma: Site, alpha: Site) -> None:
    text = boss.get(path("site", gamma.id)).content.decode()
    assert path("gate", gamma.id, "approval") in text
    assert path("gate", gamma.id, "icp") not in text
    assert path("gate", alpha.id, "icp") in boss.get(path("site", alpha.id)).content.decode()
    assert boss.get(path("gate", gamma.id, "icp")).status_code == 404


def test_a_gate_is_recorded_and_withdrawn(delegate: Client, gamma: Site) -> None:
    form = {"number": "1号", "authority": "县政府", "issued_on": "2026-11-01", "remark": ""}
    address = path("gate", gamma.id, "approval")
    assert delegate.post(address, form).status_code == 302
    kept = Clearance.objects.get(tenant_id=gamma.id)
    assert (kept.number, str(kept.issued_on)) == ("1号", "2026-11-01")
    text = delegate.get(address).content.decode()
    assert 'value="1号"' in text
    withdraw = path("gate_withdraw", gamma.id, "approval")
    assert withdraw in text
    assert delegate.post(withdraw, {"reason": ""}).status_code == 200
    assert delegate.post(withdraw, {"reason": "批文已经撤销"}).status_code == 302
    assert not Clearance.objects.filter(tenant_id=gamma.id).exists()


def test_a_bad_record_is_said_at_its_field(boss: Client, alpha: Site) -> None:
    for gate, form, field in (
        ("approval", {"number": ""}, "number"),
        ("site-id-code", {"number": "61082"}, "number"),
        ("icp", {"number": "1", "issued_on": "2999-01-01"}, "issued_on"),
        ("icp", {"number": "1", "issued_on": "yesterday"}, "issued_on"),
    ):
        answer = boss.post(path("gate", alpha.id, gate), form)
        assert list(answer.context["form"].errors) == [field]
    assert not Clearance.objects.exists()


# --- Addresses -------------------------------------------------------------------------------


def test_an_address_is_added_made_primary_and_the_old_leads_to_it(
    delegate: Client, gamma: Site
) -> None:
    answer = delegate.post(path("address_add", gamma.id), {**WHY, "domain": NEW.upper()})
    assert answer.status_code == 302
    place = domain(gamma, NEW)
    text = delegate.get(path("site", gamma.id)).content.decode()
    for name in ("primary", "redirect", "drop"):
        assert path("address", gamma.id, place.pk, name) in text
    address = path("address", gamma.id, place.pk, "primary")
    assert delegate.post(address, {**WHY, "redirect_old": "on"}).status_code == 302
    directory.forget()
    old = client_for("gamma.alpha.localhost").get("/tzgg/")
    assert (old.status_code, old.headers["location"]) == (301, f"http://{NEW}:8000/tzgg/")
    with shared_context():
        entry = Entry.objects.filter(act="site.address_changed").latest("id")
    assert (entry.reason, entry.document) == (WHY["reason"], WHY["document"])
    before = domain(gamma, "gamma.alpha.localhost")
    assert delegate.post(path("address", gamma.id, before.pk, "show"), WHY).status_code == 302
    assert delegate.post(path("address", gamma.id, before.pk, "drop"), WHY).status_code == 302
    assert [place.host for place in Domain.objects.filter(tenant_id=gamma.id)] == [NEW]


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("not a host", "not valid"),
        ("x.admin.localhost", "belongs to the platform"),
        ("www.other.gov.cn", "○○○.□□□.gov.cn"),
        ("", "required"),
    ],
)
def test_a_bad_address_is_said_at_its_field(
    boss: Client, gamma: Site, asked: str, part: str
) -> None:
    answer = boss.post(path("address_add", gamma.id), {**WHY, "domain": asked})
    assert part in str(answer.context["form"].errors["domain"])
    assert Domain.objects.filter(tenant_id=gamma.id).count() == 1


def test_a_taken_address_is_refused(boss: Client, gamma: Site) -> None:
    answer = boss.post(path("address_add", gamma.id), {**WHY, "domain": "www.alpha.localhost"})
    assert "is taken by" in answer.content.decode()


def test_what_is_advised_against_is_told(boss: Client, gamma: Site) -> None:
    form = {**WHY, "domain": "slj.jiaxian.cn"}
    answer = boss.post(path("address_add", gamma.id), form, follow=True)
    assert ".gov.cn" in answer.content.decode()
    assert domain(gamma, "slj.jiaxian.cn")


def test_only_what_is_possible_is_there(
    boss: Client, control: Site, gamma: Site, delta: Site
) -> None:
    primary = domain(gamma, "gamma.alpha.localhost")
    for name in ("primary", "redirect", "show", "drop", "nonsense"):
        assert boss.post(path("address", gamma.id, primary.pk, name), WHY).status_code == 404
    assert boss.get(path("address_add", control.id)).status_code == 404
    add_address("delta", "two.delta.localhost")
    foreign = domain(delta, "two.delta.localhost")
    assert boss.post(path("address", gamma.id, foreign.pk, "drop"), WHY).status_code == 404


def test_other_branches_are_out_of_sight(delegate: Client, delta: Site) -> None:
    add_address("delta", "two.delta.localhost")
    place = domain(delta, "two.delta.localhost")
    for address in (
        path("gate", delta.id, "approval"),
        path("gate_withdraw", delta.id, "approval"),
        path("address_add", delta.id),
        path("address", delta.id, place.pk, "drop"),
    ):
        assert delegate.get(address).status_code == 404
        form = {**WHY, "number": "1", "domain": NEW}
        assert delegate.post(address, form).status_code == 404
    assert Domain.objects.filter(tenant_id=delta.id).count() == 2


# --- Rules -----------------------------------------------------------------------------------


def test_rules_are_shown_with_their_evidence(boss: Client) -> None:
    text = boss.get(path("rules")).content.decode()
    rows: list[Any] = [*Limit.objects.all(), *Gate.objects.all()]
    for row in rows:
        assert row.source in text
        assert row.get_evidence_display() in text
    for name, key in (("limit", "offline-days"), ("gate_rule", "icp")):
        address = path(name, key)
        assert address in text
        assert "Source" in boss.get(address).content.decode()


def test_a_limit_and_a_gate_are_changed(boss: Client, boss_user: User) -> None:
    assert boss.post(path("limit", "offline-days"), {**WHY, "value": "45"}).status_code == 302
    assert Limit.objects.get(pk="offline-days").value == 45
    form = {**WHY, "required": "on"}
    assert boss.post(path("gate_rule", "opening-notice"), form).status_code == 302
    assert Gate.objects.get(pk="opening-notice").required
    with shared_context():
        assert (
            Entry.objects.filter(act__in=("limit.set", "gate.set"), actor_id=boss_user.pk).count()
            == 2
        )
    for value in ("", "-1", "4000", "many"):
        answer = boss.post(path("limit", "offline-days"), {**WHY, "value": value})
        assert list(answer.context["form"].errors) == ["value"]
    assert Limit.objects.get(pk="offline-days").value == 45
    assert boss.get(path("limit", "nonsense")).status_code == 404


def test_rules_are_for_platform_admins(delegate: Client, applicant: Client) -> None:
    addresses = (path("rules"), path("limit", "offline-days"), path("gate_rule", "icp"))
    for client in (delegate, applicant):
        for address in addresses:
            assert client.get(address).status_code == 302
            assert client.post(address, {**WHY, "value": "99"}).status_code == 302
        assert path("rules") not in client.get("/admin/cluster/sites/").content.decode()
    assert Limit.objects.get(pk="offline-days").value == 30
