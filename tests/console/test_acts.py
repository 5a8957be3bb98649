"""The life of a site in the browser: buttons, dialogs, the page of each act, the way back."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sitecluster.accounts.models import User
from sitecluster.audit.models import Entry
from sitecluster.tenancy import shared_context
from tenants import directory
from tenants.directory import Site
from tenants.life import clearances, lifecycle
from tenants.models import Gate, State, Tenant
from tests.conftest import client_for
from tests.console.conftest import row

URLS = "sitecluster.project.urls_admin"
WHY: dict[str, Any] = {"reason": "机房搬迁一周", "document": "佳政办〔2026〕7号"}


def page(site: Site, name: str = "") -> str:
    view, args = ("console:act", [site.id, name]) if name else ("console:site", [site.id])
    return reverse(view, args=args, urlconf=URLS)


def state_of(site: Site) -> str:
    return str(Tenant.objects.get(pk=site.id).state)


def put(site: Site, **fields: Any) -> None:
    Tenant.objects.filter(pk=site.id).update(**fields)
    directory.forget()


def soon(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def test_the_page_of_a_site_offers_what_leads_on(boss: Client, alpha: Site) -> None:
    text = boss.get(page(alpha)).content.decode()
    for name in ("take-offline", "freeze", "close"):
        assert f'data-a11y-dialog-show="act-{name}"' in text
        assert page(alpha, name) in text
    for name in ("go-live", "bring-back", "unfreeze", "reopen", "remove"):
        assert f"act-{name}" not in text


def test_a_site_goes_offline_and_the_message_leads_back(boss: Client, gamma: Site) -> None:
    asked = {**WHY, "until": soon(5), "notice": "机房搬迁，五日内恢复。"}
    answer = boss.post(page(gamma, "take-offline"), asked, follow=True)
    assert answer.redirect_chain == [(page(gamma), 302)]
    text = answer.content.decode()
    assert page(gamma, "bring-back") in text
    assert state_of(gamma) == State.OFFLINE
    directory.forget()
    notice = client_for("gamma.alpha.localhost").get("/")
    assert (notice.status_code, "五日内恢复" in notice.content.decode()) == (503, True)
    with shared_context():
        entry = Entry.objects.get(act="site.taken_offline")
    assert (entry.reason, entry.document, entry.actor_name) == (*WHY.values(), "站群王")
    assert entry.before == {"state": "live", "notice": ""}
    boss.post(page(gamma, "bring-back"), WHY)
    assert state_of(gamma) == State.LIVE


@pytest.mark.parametrize(
    ("name", "asked", "field"),
    [
        ("take-offline", {"until": 5, "reason": "太短"}, "reason"),
        ("take-offline", {"until": None}, "until"),
        ("take-offline", {"until": -1}, "until"),
        ("take-offline", {"until": 90}, "until"),
        ("close", {"document": ""}, "document"),
        ("close", {"archive_url": "archive"}, "archive_url"),
        ("close", {"archive_url": "http://gamma.alpha.localhost:8000/x"}, "archive_url"),
        ("close", {"until": 3}, "until"),
        ("freeze", {"reason": "      "}, "reason"),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    boss: Client, gamma: Site, name: str, asked: dict[str, Any], field: str
) -> None:
    data: dict[str, Any] = {**WHY, **asked}
    if "until" in data:
        data["until"] = "" if data["until"] is None else soon(data["until"])
    before = Tenant.objects.filter(pk=gamma.id).values().get()
    answer = boss.post(page(gamma, name), data)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert Tenant.objects.filter(pk=gamma.id).values().get() == before


def test_limits_give_way_to_a_platform_admin_alone(
    boss: Client, delegate: Client, delegate_user: User, gamma: Site
) -> None:
    asked = {**WHY, "until": soon(90)}
    answer = delegate.post(page(gamma, "take-offline"), {**asked, "despite": "on"})
    assert "until" in answer.context["form"].errors
    assert "despite" not in answer.context["form"].fields
    assert state_of(gamma) == State.LIVE
    answer = boss.post(page(gamma, "take-offline"), asked)
    assert "despite" in answer.context["form"].fields
    boss.post(page(gamma, "take-offline"), {**asked, "despite": "on"})
    assert state_of(gamma) == State.OFFLINE
    with shared_context():
        entry = Entry.objects.get(act="site.taken_offline")
    assert entry.after is not None
    assert len(entry.after["despite"]) == 1


def test_missing_gates_are_shown_before_anything_is_asked(boss: Client, gamma: Site) -> None:
    put(gamma, state=State.BUILDING)
    text = boss.get(page(gamma, "go-live")).content.decode()
    for gate in clearances.missing(row(gamma)):
        assert clearances.title(gate) in text
    answer = boss.post(page(gamma, "go-live"), WHY)
    assert answer.status_code == 200
    assert state_of(gamma) == State.BUILDING
    boss.post(page(gamma, "go-live"), {**WHY, "despite": "on"})
    assert state_of(gamma) == State.LIVE
    with shared_context():
        entry = Entry.objects.get(act="site.opened_without_gates")
    assert entry.after == {"gates": ["approval", "security-test"]}
    assert entry.reason == WHY["reason"]


def test_a_delegate_opens_a_site_whose_gates_are_passed(
    delegate: Client, delegate_user: User, gamma: Site
) -> None:
    put(gamma, state=State.BUILDING)
    answer = delegate.post(page(gamma, "go-live"), {**WHY, "despite": "on"})
    assert answer.status_code == 200
    assert state_of(gamma) == State.BUILDING
    for gate in Gate.objects.filter(own_domain=False):
        clearances.record_clearance("gamma", gate.code, number="1号", by=delegate_user)
    delegate.post(page(gamma, "go-live"), WHY)
    assert state_of(gamma) == State.LIVE


def test_a_closed_site_is_a_platform_admins(
    boss: Client, delegate: Client, delegate_user: User, gamma: Site
) -> None:
    delegate.post(page(gamma, "close"), {**WHY, "until": soon(30)})
    assert state_of(gamma) == State.CLOSED
    for name in ("reopen", "remove"):
        assert delegate.post(page(gamma, name), WHY).status_code == 404
    assert boss.get(page(gamma, "remove")).status_code == 200
    answer = boss.post(page(gamma, "remove"), WHY)
    assert "The notice of the closed site stands" in answer.content.decode()
    boss.post(page(gamma, "reopen"), {**WHY, "despite": "on"})
    assert state_of(gamma) == State.LIVE


def test_acts_that_dont_lead_on_are_unknown(boss: Client, alpha: Site, control: Site) -> None:
    for name in ("go-live", "remove", "nonsense"):
        assert boss.get(page(alpha, name)).status_code == 404
    for name in ("take-offline", "close", "freeze"):
        assert boss.get(page(control, name)).status_code == 404


def test_other_branches_are_out_of_sight(delegate: Client, delta: Site, epsilon: Site) -> None:
    for site in (delta, epsilon):
        for method in ("get", "post"):
            assert getattr(delegate, method)(page(site, "freeze"), WHY).status_code == 404
        assert state_of(site) == State.LIVE


def test_a_read_only_site_says_why(boss: Client, boss_user: User, gamma: Site) -> None:
    lifecycle.act("gamma", "freeze", by=boss_user, reason="并入市级平台")
    text = boss.get(page(gamma)).content.decode()
    assert "并入市级平台" in text
    assert page(gamma, "unfreeze") in text
