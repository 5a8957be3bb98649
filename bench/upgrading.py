"""An upgrade that finds nothing to do, and one that finds a migration, over a city of 216 sites."""

import os
import subprocess
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

from django.core.management import call_command
from django.core.management.commands.migrate import Command as MigrateCommand

from sitecluster.tenancy import connection, tenant_context
from tenants import directory

from . import child, sites
from .report import heading, line, note

TARGET_SECONDS = 3
MIGRATION, UNDO = (
    "0009_embed_cache_until",
    "ALTER TABLE wagtailembeds_embed DROP COLUMN cache_until",
)


def run(quick: bool) -> None:
    """Measure and print."""
    count = 24 if quick else 216
    heading(f"upgrading: {count} sites")
    sites.make(sites.pattern(), 1, count)
    _run("upgrade")
    _measure_nothing(count, 3 if quick else 5)
    _measure_migration()


def _measure_nothing(count: int, repeats: int) -> None:
    start_up = _seconds(lambda: _run("help"), repeats)
    nothing = _seconds(lambda: _run("upgrade"), repeats)
    check = _seconds(lambda: _run("upgrade", "--check"), repeats)
    target = f"at most {TARGET_SECONDS} s for 216 on 2 cores"
    line("upgrade with nothing to do, start-up included", f"{nothing:.2f} s", target)
    line("upgrade --check, the same", f"{check:.2f} s")
    line("manage.py help: what starting alone takes", f"{start_up:.2f} s")
    some = directory.sites()[:10]
    stock = start_up + _seconds(lambda: _migrate(some), 1) / len(some) * count
    line("baseline: migrating site by site", f"{stock:.1f} s")
    note(f"{len(some)} sites were measured, the others reckoned from them")
    line("as many times as long", f"{stock / nothing:.0f}")


def _measure_migration() -> None:
    _take_back(directory.sites())
    jobs = os.cpu_count() or 1
    seconds = _seconds(lambda: _run("upgrade", "--jobs", str(jobs)), 1)
    line(f"upgrade with one migration for each site, {jobs} at once", f"{seconds:.1f} s")
    note(f"{seconds / len(directory.sites()):.3f} s a site, start-up included")


def _seconds(work: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return median(times)


def _run(*arguments: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=child.ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)


def _migrate(some: list[directory.Site]) -> None:
    """What a loop over the sites does where there is nothing to do."""
    for site in some:
        with tenant_context(site):
            call_command(MigrateCommand(), interactive=False, verbosity=0, skip_checks=True)


def _take_back(some: list[directory.Site]) -> None:
    """As a release before had left the sites."""
    for site in some:
        with tenant_context(site), connection.cursor() as cursor:
            cursor.execute(UNDO)
            cursor.execute("DELETE FROM django_migrations WHERE name = %s", [MIGRATION])
        connection.recycle()
