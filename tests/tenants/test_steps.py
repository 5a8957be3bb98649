"""The order of a site's states, and what stands against each step."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sitecluster.accounts.models import User
from sitecluster.audit.models import Entry
from sitecluster.tenancy import shared_context
from tenants import directory
from tenants.directory import Site
from tenants.life import limits
from tenants.life.lifecycle import act, offered, set_state
from tenants.life.limits import (
    CLOSING_NOTICE_DAYS,
    OFFLINE_DAYS,
    OFFLINE_TIMES,
    set_gate,
    set_limit,
)
from tenants.life.steps import ACTS
from tenants.models import Limit, Pause, State, Tenant
from tenants.provisioning import ProvisionError

pytestmark = pytest.mark.django_db
WHY: dict[str, Any] = {"reason": "机房整体搬迁", "document": "〔2026〕7号"}
ARROWS = {
    ("building", "live"), ("building", "removed"), ("live", "offline"),
    ("offline", "offline"), ("offline", "live"), ("live", "readonly"), ("readonly", "live"),
    ("live", "closed"), ("offline", "closed"), ("readonly", "closed"), ("closed", "live"),
    ("closed", "removed"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _english(english: None) -> Iterator[None]:
    with shared_context():
        yield


@pytest.fixture
def boss(db: None) -> User:
    return User.everyone.create_superuser("boss@steps.example")


def put(site: Site, **fields: Any) -> Tenant:
    Tenant.objects.filter(pk=site.id).update(**fields)
    directory.forget()
    return Tenant.objects.get(pk=site.id)


def days(number: int) -> Any:
    return timezone.localdate() + timedelta(days=number)


def test_the_arrows_are_those_of_the_design() -> None:
    assert {(str(b), str(s.after)) for s in ACTS.values() for b in s.before} == ARROWS
    assert {name for name, step in ACTS.items() if step.document_required} == {"close", "remove"}
    assert {name for name, step in ACTS.items() if step.platform_only} == {"reopen", "remove"}


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("name", [name for name in ACTS if name != "remove"])
def test_a_step_leads_on_from_its_own_states_alone(
    alpha: Site, boss: User, state: str, name: str
) -> None:
    row = put(alpha, state=state)
    until = days(30) if "until" in ACTS[name].asks else None
    if state in ACTS[name].before:
        act("alpha", name, by=boss, until=until, despite=True, **WHY)
        assert Tenant.objects.get(pk=alpha.id).state == ACTS[name].after
    else:
        assert ACTS[name] not in offered(row)
        with pytest.raises(ProvisionError):
            act("alpha", name, by=boss, until=until, despite=True, **WHY)
        assert Tenant.objects.get(pk=alpha.id).state == state


def test_who_may_is_asked_by_the_verb_too(alpha: Site, gamma: Site) -> None:
    clerk = User.everyone.create(email="clerk@steps.example")
    put(gamma, state=State.CLOSED)
    with pytest.raises(ProvisionError, match="Only a platform admin"):
        act("gamma", "reopen", by=clerk, despite=True, **WHY)
    with pytest.raises(ProvisionError, match="Only a platform admin"):
        act("alpha", "take-offline", by=clerk, until=days(90), despite=True, **WHY)


def test_the_control_site_and_templates_have_no_steps(alpha: Site, boss: User) -> None:
    control = Tenant.objects.get(code="control")
    assert offered(control) == []
    template = put(alpha, is_blueprint=True)
    assert offered(template) == []
    for code in ("control", "alpha"):
        with pytest.raises(ProvisionError):
            act(code, "freeze", by=boss, **WHY)


def test_offline_has_an_end_and_is_counted(alpha: Site, boss: User) -> None:
    act("alpha", "take-offline", by=boss, until=days(30), **WHY)
    row = Tenant.objects.get(pk=alpha.id)
    assert (row.state_until, row.state_note) == (days(30), WHY["reason"])
    pause = Pause.objects.get(tenant=row)
    assert (pause.until, pause.ended_at, pause.began_at) == (days(30), None, row.state_since)
    act("alpha", "bring-back", by=boss, **WHY)
    pause.refresh_from_db()
    assert pause.ended_at == Tenant.objects.get(pk=alpha.id).state_since
    with pytest.raises(ProvisionError, match="1 time"):
        act("alpha", "take-offline", by=boss, until=days(2), **WHY)
    set_limit(OFFLINE_TIMES, 2, by=boss, reason="省里另有规定")
    act("alpha", "take-offline", by=boss, until=days(2), **WHY)
    assert Pause.objects.filter(tenant=row).count() == 2


def test_a_year_later_it_may_be_taken_offline_again(alpha: Site, boss: User) -> None:
    long_ago = timezone.now() - timedelta(days=366)
    Pause.objects.create(tenant_id=alpha.id, began_at=long_ago, ended_at=long_ago)
    act("alpha", "take-offline", by=boss, until=days(1), **WHY)


def test_what_a_command_does_counts_as_well(alpha: Site, boss: User) -> None:
    set_state("alpha", "offline", "维护")
    set_state("alpha", "live")
    with pytest.raises(ProvisionError, match="1 time"):
        act("alpha", "take-offline", by=boss, until=days(2), **WHY)


def test_the_days_are_a_row(alpha: Site, boss: User) -> None:
    with pytest.raises(ProvisionError, match="30 days"):
        act("alpha", "take-offline", by=boss, until=days(31), **WHY)
    set_limit(OFFLINE_DAYS, 40, by=boss, reason="省里另有规定")
    act("alpha", "take-offline", by=boss, until=days(31), **WHY)
    put(alpha, state_since=timezone.now() - timedelta(days=20))
    with pytest.raises(ProvisionError, match="40 days"):
        act("alpha", "prolong", by=boss, until=days(21), **WHY)
    act("alpha", "prolong", by=boss, until=days(20), notice="再延期。", **WHY)
    row = Tenant.objects.get(pk=alpha.id)
    assert (row.state_until, row.state_note) == (days(20), "再延期。")
    assert Pause.objects.get(tenant=row).until == days(20)


def test_a_closed_site_says_where_its_content_went(alpha: Site, boss: User) -> None:
    with pytest.raises(ProvisionError, match="30 days"):
        act("alpha", "close", by=boss, until=days(29), **WHY)
    site = act("alpha", "close", by=boss, archive_url="https://da.example.cn/alpha", **WHY)
    assert (site.state, site.archive_url) == ("closed", "https://da.example.cn/alpha")
    assert site.state_until == days(30)
    set_limit(CLOSING_NOTICE_DAYS, 60, by=boss, reason="省里另有规定")
    reopened = act("alpha", "reopen", by=boss, despite=True, **WHY)
    assert (reopened.archive_url, reopened.state_until) == ("", None)
    assert act("alpha", "close", by=boss, **WHY).state_until == days(60)


def test_each_step_is_recorded(alpha: Site, boss: User) -> None:
    act("alpha", "freeze", by=boss, notice="并入市级平台。", **WHY)
    entry = Entry.objects.get(act="site.frozen")
    assert (entry.actor_id, entry.site_code, entry.subject) == (boss.pk, "alpha", alpha.name)
    assert (entry.reason, entry.document) == (WHY["reason"], WHY["document"])
    assert entry.before == {"state": "live", "notice": ""}
    assert entry.after == {"state": "readonly", "notice": "并入市级平台。"}


def test_a_refused_step_changes_nothing(alpha: Site, boss: User) -> None:
    before = Tenant.objects.filter(pk=alpha.id).values().get()
    count = Entry.objects.count()
    bad: list[dict[str, Any]] = [
        {"name": "take-offline", "until": days(5), "reason": "短"},
        {"name": "take-offline", "until": None},
        {"name": "take-offline", "until": days(0)},
        {"name": "close", "document": ""},
        {"name": "close", "archive_url": "ftp://x/"},
        {"name": "close", "archive_url": "https://da.example.cn/?a=1"},
        {"name": "close", "archive_url": "http://www.alpha.localhost:8000/old"},
        {"name": "nonsense"},
    ]
    for wish in bad:
        with pytest.raises(ProvisionError):
            act("alpha", by=boss, **{**WHY, **wish})
    with pytest.raises(ProvisionError):
        act("nowhere", "freeze", by=boss, **WHY)
    assert Tenant.objects.filter(pk=alpha.id).values().get() == before
    assert Entry.objects.count() == count
    assert not Pause.objects.exists()


def test_a_command_opens_without_gates_only_with_a_reason(gamma: Site) -> None:
    put(gamma, state=State.BUILDING)
    with pytest.raises(ProvisionError, match="not passed yet"):
        set_state("gamma", "live")
    set_state("gamma", "live", reason="演练环境")
    assert Entry.objects.filter(act="site.opened_without_gates").count() == 1


def test_limits_and_gates_are_changed_with_a_trace(alpha: Site, boss: User) -> None:
    for key in (OFFLINE_TIMES, OFFLINE_DAYS, CLOSING_NOTICE_DAYS):
        row = Limit.objects.get(pk=key)
        assert (row.evidence, limits.title(row) == key) == ("M", False)
    with pytest.raises(ProvisionError):
        set_limit(OFFLINE_DAYS, 99999, by=boss, reason="笔误测试")
    set_limit(OFFLINE_DAYS, 45, by=boss, reason="核对原文", document="国办发〔2017〕47号")
    entry = Entry.objects.get(act="limit.set")
    assert (entry.subject, entry.before, entry.after) == (
        OFFLINE_DAYS,
        {"value": 30},
        {"value": 45},
    )
    set_gate("opening-notice", required=True, own_domain=True, by=boss, reason="核对原文")
    entry = Entry.objects.get(act="gate.set")
    assert entry.after == {"required": True, "own_domain": True}
    count = Entry.objects.count()
    set_gate("opening-notice", required=True, own_domain=True, by=boss, reason="再次保存")
    assert Entry.objects.count() == count
