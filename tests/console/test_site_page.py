"""The page of one site, and what is changed from it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from sitecluster.accounts.models import User
from sitecluster.audit.models import Entry
from sitecluster.cms.identity import SiteIdentity
from sitecluster.tenancy import tenant_context
from tenants import directory
from tenants.directory import Site
from tenants.models import Tenant

URLS = "sitecluster.project.urls_admin"


def at(name: str, *args: Any) -> str:
    return reverse(f"console:{name}", args=args, urlconf=URLS)


def page(browser: Client, site: Site) -> str:
    answer = browser.get(at("site", site.id))
    assert answer.status_code == 200
    return answer.content.decode()


def last(act: str) -> Entry:
    return Entry.objects.filter(act=act).latest("pk")


def now(site: Site) -> Tenant:
    return Tenant.objects.get(pk=site.id)


def test_it_names_the_site_its_state_and_its_addresses(beta: Site, boss: Client) -> None:
    text = page(boss, beta)
    for shown in (
        "贝镇人民政府",
        "www.alpha.localhost/zz/beta",
        "beta.admin.localhost",
        "阿县人民政府",
    ):
        assert shown in text


def test_the_page_of_another_branch_is_not_there(
    beta: Site, epsilon: Site, delegate: Client
) -> None:
    assert delegate.get(at("site", beta.id)).status_code == 200
    assert delegate.get(at("site", epsilon.id)).status_code == 404


def test_a_delegate_sees_no_way_to_the_site_above_the_branch(
    alpha: Site, gamma: Site, stranger_user: User, boss_user: User, browse: Any
) -> None:
    from sitecluster.accounts import delegation

    delegation.give(stranger_user, gamma, "manager", by=boss_user)
    text = page(browse(stranger_user), gamma)
    assert at("site", alpha.id) not in text


def test_members_delegates_and_recent_acts_are_shown(
    alpha: Site, delegate_user: User, boss: Client
) -> None:
    text = page(boss, alpha)
    for shown in ("分级李", "Branch delegated", "区县自管", "One member", "site_code=alpha"):
        assert shown in text


def test_identity_is_changed_with_a_reason_and_recorded(gamma: Site, delegate: Client) -> None:
    form = delegate.get(at("site_identity", gamma.id)).context["form"]
    data = {name: form.get_initial_for_field(form[name].field, name) or "" for name in form.fields}
    data |= {
        "legal_name": "阿县水务局",
        "host_unit": "阿县水务局",
        "co_organiser": "阿县各镇",
        "leader": "张局长",
        "reason": "机构改革",
        "document": "阿编〔2026〕3号",
    }
    answer = delegate.post(at("site_identity", gamma.id), data)
    assert answer.status_code == 302, answer.context["form"].errors
    with tenant_context(gamma):
        facts = SiteIdentity.objects.get()
    assert (facts.legal_name, facts.co_organiser) == ("阿县水务局", "阿县各镇")
    assert now(gamma).name == "阿县水务局"
    entry = last("site.identity_changed")
    assert (entry.site_code, entry.reason, entry.document) == (
        "gamma",
        "机构改革",
        "阿编〔2026〕3号",
    )
    assert entry.before is not None
    assert entry.before["legal_name"] == "阿县水利局"
    assert set(entry.before) == {"legal_name", "host_unit", "co_organiser", "leader"}
    text = page(delegate, gamma)
    for shown in ("张局长", "阿县各镇", "机构改革"):
        assert shown in text


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("reason", "", "required"),
        ("legal_name", "<b>", "must have 2 to 100 characters"),
        ("site_id_code", "12", "wrong form"),
        ("contact_email", "x", "valid email"),
        ("error_report_url", "javascript:alert(1)", "valid URL"),
    ],
)
def test_a_fact_that_cannot_be_so_is_refused_at_its_field(
    gamma: Site, boss: Client, field: str, value: str, says: str
) -> None:
    data = {"legal_name": "阿县水利局", "reason": "x", field: value}
    answer = boss.post(at("site_identity", gamma.id), data)
    assert answer.status_code == 200
    assert says in " ".join(answer.context["form"].errors[field])
    assert not Entry.objects.filter(act="site.identity_changed").exists()


def test_the_theme_is_chosen_by_its_picture(gamma: Site, delegate: Client) -> None:
    text = delegate.get(at("site_theme", gamma.id)).content.decode()
    assert "department/preview" in text
    answer = delegate.post(at("site_theme", gamma.id), {"theme": "base", "reason": "统一风格"})
    assert answer.status_code == 302
    assert now(gamma).theme == "base"
    assert (last("theme.set").reason, last("theme.set").site_code) == ("统一风格", "gamma")
    refused = delegate.post(at("site_theme", gamma.id), {"theme": "nope", "reason": "x"})
    assert refused.context["form"].errors["theme"]


def test_a_second_factor_is_demanded_and_no_more(gamma: Site, delegate: Client) -> None:
    for required in (True, False):
        assert delegate.post(at("site_second_factor", gamma.id), {}).status_code == 200
        delegate.post(at("site_second_factor", gamma.id), {"reason": "等保"})
        assert now(gamma).second_factor is required
        assert last("site.second_factor_set").reason == "等保"


def test_the_control_site_keeps_its_second_factor(control: Site, boss: Client) -> None:
    Tenant.objects.filter(pk=control.id).update(second_factor=True)
    answer = boss.post(at("site_second_factor", control.id), {"reason": "x"})
    assert "always requires" in str(answer.context["form"].errors)


@pytest.fixture
def behind(gamma: Site) -> Iterator[Site]:
    """Gamma, whose schema lacks a migration of this code, since its upgrade failed."""
    marks = {"migration_state": "that of other code", "upgrade_error": "Traceback: no"}
    Tenant.objects.filter(pk=gamma.id).update(**marks)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM s_gamma.django_migrations WHERE app = 'cms'")
    directory.forget()
    yield directory.snapshot().by_code["gamma"]
    directory.forget()


def test_of_a_site_that_is_behind_a_sentence_is_shown(
    behind: Site, boss: Client, delegate: Client
) -> None:
    text = page(boss, behind)
    assert "has to be upgraded first" in text
    assert "Its upgrade failed" in text
    assert "Traceback: no" in text
    theirs = page(delegate, behind)
    assert "Its upgrade failed" in theirs
    assert "Traceback: no" not in theirs
    for path in (at("site_identity", behind.id), at("site_plugin_on", behind.id, "board")):
        for answer in (
            boss.get(path),
            boss.post(path, {"legal_name": "阿县水务局", "reason": "x"}),
        ):
            assert (answer.status_code, answer.headers["location"]) == (302, at("site", behind.id))
    assert (now(behind).name, "board" in now(behind).plugins) == ("阿县水利局", False)
