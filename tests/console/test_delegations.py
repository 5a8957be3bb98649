"""The screens of delegations."""

import pytest
from django.test import Client
from django.utils import translation
from wagtail.admin.menu import Menu, admin_menu

from sitecluster.accounts import delegation
from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import Delegation, User
from sitecluster.audit.models import Entry
from tenants.directory import Site

from .test_site_page import at


@pytest.fixture
def elsewhere(delta: Site, epsilon: Site, boss_user: User) -> Delegation:
    """A delegation of the foreign branch."""
    user = add_member("foreign@delta.example", epsilon, ["editor"], name="丁主任")[0]
    return delegation.give(user, delta, "manager", by=boss_user)


def test_a_branch_is_given_and_taken_back(
    alpha: Site, gamma: Site, boss: Client, stranger_user: User
) -> None:
    data = {"email": " Stranger@console.example", "role": "manager", "reason": "区县自管"}
    answer = boss.post(at("delegation_give"), data | {"site": gamma.id})
    assert answer.status_code == 302
    given = Delegation.objects.get(user=stranger_user)
    assert (given.tenant_id, given.role) == (gamma.id, "manager")
    text = boss.get(at("delegations")).content.decode()
    assert "路人孙" in text
    assert "阿县水利局" in text
    assert at("delegation_end", given.pk) in text
    assert boss.post(at("delegation_end", given.pk), {}).context["form"].errors["reason"]
    assert boss.post(at("delegation_end", given.pk), {"reason": "调离"}).status_code == 302
    given.refresh_from_db()
    assert given.ended_at is not None
    assert Entry.objects.get(act="delegation.ended").reason == "调离"
    assert boss.get(at("delegation_end", given.pk)).status_code == 404


def test_a_delegate_sees_and_gives_in_the_own_branch_alone(
    alpha: Site,
    gamma: Site,
    epsilon: Site,
    elsewhere: Delegation,
    delegate: Client,
    stranger_user: User,
) -> None:
    for path in (at("delegations"), at("delegations_results"), at("delegation_give")):
        text = delegate.get(path).content.decode()
        for hidden in ("丁", "delta", "epsilon", "foreign@"):
            assert hidden not in text, path
    assert delegate.get(at("delegation_end", elsewhere.pk)).status_code == 404
    assert delegate.post(at("delegation_end", elsewhere.pk), {"reason": "x"}).status_code == 404
    data = {"email": "stranger@console.example", "role": "manager", "reason": "x"}
    refused = delegate.post(at("delegation_give"), data | {"site": epsilon.id})
    assert "site" in refused.context["form"].errors
    above = delegate.post(at("delegation_give"), data | {"site": alpha.id})
    assert "yours to delegate" in str(above.context["form"].non_field_errors())
    assert delegate.post(at("delegation_give"), data | {"site": gamma.id}).status_code == 302
    assert Delegation.objects.filter(user=stranger_user, tenant_id=gamma.id).exists()


def test_addresses_of_other_branches_are_as_unknown_as_any(
    gamma: Site, elsewhere: Delegation, delegate: Client
) -> None:
    errors = []
    for email in ("foreign@delta.example", "nobody@nowhere.example"):
        data = {"email": email, "role": "manager", "reason": "x", "site": gamma.id}
        answer = delegate.post(at("delegation_give"), data)
        errors.append(str(answer.context["form"].errors["email"]).replace(email, ""))
    assert errors[0] == errors[1]


def test_a_delegate_cannot_end_the_own_delegation(delegate: Client, delegate_user: User) -> None:
    own = Delegation.objects.get(user=delegate_user)
    assert at("delegation_end", own.pk) not in delegate.get(at("delegations")).content.decode()
    answer = delegate.post(at("delegation_end", own.pk), {"reason": "x"})
    assert (answer.status_code, answer.headers["location"]) == (302, "/admin/")
    own.refresh_from_db()
    assert own.ended_at is None


def test_refusals_stand_at_the_form(alpha: Site, boss: Client, boss_user: User) -> None:
    data = {"email": boss_user.email, "role": "manager", "reason": "x", "site": alpha.id}
    answer = boss.post(at("delegation_give"), data)
    assert "is a platform admin" in str(answer.context["form"].non_field_errors())


def test_the_branch_of_a_sites_page_is_chosen(gamma: Site, boss: Client) -> None:
    form = boss.get(at("delegation_give"), {"site": gamma.id}).context["form"]
    assert form["site"].value() == gamma.id or form["site"].value().pk == gamma.id


def test_nobody_else_enters(applicant: Client, clerk: Client, stranger: Client) -> None:
    for browser in (applicant, clerk, stranger):
        assert browser.get(at("delegations")).status_code == 302
        assert browser.post(at("delegation_give"), {}).status_code == 302


@pytest.mark.parametrize("first_asked_in", ["en", "zh-hans"])
def test_the_menu_offers_a_delegate_no_content_of_the_control_site(
    delegate: Client, boss: Client, monkeypatch: pytest.MonkeyPatch, first_asked_in: str
) -> None:
    with translation.override(first_asked_in):  # Wagtail names an entry once, after its label
        items = Menu(register_hook_name="register_admin_menu_item").registered_menu_items
    monkeypatch.setitem(vars(admin_menu), "registered_menu_items", items)
    content = ("/admin/articles/", "/admin/images/", "/admin/documents/", "/admin/users/")
    for browser, shown in ((boss, True), (delegate, False)):
        text = browser.get("/admin/").content.decode()
        assert [path for path in content if (f'"{path}"' in text) is not shown] == []
