"""The opening gates: which concern a site, what is recorded, what is missing."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from sitecluster.accounts.models import User
from sitecluster.audit.models import Entry
from sitecluster.tenancy import shared_context
from tenants.directory import Site
from tenants.life import clearances
from tenants.life.clearances import checklist, missing, record_clearance, withdraw_clearance
from tenants.life.lifecycle import act
from tenants.models import Domain, Gate, State, Tenant
from tenants.provisioning import ProvisionError

pytestmark = pytest.mark.django_db
BELOW = ["approval", "security-test"]
OWN = ["approval", "mark", "icp", "police", "site-id-code", "security-test"]


@pytest.fixture(autouse=True)
def _english(english: None) -> Iterator[None]:
    with shared_context():
        yield


@pytest.fixture
def boss(db: None) -> User:
    return User.everyone.create_superuser("boss@gates.example")


def row(site: Site) -> Tenant:
    return Tenant.objects.get(pk=site.id)


def codes(site: Site) -> list[str]:
    return [gate.code for gate in missing(row(site))]


def test_what_stands_below_the_portal_has_the_portals_filings(
    alpha: Site, beta: Site, gamma: Site
) -> None:
    assert codes(alpha) == OWN
    assert codes(beta) == codes(gamma) == BELOW
    assert [step.gate.code for step in checklist(row(alpha))] == [*OWN, "opening-notice"]


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("slj.alpha.localhost", False),
        ("www.alpha.localhost", False),
        ("alpha.localhost", True),
        ("www.gamma.example", True),
        ("xalpha.localhost", True),
    ],
)
def test_a_host_of_its_own_asks_for_all(gamma: Site, host: str, own: bool) -> None:
    Domain.objects.filter(tenant_id=gamma.id).update(host=host, prefix="/p")
    assert codes(gamma) == (OWN if own else BELOW)


def test_the_control_site_and_templates_have_no_gates(alpha: Site) -> None:
    assert missing(Tenant.objects.get(code="control")) == []
    template = row(alpha)
    template.is_blueprint = True
    assert checklist(template) == []


def test_a_record_passes_the_gate(gamma: Site, boss: User) -> None:
    record_clearance("gamma", "approval", number=" 佳政函〔2026〕1号 ", authority="县政府", by=boss)
    assert codes(gamma) == ["security-test"]
    kept = checklist(row(gamma))[0].clearance
    assert kept
    assert (kept.number, kept.authority, kept.recorded_by) == ("佳政函〔2026〕1号", "县政府", boss)
    entry = Entry.objects.get(act="clearance.recorded")
    assert entry.after
    assert (entry.site_code, entry.after["number"]) == ("gamma", "佳政函〔2026〕1号")
    record_clearance("gamma", "approval", number="2号", by=boss)
    assert row(gamma).clearances.get().number == "2号"
    withdraw_clearance("gamma", "approval", by=boss, reason="批文撤销")
    assert codes(gamma) == BELOW
    entry = Entry.objects.get(act="clearance.withdrawn")
    assert entry.before
    assert (entry.reason, entry.before["number"]) == ("批文撤销", "2号")


def test_what_cant_be_right_is_refused(alpha: Site, boss: User) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    for gate, number, day in (
        ("approval", "  ", None),
        ("site-id-code", "610828", None),
        ("icp", "陕ICP备1号", tomorrow),
        ("nonsense", "1", None),
    ):
        with pytest.raises(ProvisionError):
            record_clearance("alpha", gate, number=number, issued_on=day, by=boss)
    with pytest.raises(ProvisionError):
        withdraw_clearance("alpha", "icp", by=boss, reason="没有记录")
    assert not row(alpha).clearances.exists()
    record_clearance("alpha", "site-id-code", number="6108280002", by=boss)


def test_a_site_opens_when_all_are_passed(gamma: Site, boss: User) -> None:
    Tenant.objects.filter(pk=gamma.id).update(state=State.BUILDING)
    with pytest.raises(ProvisionError) as refused:
        act("gamma", "go-live", by=boss, reason="材料已经齐全")
    assert str(clearances.TITLES["security-test"]) in str(refused.value)
    for gate in BELOW:
        record_clearance("gamma", gate, number="1号", by=boss)
    assert act("gamma", "go-live", by=boss, reason="材料已经齐全").state == "live"
    assert not Entry.objects.filter(act="site.opened_without_gates").exists()


def test_gates_are_rows(gamma: Site) -> None:
    Gate.objects.filter(pk="opening-notice").update(required=True)
    Gate.objects.filter(pk="approval").update(required=False)
    assert codes(gamma) == ["security-test", "opening-notice"]
