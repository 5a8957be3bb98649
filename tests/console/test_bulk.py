"""Acts on many sites: choosing, trying, starting, and what becomes of each site."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from sitecluster.accounts import delegation
from sitecluster.accounts.models import User
from sitecluster.audit.models import Entry
from sitecluster.cms import publication
from sitecluster.cms.models import ColumnPage, HomePage, SiteIdentity
from sitecluster.tenancy import tenant_context
from sitecluster_console.batches.bulk_acts import ACTS
from sitecluster_console.shared.models import Batch
from tenants import directory
from tenants.directory import Site
from tenants.models import State, Tenant
from tests.cms.conftest import article, column
from tests.conftest import client_for
from tests.console.conftest import row

pytestmark = pytest.mark.django_db
URLCONF = "sitecluster.project.urls_admin"
WHY = {"reason": "统一栏目设置", "document": "县办〔2026〕3号"}
COLUMN = {
    "title": "工作简讯",
    "slug": "gzjx",
    "below": "",
    "column_type": "news",
    "update_frequency": "weekly",
    "description": "各单位工作动态。",
    "keywords": "工作,简讯",
    "must_have": "on",
    **WHY,
}


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def url(name: str, *args: Any) -> str:
    return reverse(f"console:{name}", urlconf=URLCONF, args=args)


def of(*sites: Site) -> str:
    return "?" + "&".join(f"site={site.id}" for site in sites)


def run(browser: Client, act: str, query: str, real: Any = True, **data: Any) -> Batch:
    """The batch of an act whose form is good."""
    data = {**WHY, **data, "run": "real" if real else "dry"}
    response = browser.post(url("bulk_act", act) + query, data)
    assert response.status_code == 302, response.context["form"].errors
    return batch_of(response)


def batch_of(response: Any) -> Batch:
    return Batch.objects.get(pk=int(response["Location"].rstrip("/").split("/")[-1]))


def results(batch: Batch) -> dict[str, tuple[str, str]]:
    """State and sentence of each item, by code."""
    return {
        item.code: (item.state, " ".join(item.problems) or item.result)
        for item in batch.items.all()
    }


# --- Choosing --------------------------------------------------------------------------------


def test_sites_are_named_or_found_by_the_filters_of_the_home(
    boss: Client, alpha: Site, beta: Site, gamma: Site
) -> None:
    def chosen(query: str) -> list[str]:
        response = boss.get(url("bulk") + query)
        assert response.status_code == 200
        return [site.code for site in response.context["sites"]]

    assert chosen(of(beta, gamma)) == ["beta", "gamma"]
    assert chosen("?all=1&kind=township") == ["beta"]
    assert chosen(f"?all=1&branch={alpha.id}") == ["alpha", "beta", "gamma"]
    assert chosen("?all=1&q=水利") == ["gamma"]
    assert chosen("?site=x&site=-1&site=999999999999999999999") == []
    assert "control" not in chosen("?all=1")


def test_page_offers_every_act_for_them(boss: Client, beta: Site) -> None:
    page = boss.get(url("bulk") + of(beta)).content.decode()
    for name in ACTS:
        assert url("bulk_act", name) + of(beta) in page
        assert boss.get(url("bulk_act", name) + of(beta)).status_code == 200


def test_without_sites_one_chooses_first(boss: Client) -> None:
    page = boss.get(url("bulk")).content.decode()
    assert 'name="all" value="1"' in page
    for ask in (boss.get, boss.post):
        assert ask(url("bulk_act", "add-column"), COLUMN)["Location"] == url("bulk")
    assert boss.get(url("bulk_act", "none")).status_code == 404
    assert not Batch.objects.exists()


# --- Columns ---------------------------------------------------------------------------------


def test_column_is_tried_and_then_added(boss: Client, alpha: Site, beta: Site, gamma: Site) -> None:
    with tenant_context(gamma):
        column(HomePage.objects.get(), "简讯", "gzjx")
    with tenant_context(beta):
        home = HomePage.objects.get()
        article(column(home, "别的", "bd"), "一条")
    query = of(alpha, beta, gamma)

    tried = run(boss, "add-column", query, real=False, **COLUMN)

    expected = {
        "alpha": ("done", "Added."),
        "beta": ("done", "Added."),
        "gamma": ("done", "Marked as a must-have column."),
    }
    assert (tried.dry_run, tried.title) == (True, "Add a must-have column · 工作简讯")
    assert results(tried) == expected
    with tenant_context(alpha):
        assert not ColumnPage.objects.filter(slug="gzjx").exists()
    assert not Entry.objects.filter(act="column.added").exists()
    page = boss.get(url("batch", tried.pk)).content.decode()
    assert url("bulk_start", tried.pk) in page

    real = batch_of(boss.post(url("bulk_start", tried.pk)))

    assert (real.dry_run, real.reason, real.document) == (False, *WHY.values())
    assert results(real) == expected
    for site in (alpha, beta, gamma):
        with tenant_context(site):
            made = ColumnPage.objects.get(slug="gzjx")
            assert (made.live, made.must_have) == (True, True)
        assert publication.compare(site) == []
    noted = Entry.objects.filter(act="column.added")
    assert {(entry.site_code, entry.reason, entry.document) for entry in noted} == {
        (site.code, *WHY.values()) for site in (alpha, beta, gamma)
    }
    assert set(results(run(boss, "add-column", query, **COLUMN)).values()) == {("unchanged", "")}


def test_one_site_that_can_not_stops_no_other(boss: Client, alpha: Site, beta: Site) -> None:
    Tenant.objects.filter(pk=beta.id).update(state=State.READONLY)
    directory.forget()
    tried = run(boss, "add-column", of(alpha, beta), real=False, **COLUMN)
    assert results(tried)["beta"][0] == "failed"
    assert "read-only" in results(tried)["beta"][1]
    real = batch_of(boss.post(url("bulk_start", tried.pk), {"failed": "leave"}))
    assert results(real) == {"alpha": ("done", "Added.")}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("title", "", "required"),
        ("slug", "大写", "small letters"),
        ("slug", "media", "platform itself"),
        ("below", "../x", "path of a column"),
        ("column_type", "none", "valid choice"),
        ("description", "", "required"),
        ("reason", "", "required"),
    ],
)
def test_errors_stand_at_their_fields(
    boss: Client, beta: Site, field: str, value: str, words: str
) -> None:
    response = boss.post(url("bulk_act", "add-column") + of(beta), {**COLUMN, field: value})
    assert words in response.context["form"].errors[field][0]
    assert not Batch.objects.exists()


def test_column_is_withdrawn_to_the_centre(
    boss: Client, alpha: Site, beta: Site, gamma: Site
) -> None:
    for site in (beta, gamma):
        with tenant_context(site):
            own = column(HomePage.objects.get(), "工作简讯", "gzjx")
            if site is beta:
                article(own, "一条")
    with tenant_context(alpha):
        column(HomePage.objects.get(), "集中发布", "jzfb")
    wishes = {"path": "gzjx", "articles": "refuse", "redirect": "on", "centre": "/jzfb/"}
    tried = run(boss, "withdraw-column", of(alpha, beta, gamma), real=False, **wishes)
    assert results(tried)["alpha"] == (
        "failed",
        "There is no site above to which its address could lead.",
    )
    assert "1 live article stands in it" in results(tried)["beta"][1]
    assert results(tried)["gamma"][0] == "done"

    done = run(boss, "withdraw-column", of(beta, gamma), **{**wishes, "articles": "unpublish"})

    assert {state for state, _text in results(done).values()} == {"done"}
    place = beta.address
    assert place is not None
    answer = client_for(place.host).get(f"{place.prefix}/gzjx/")
    assert alpha.address is not None
    assert (answer.status_code, answer["Location"]) == (301, alpha.address.url("/jzfb/"))
    assert publication.compare(beta) == publication.compare(gamma) == []
    assert Entry.objects.filter(act="column.withdrawn", document=WHY["document"]).count() == 2


def test_centre_must_be_there(boss: Client, beta: Site) -> None:
    with tenant_context(beta):
        column(HomePage.objects.get(), "工作简讯", "gzjx")
    wishes = {"path": "gzjx", "articles": "refuse", "redirect": "on", "centre": "none"}
    done = run(boss, "withdraw-column", of(beta), **wishes)
    assert results(done)["beta"] == ("failed", "阿县人民政府 has no page at /none/.")


def test_withdrawal_asks_where_articles_go(boss: Client, beta: Site) -> None:
    for wishes, field in (
        ({"path": "/", "articles": "refuse"}, "path"),
        ({"path": "gzjx", "articles": "move"}, "target"),
    ):
        response = boss.post(url("bulk_act", "withdraw-column") + of(beta), {**WHY, **wishes})
        assert field in response.context["form"].errors


# --- Settings, plugins, themes, states --------------------------------------------------------


def test_fact_of_the_identity(boss: Client, beta: Site, gamma: Site) -> None:
    wishes = {"setting": "contact_phone", "text": "0912-6721000"}
    done = run(boss, "setting", of(beta, gamma), **wishes)
    assert results(done)["beta"] == ("done", "telephone: none → 0912-6721000")
    for site in (beta, gamma):
        with tenant_context(site):
            assert SiteIdentity.objects.get().contact_phone == "0912-6721000"
    assert results(run(boss, "setting", of(beta), **wishes))["beta"][0] == "unchanged"
    response = boss.post(
        url("bulk_act", "setting") + of(beta), {**WHY, "setting": "contact_email", "text": "x"}
    )
    assert "text" in response.context["form"].errors


def test_second_factor_and_quotas(boss: Client, beta: Site) -> None:
    done = run(boss, "setting", of(beta), setting="second_factor", switch="on")
    assert results(done)["beta"][1].endswith("not required → required")
    run(boss, "setting", of(beta), setting="max_bytes", number="500")
    run(boss, "setting", of(beta), setting="max_items", number="30")
    tenant = row(beta)
    assert (tenant.second_factor, tenant.max_bytes, tenant.max_items) == (True, 500 * 2**20, 30)
    run(boss, "setting", of(beta), setting="max_bytes", number="")
    assert row(beta).max_bytes is None
    assert Entry.objects.filter(site_id=beta.id, reason=WHY["reason"]).count() >= 4


def test_plugin_goes_on_and_off(boss: Client, beta: Site, gamma: Site) -> None:
    Tenant.objects.filter(pk=beta.id).update(plugins=[])
    directory.forget()
    done = run(boss, "plugin", of(beta, gamma), plugin="alerts", switch="on")
    assert results(done)["beta"][0] == "done"
    assert "alerts" in row(beta).plugins
    done = run(boss, "plugin", of(beta), plugin="alerts", switch="off")
    assert results(done)["beta"] == ("done", "Off.")
    assert "alerts" not in row(beta).plugins


def test_theme(boss: Client, beta: Site, gamma: Site) -> None:
    Tenant.objects.filter(pk=gamma.id).update(theme="department")
    directory.forget()
    tried = run(boss, "theme", of(beta, gamma), real=False, theme="department")
    assert results(tried)["gamma"] == ("unchanged", "")
    assert results(tried)["beta"][0] == "done"
    assert row(beta).theme == "township"
    run(boss, "theme", of(beta), theme="department")
    assert row(beta).theme == "department"


def test_state(boss: Client, beta: Site, gamma: Site) -> None:
    done = run(boss, "state", of(beta, gamma), step="freeze", notice="机构改革")
    assert results(done) == dict.fromkeys(("beta", "gamma"), ("done", "Read-only"))
    assert row(beta).state == State.READONLY
    response = boss.post(url("bulk_act", "state") + of(beta), {**WHY, "step": "take-offline"})
    assert "until" in response.context["form"].errors


# --- Whose sites -----------------------------------------------------------------------------


def test_delegate_acts_on_the_branch_alone(
    delegate: Client, beta: Site, delta: Site, epsilon: Site
) -> None:
    directory.forget()
    page = delegate.get(url("bulk") + of(beta, delta, epsilon))
    assert [site.code for site in page.context["sites"]] == ["beta"]
    page = delegate.get(url("bulk") + "?all=1")
    assert {site.code for site in page.context["sites"]} == {"alpha", "beta", "gamma"}
    done = run(delegate, "theme", of(beta, delta, epsilon), theme="department")
    assert set(results(done)) == {"beta"}
    assert row(delta).theme != "department"
    redirect = delegate.get(url("bulk_act", "theme") + of(delta))
    assert redirect["Location"] == url("bulk")


def test_delegate_sets_no_quota(delegate: Client, beta: Site) -> None:
    wishes = {**WHY, "setting": "max_bytes", "number": "5"}
    response = delegate.post(url("bulk_act", "setting") + of(beta), wishes)
    assert "setting" in response.context["form"].errors


def test_who_has_lost_the_branch_starts_nothing(
    delegate: Client, delegate_user: User, boss_user: User, beta: Site
) -> None:
    tried = run(delegate, "theme", of(beta), real=False, theme="department")
    given = delegate_user.delegations.get(ended_at=None)
    delegation.end(given, by=boss_user, reason="调整分工")
    delegate.post(url("bulk_start", tried.pk))
    assert not Batch.objects.filter(dry_run=False).exists()
    assert row(beta).theme == "township"


def test_nobody_starts_the_batch_of_another(boss: Client, delegate: Client, beta: Site) -> None:
    tried = run(boss, "theme", of(beta), real=False, theme="department")
    assert delegate.post(url("bulk_start", tried.pk)).status_code == 404
    real = batch_of(boss.post(url("bulk_start", tried.pk)))
    boss.post(url("bulk_start", real.pk))
    assert Batch.objects.filter(dry_run=False).count() == 1


def test_who_runs_no_site_sees_none_of_it(applicant: Client, clerk: Client, beta: Site) -> None:
    for browser in (applicant, clerk):
        for place in (url("bulk"), url("bulk_act", "theme") + of(beta)):
            assert browser.get(place).status_code == 302
            assert browser.post(place, WHY).status_code in (302, 405)
    assert not Batch.objects.exists()
