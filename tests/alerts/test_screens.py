"""Who may set a notice, and what is said to whoever gets it wrong."""

from typing import Any

import pytest

from sitecluster.audit.models import Entry
from sitecluster_alerts.shared.models import Alert
from tenants import directory, switching
from tenants.directory import Site

from .conftest import SetAlert, SignIn

ADD = "/admin/alerts/new/"
FORM: dict[str, Any] = {
    "level": "2",
    "text": "佳芦河水位超警戒",
    "text_en": "",
    "link": "",
    "starts_at": "2026-11-22 08:00",
    "ends_at": "",
    "below": "on",
}


@pytest.mark.parametrize("role", ["site_admin", "reviewer"])
def test_admins_and_reviewers_set_notices(alpha: Site, sign_in: SignIn, role: str) -> None:
    response = sign_in(alpha, role).post(ADD, FORM)
    assert response.status_code == 302
    alert = Alert.everywhere.get()
    assert (alert.tenant_id, alert.text, alert.below) == (alpha.id, "佳芦河水位超警戒", True)


@pytest.mark.parametrize("role", ["editor", "column_maintainer"])
def test_nobody_else_does(alpha: Site, sign_in: SignIn, role: str) -> None:
    browser = sign_in(alpha, role)
    assert browser.post(ADD, FORM).status_code in (302, 403)
    assert "/admin/alerts/" not in browser.get("/admin/").content.decode()
    assert not Alert.everywhere.exists()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("ends_at", "2026-11-22 07:00", "The end must come after the start."),
        ("link", "javascript:alert(1)", "Enter a valid URL."),
        ("text", "", "This field is required."),
        ("level", "9", "Select a valid choice."),
    ],
)
def test_bad_input_is_named_and_changes_nothing(
    alpha: Site, sign_in: SignIn, field: str, value: str, message: str
) -> None:
    response = sign_in(alpha, "site_admin").post(ADD, {**FORM, field: value})
    assert message in response.content.decode()
    assert not Alert.everywhere.exists()


def test_the_list_shows_the_sites_own(
    alpha: Site, beta: Site, sign_in: SignIn, set_alert: SetAlert
) -> None:
    set_alert(alpha, "门户公告")
    set_alert(beta, "镇里公告")
    page = sign_in(beta, "site_admin").get("/admin/alerts/").content.decode()
    assert ("镇里公告" in page, "门户公告" in page) == (True, False)


@pytest.mark.parametrize("act", ["edit", "delete"])
def test_anothers_notice_is_not_there(
    alpha: Site, beta: Site, sign_in: SignIn, set_alert: SetAlert, act: str
) -> None:
    theirs = set_alert(alpha)
    browser = sign_in(beta, "site_admin")
    assert browser.get(f"/admin/alerts/{act}/{theirs.pk}/").status_code == 404
    assert browser.post(f"/admin/alerts/{act}/{theirs.pk}/", FORM).status_code == 404
    theirs.refresh_from_db()
    assert theirs.text == "暴雨红色预警"


def test_every_change_is_in_the_audit_trail(alpha: Site, sign_in: SignIn) -> None:
    browser = sign_in(alpha, "site_admin")
    browser.post(ADD, FORM)
    alert = Alert.everywhere.get()
    browser.post(f"/admin/alerts/edit/{alert.pk}/", {**FORM, "text": "水位回落"})
    browser.post(f"/admin/alerts/delete/{alert.pk}/")
    acts = Entry.objects.filter(act__startswith="alert.").order_by("id")
    assert [(entry.act, entry.subject, entry.actor_email) for entry in acts] == [
        ("alert.set", "佳芦河水位超警戒", "site_admin@alpha.example"),
        ("alert.set", "水位回落", "site_admin@alpha.example"),
        ("alert.deleted", "水位回落", "site_admin@alpha.example"),
    ]


def test_the_screens_go_with_the_plugin(alpha: Site, sign_in: SignIn) -> None:
    browser = sign_in(alpha, "site_admin")
    assert browser.get("/admin/alerts/").status_code == 200
    switching.disable("alpha", "alerts")
    directory.forget()
    assert browser.get("/admin/alerts/").status_code == 404
    assert "/admin/alerts/" not in browser.get("/admin/").content.decode()
