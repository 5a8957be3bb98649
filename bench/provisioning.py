"""Opening sites: one in a running process, and a roster of 216."""

import csv
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import psutil
from django.db import connection
from django.test import Client

from tenants import directory
from tenants.migrating import migrate_schema
from tenants.orders import Order
from tenants.provisioning import provision
from tenants.rosters import batch, roster

from . import child
from .report import heading, line, note

TARGET_SECONDS, BATCH_TARGET_SECONDS, BATCH_SITES = 0.15, 40, 216
ROSTER = child.ROOT.parent / "shared" / "data" / "changsha.csv"
TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = %s"


def run(quick: bool) -> None:
    """Measure and print."""
    heading("provisioning")
    _open(Order(code="bench", name="基准县人民政府", kind="portal"))
    for kind in ("department", "township"):
        _measure_kind(kind, 5 if quick else 15)
    _measure_batch(quick)


class Stages:
    """Where the milliseconds of the block went: structure, rows, commit; the rest is Python."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def __call__(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        """Django's hook around each statement."""
        text = str(sql)
        structure = text.startswith(("CREATE SCHEMA", "ALTER TABLE", "CREATE TABLE"))
        with self.timed("structure" if structure else "statements"):
            return execute(sql, params, many, context)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Count the block as part of ``stage``."""
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += perf_counter() - start

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Count what happens on the connection during the block."""
        own: Any = connection
        factory = own.connection.cursor_factory
        copy, commit = factory.copy_expert, own._commit

        def timed_copy(*args: Any, **kwargs: Any) -> None:
            with self.timed("rows by COPY"):
                copy(*args, **kwargs)

        def timed_commit() -> None:
            with self.timed("commit"):
                commit()

        factory.copy_expert, own._commit = timed_copy, timed_commit
        try:
            with connection.execute_wrapper(self):
                yield
        finally:
            factory.copy_expert = copy
            del own._commit


def _measure_kind(kind: str, count: int) -> None:
    orders = [
        Order(code=f"{kind}-{number}", name="基准县水利局", kind=kind, parent="bench")
        for number in range(count + 2)
    ]
    for order in orders[:2]:
        _open(order)
    stages, before = Stages(), _server_cpu()
    times = [_open(order, stages) for order in orders[2:]]
    line(
        f"{kind}: median of {count}",
        f"{median(times):.3f} s",
        f"at most {TARGET_SECONDS} s",
    )
    parts = {name: seconds / count * 1000 for name, seconds in stages.seconds.items()}
    parts["Python"] = sum(times) / count * 1000 - sum(parts.values())
    note("of it in ms: " + ", ".join(f"{name} {part:.0f}" for name, part in parts.items()))
    own, kernel = ((b - a) / count * 1000 for a, b in zip(before, _server_cpu(), strict=True))
    note(f"CPU of the database a site: {own:.0f} ms its own, {kernel:.0f} ms in the kernel (files)")
    tables = _tables(f"s_{kind}_0")
    note(f"{tables} tables: {median(times) * 1000 / tables:.2f} ms a table")
    if kind == "department":
        start = perf_counter()
        migrate_schema("s_bench_migrated")
        seconds = perf_counter() - start
        line("migrating the same schema instead", f"{seconds:.1f} s")
        line("as many times as long", f"{seconds / median(times):.0f}")


def _open(order: Order, stages: Stages | None = None) -> float:
    """Seconds until the site is open; raises RuntimeError unless its home page then answers."""
    with stages.watching() if stages else nullcontext():
        start = perf_counter()
        site = provision(order).site
        seconds = perf_counter() - start
    assert site.address is not None
    path = f"{site.address.prefix}/"
    response = Client(headers={"host": site.address.host}).get(path)
    if response.status_code != 200:
        raise RuntimeError(f"{site.address.url()} answered {response.status_code}.")
    return seconds


def _server_cpu() -> tuple[float, float]:
    """CPU seconds of this connection's backend: its own and the kernel's; 0 if it is elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    if not psutil.pid_exists(pid) or not psutil.Process(pid).name().startswith("postgres"):
        return 0.0, 0.0
    times = psutil.Process(pid).cpu_times()
    return times.user, times.system


def _tables(schema_name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(TABLES, [schema_name])
        number: int = cursor.fetchone()[0]
        return number


def _measure_batch(quick: bool) -> None:
    path = ROSTER if ROSTER.exists() and not quick else _own_roster(24 if quick else BATCH_SITES)
    rows = roster.read(path)
    jobs = os.cpu_count() or 1
    start = perf_counter()
    results = list(batch.run(rows, jobs))
    seconds = perf_counter() - start
    bad = [problem for result in results for problem in result.problems]
    if bad:
        raise RuntimeError(" ".join(bad))
    directory.forget()
    line(
        f"a roster of {len(rows)} sites, {jobs} at once",
        f"{seconds:.1f} s",
        f"at most {BATCH_TARGET_SECONDS} s for {BATCH_SITES} on 2 cores",
    )
    note(f"{seconds / len(rows):.3f} s a site")


def _own_roster(count: int) -> Path:
    """A city of ``count`` sites: a portal, departments, districts with townships."""
    path = Path(os.environ["BENCH_FOLDER"]) / "roster.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "name", "kind", "parent"])
        writer.writerow(["city", "基准市人民政府", "portal", ""])
        for number in range(1, count):
            kind = ("department", "township", "township", "district")[number % 4]
            parent = f"c{number - number % 4 - 1}" if kind == "township" and number > 4 else "city"
            writer.writerow([f"c{number}", f"第{number}号单位", kind, parent])
    return path
