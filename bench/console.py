"""What the console's home costs with 1,000 sites, beside Wagtail's own listing of the same rows."""

from datetime import timedelta
from statistics import median
from time import perf_counter, process_time
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path, reverse
from django.utils import timezone
from wagtail import hooks
from wagtail.admin.views import generic

from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import Membership, User
from sitecluster.library.models import Item
from sitecluster.tasks.claiming import Status
from sitecluster.tasks.models import QueuedTask
from sitecluster.tenancy import shared_context
from tenants import directory
from tenants.migrating import migration_state
from tenants.models import Domain, Kind, State, Tenant, Usage

from . import sites
from .report import heading, line, note

TARGET_MS = 300
ITEMS, MEMBERS, BRANCH = 20, 3, 50  # of each site; sites below each district
STOCK = ("bench_stock", "bench_stock_whole")


class StockListing(generic.IndexView):
    """Wagtail's listing of the table, with as many columns and rows a page as ours."""

    model = Tenant
    list_display = (
        *("name", "code", "state", "theme", "plugins", "kind", "state_since", "created_at"),
        *("max_bytes", "max_items", "upgrade_error"),
    )
    index_url_name = STOCK[0]
    default_ordering = "code"
    paginate_by = 50


@hooks.register("register_admin_urls")
def stock_urls() -> list[Any]:
    """In the same process, behind the same middleware."""
    whole = StockListing.as_view(paginate_by=None)
    return [
        path("bench/stock/", StockListing.as_view(), name=STOCK[0]),
        path("bench/stock/whole/", whole, name=STOCK[1]),
    ]


def run(quick: bool) -> None:
    """Time the screens with 10, 100 and 1,000 sites."""
    settings.TRIAL_WITHOUT_SECOND_FACTOR = True
    counts = (10, 100) if quick else (10, 100, 1000)
    heading(f"console: home with {counts[-1]} sites, median of the test client")
    browser = _platform_admin()
    repeats = 5 if quick else 25
    home = reverse("console:home")
    queries = []
    first = 1
    for count in counts:
        _write(first, count)
        first = count + 1
        queries.append(_queries(browser, home))
        target = f"< {TARGET_MS} ms" if count == counts[-1] else ""
        line(f"home, {count} sites", _time(browser, home, repeats), target)
    line("SQL statements", ", ".join(map(str, queries)), "equal")
    for label, query in (
        ("last page", "p=1000"),
        ("search", "q=99"),
        ("filter: no update for 7 days", "stale=7"),
        ("filter: failed tasks, one branch", f"attention=tasks&branch={_branch()}"),
        ("export of all rows, CSV", "export=csv"),
        ("export of all rows, XLSX", "export=xlsx"),
    ):
        line(label, _time(browser, f"{home}?{query}", max(repeats // 5, 3)))
    line("baseline: Wagtail's listing, 50 rows", _time(browser, reverse(STOCK[0]), repeats))
    whole = _time(browser, reverse(STOCK[1]), 3)
    line(f"baseline: Wagtail's listing, {counts[-1]} rows on a page", whole)
    note("ms of wall clock / of this process's CPU")


def _platform_admin() -> Client:
    control = directory.snapshot().by_code["control"]
    with shared_context():
        user = add_member("bench@console.example", control, ["site_admin"])[0]
        User.everyone.filter(pk=user.pk).update(is_superuser=True)
        client = Client(headers={"host": control.admin_host})
        client.force_login(User.everyone.get(pk=user.pk))
    return client


def _write(first: int, last: int) -> None:
    """Rows of the sites ``first`` to ``last`` and of what is known of them, without schemas."""
    with shared_context(), transaction.atomic():
        made: list[Tenant] = []
        top: Tenant | None = None
        for number in range(first, last + 1):
            is_top = number % BRANCH == 1
            site = _site(number, None if is_top else top)
            if is_top:
                site.save()
                top = site
            made.append(site)
        Tenant.objects.bulk_create([site for site in made if site.pk is None])
        _figures(made)
    directory.forget()


def _site(number: int, top: Tenant | None) -> Tenant:
    return Tenant(
        code=sites.code(number),
        schema_name=f"s_{sites.code(number)}",
        name=sites.name(number),
        kind=Kind.DEPARTMENT if top else Kind.DISTRICT,
        parent=top,
        state=State.LIVE,
        plugins=["alerts"],
        max_bytes=10**9,
        migration_state=migration_state(),
    )


def _figures(made: list[Tenant]) -> None:
    now = timezone.now()
    people = User.objects.bulk_create(
        User(email=f"{site.code}-{number}@bench.example")
        for site in made
        for number in range(MEMBERS)
    )
    Domain.objects.bulk_create(
        Domain(tenant=site, host=f"{site.code}{sites.HOST_ENDING}") for site in made
    )
    Membership.objects.bulk_create(
        Membership(tenant=made[number // MEMBERS], user=person)
        for number, person in enumerate(people)
    )
    Usage.objects.bulk_create(
        Usage(tenant=site, files=9, file_bytes=site.pk * 10**6, measured_at=now) for site in made
    )
    Item.objects.bulk_create(
        _item(site, number, now - timedelta(days=number + site.pk % 10))
        for site in made
        for number in range(ITEMS)
    )
    for site in made[::40]:
        QueuedTask.objects.create(
            tenant_id=site.pk,
            status=Status.FAILED,
            retries=0,
            task_path="a.b",
            run_after=now,
            args_kwargs={"args": [], "kwargs": {}},
            backend_name="default",
            exception_class_path="",
            traceback="",
        )


def _item(site: Tenant, number: int, at: Any) -> Item:
    return Item(
        tenant=site,
        page_id=number + 1,
        kind="article",
        language="zh-hans",
        translation_key=uuid4(),
        path=f"/tzgg/{number}/",
        title="关于集中供水检修的通知",
        body_text="根据安排，" * 200,
        published_at=at,
        updated_at=at,
        revision_hash="x",
    )


def _branch() -> int:
    return Tenant.objects.filter(kind=Kind.DISTRICT).order_by("pk")[0].pk


def _queries(browser: Client, url: str) -> int:
    browser.get(url)
    with CaptureQueriesContext(connection) as captured:
        browser.get(url)
    return len(captured)


def _time(browser: Client, url: str, repeats: int) -> str:
    _get(browser, url)
    walls, works = [], []
    for _ in range(repeats):
        wall, work = perf_counter(), process_time()
        _get(browser, url)
        walls.append(perf_counter() - wall)
        works.append(process_time() - work)
    return f"{median(walls) * 1000:.0f} / {median(works) * 1000:.0f} ms"


def _get(browser: Client, url: str) -> None:
    response: Any = browser.get(url)
    assert response.status_code == 200, response
    if response.streaming:
        response.getvalue()
