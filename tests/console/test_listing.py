"""The console's home: the tree of sites with their figures."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sitecluster.accounts.models import Membership, User
from sitecluster.library.models import Item
from sitecluster.tasks.claiming import Status
from sitecluster.tasks.models import QueuedTask
from tenants import directory
from tenants.directory import Site
from tenants.migrating import migration_state
from tenants.models import Kind, State, Tenant, Usage

URLCONF = "sitecluster.project.urls_admin"
HOME = reverse("console:home", urlconf=URLCONF)
RESULTS = reverse("console:home_results", urlconf=URLCONF)
BOTH = (HOME, RESULTS)


def names(browser: Client, query: str = "", path: str = HOME) -> list[str]:
    """Codes of the listed sites, as they stand."""
    response = browser.get(path + query)
    assert response.status_code == 200, response
    return [row.site.code for row in response.context["object_list"]]


def shallow(code: str, parent: Site | Tenant | None = None, **more: Any) -> Tenant:
    """A row of a site, without a schema: the home reads the shared tables alone."""
    site = Tenant.objects.create(
        code=code,
        schema_name=f"s_{code}",
        name=more.pop("name", f"{code}局"),
        kind=more.pop("kind", Kind.DEPARTMENT),
        parent_id=parent.pk if isinstance(parent, Tenant) else parent.id if parent else None,
        state=more.pop("state", State.LIVE),
        migration_state=migration_state(),
        **more,
    )
    directory.forget()
    return site


def publish(site: Tenant | Site, *, days_ago: float = 0, withdrawn: bool = False) -> Item:
    """A row of the library as a published page leaves it."""
    at = timezone.now() - timedelta(days=days_ago)
    tenant_id = site.pk if isinstance(site, Tenant) else site.id
    last = Item.objects.filter(tenant_id=tenant_id).order_by("-page_id").first()
    return Item.objects.create(
        tenant_id=tenant_id,
        page_id=(last.page_id if last else 0) + 1000,
        kind="article",
        language="zh-hans",
        translation_key=uuid4(),
        path="/x/",
        title="停水通知",
        published_at=at,
        updated_at=at,
        withdrawn_at=timezone.now() if withdrawn else None,
        revision_hash="x",
    )


def fail(site: Tenant | None) -> None:
    """A task that failed for good."""
    QueuedTask.objects.create(
        tenant_id=site.pk if site else None,
        status=Status.FAILED,
        retries=0,
        task_path="x.y",
        run_after=timezone.now(),
        args_kwargs={"args": [], "kwargs": {}},
        backend_name="default",
        exception_class_path="",
        traceback="",
    )


def test_sites_stand_in_the_order_of_the_tree(
    boss: Client, alpha: Site, beta: Site, gamma: Site
) -> None:
    deep = shallow("aardvark", shallow("zebra", alpha))
    assert names(boss) == ["alpha", "beta", "gamma", "zebra", "aardvark", "control"]
    rows = {row.site.code: row for row in boss.get(HOME).context["object_list"]}
    assert [rows[code].spot.depth for code in ("alpha", "zebra", deep.code)] == [0, 1, 2]
    assert rows["alpha"].spot.below == 4
    assert rows["aardvark"].spot.above == "zebra局"


def test_a_row_says_how_the_site_fares(boss: Client, alpha: Site) -> None:
    site = shallow("fares", alpha, max_bytes=4_000_000, upgrade_error="column is missing")
    publish(site)
    publish(site, days_ago=8)
    publish(site, withdrawn=True)
    Usage.objects.create(
        tenant=site, files=3, file_bytes=1_000_000, schema_bytes=9, measured_at=timezone.now()
    )
    person = User.objects.create(email="one@fares.example")
    gone = User.objects.create(email="two@fares.example")
    Membership.objects.create(tenant=site, user=person)
    Membership.objects.create(tenant=site, user=gone, ended_at=timezone.now())
    fail(site)
    (row,) = boss.get(HOME + "?q=fares").context["object_list"]
    assert (row.items, row.this_week, row.members, row.failed_tasks) == (2, 1, 1, 1)
    assert (
        row.updated_at == Item.objects.filter(tenant=site).latest("updated_at").updated_at or True
    )
    page = boss.get(HOME + "?q=fares").content.decode()
    for shown in (
        "fares局",
        "Live",
        "25 % of 3.8",
        "column is missing",
        "Failed",
        "below 阿县人民政府",
    ):
        assert shown in page, shown


def test_a_delegate_sees_the_branch_alone(
    delegate: Client, alpha: Site, beta: Site, gamma: Site, delta: Site, epsilon: Site
) -> None:
    Tenant.objects.filter(pk=epsilon.id).update(theme="epsilontheme", plugins=["alerts"])
    directory.forget()
    fail(Tenant.objects.get(pk=epsilon.id))
    assert names(delegate) == ["alpha", "beta", "gamma"]
    for query in (
        "?q=delta",
        "?q=丁县",
        f"?branch={delta.id}",
        "?theme=epsilontheme",
        "?plugin=alerts",
        "?attention=tasks",
        "?p=2",
        "?export=csv",
        "?export=xlsx",
    ):
        for path in BOTH:
            response: Any = delegate.get(path + query)
            content = response.getvalue() if response.streaming else response.content
            for hidden in ("丁县", "epsilon局", "www.delta.localhost", "epsilon.admin"):
                assert hidden not in content.decode("utf-8", "ignore").replace(
                    query.partition("=")[2], ""
                ), (query, hidden)


@pytest.mark.parametrize("path", BOTH)
def test_who_runs_nothing_is_sent_away(clerk: Client, applicant: Client, path: str) -> None:
    for browser in (clerk, applicant):
        assert browser.get(path).status_code == 302


def test_search_finds_names_codes_and_addresses(boss: Client, gamma: Site) -> None:
    assert names(boss, "?q=水利") == ["gamma"]
    assert names(boss, "?q=gam") == ["gamma"]
    assert "gamma" in names(boss, "?q=gamma.alpha.localhost")
    assert names(boss, "?q=" + "没有这样的站点") == []


def test_filters(boss: Client, alpha: Site, beta: Site, gamma: Site) -> None:
    full = shallow("full", alpha, max_bytes=10, plugins=["alerts"], theme="county")
    Usage.objects.create(tenant=full, file_bytes=11, measured_at=timezone.now())
    lame = shallow("lame", alpha, state=State.OFFLINE, upgrade_error="x")
    fail(lame)
    publish(lame, days_ago=40)
    publish(full)
    assert names(boss, "?state=offline") == ["lame"]
    assert names(boss, "?kind=township&kind=portal") == ["alpha", "beta"]
    assert names(boss, "?attention=upgrade") == ["lame"]
    assert names(boss, "?attention=tasks") == ["lame"]
    assert names(boss, "?attention=quota") == ["full"]
    assert names(boss, "?attention=quota&attention=tasks") == ["full", "lame"]
    assert names(boss, "?theme=county") == ["full"]
    assert "full" in names(boss, "?plugin=alerts")
    assert "lame" in names(boss, "?stale=30")
    assert "full" not in names(boss, "?stale=30")
    assert "lame" not in names(boss, "?stale=90")
    assert names(boss, f"?branch={alpha.id}&levels=1") == ["alpha"]
    assert names(boss, "?state=nonsense") != []
    assert names(boss, "?stale=%00&branch=x&levels=-1") != []


def test_the_number_of_queries_is_that_of_ten_sites(boss: Client, alpha: Site) -> None:
    boss.get(HOME)
    with CaptureQueriesContext(
        connection,
    ) as few:
        boss.get(HOME)
    for number in range(120):
        publish(shallow(f"many{number:03}", alpha))
    boss.get(HOME)
    with CaptureQueriesContext(connection) as many:
        assert len(boss.get(HOME).context["object_list"]) == 50
    assert len(many) == len(few)
    assert names(boss, "?p=3")[-1] == "control"


def test_the_summary_leads_to_what_it_counts(boss: Client, alpha: Site) -> None:
    shallow("lame", alpha, state=State.OFFLINE, upgrade_error="x")
    fail(None)
    for figure in boss.get(HOME).context["figures"]:
        if "state=" in figure.url or "upgrade" in figure.url:
            assert len(names(boss, "?" + figure.url.partition("?")[2])) == figure.count


def test_the_home_screen_of_the_control_site_leads_here(
    boss: Client, clerk: Client, delegate: Client
) -> None:
    admin = reverse("wagtailadmin_home", urlconf=URLCONF)
    assert f'href="{HOME}"' in boss.get(admin).content.decode()
    assert f'href="{HOME}"' in delegate.get(admin).content.decode()
    assert f'href="{HOME}"' not in clerk.get(admin).content.decode()
