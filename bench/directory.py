"""What it costs a process to know 2,000 sites."""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

from django.db import connection, transaction

from tenants import directory
from tenants.migrating import migration_state
from tenants.models import Domain, Kind, State, Tenant

from . import sites
from .report import heading, line


def run(quick: bool) -> None:
    """Write the rows of the sites, without schemas, and time what every process does."""
    count = 200 if quick else 2000
    heading(f"directory: {count} sites")
    _write(count)
    repeats = 20
    trip = _milliseconds(_round_trip, repeats)
    read = _milliseconds(_read, repeats)
    poll = _milliseconds(lambda: directory.refresh(connection), repeats)
    find = _milliseconds(lambda: _find(count), repeats) / count * 1000
    line("baseline: one statement there and back", f"{trip:.2f} ms")
    line("reading all sites after a change", f"{read:.1f} ms")
    line("a poll that finds nothing, twice a second", f"{poll:.2f} ms")
    line("the poll's share of a process's time", f"{poll / 5:.2f} %")
    line("from a host to its site", f"{find:.1f} µs")


def _write(count: int) -> None:
    with transaction.atomic():
        tenants = Tenant.objects.bulk_create(
            Tenant(
                code=sites.code(number),
                schema_name=f"s_{sites.code(number)}",
                name=sites.name(number),
                kind=Kind.DEPARTMENT,
                state=State.LIVE,
                migration_state=migration_state(),
            )
            for number in range(1, count + 1)
        )
        Domain.objects.bulk_create(
            Domain(tenant=tenant, host=sites.host(number))
            for number, tenant in enumerate(tenants, start=1)
        )
    directory.forget()


def _milliseconds(work: Callable[[], Any], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return median(times) * 1000


def _round_trip() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def _read() -> None:
    directory.forget()
    directory.snapshot()


def _find(count: int) -> None:
    known = directory.snapshot()
    for number in range(1, count + 1):
        assert known.find(sites.host(number), "/lm1/")
