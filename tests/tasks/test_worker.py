"""Real workers: killed at any moment, several at once, told to stop, run beside the web server."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.utils import timezone
from django_tasks.base import TaskResultStatus as Status
from pytest_django.plugin import DjangoDbBlocker
from wagtail.models import Page

from sitecluster.audit.sealing import WAITING
from sitecluster.audit.trail import record
from sitecluster.library.models import Item
from sitecluster.tasks import periods
from sitecluster.tasks.models import Period, QueuedTask
from sitecluster.tenancy import connection, shared_context, tenant_context
from tenants import directory
from tests.browser.server import free_port
from tests.cms.conftest import article
from tests.databases import connected_to, database_copy, database_url
from tests.tasks import jobs

ROOT = Path(__file__).parents[2]
KILLS = 20
TASKS = 300
CODES = ("alpha", "beta")


@pytest.fixture(scope="module")
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A copy of the test database in which work is committed, with a table for traces a site."""
    with django_db_blocker.unblock():
        with database_copy("tasks") as name, connected_to(name):
            directory.forget()
            for site in directory.sites(CODES):
                with tenant_context(site):
                    run_sql("CREATE TABLE traces (number int, moment text)")
            connection.set_schema_to_public()
            for path in periods.registered():  # what recurs would be counted with the tests' own
                later = {"next_run": timezone.now() + timedelta(days=1)}
                Period.objects.update_or_create(task_path=path, defaults=later)
            yield name
        directory.forget()


@pytest.fixture(autouse=True)
def empty(committed: str, settings: Any) -> None:
    settings.TASKS_RUN_AT_ONCE = False
    with shared_context():
        QueuedTask.objects.all().delete()
    for site in directory.sites(CODES):
        with tenant_context(site):
            run_sql("TRUNCATE traces")


def run_sql(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def traces(code: str) -> Counter[tuple[int, str]]:
    """What the slow tasks have committed on a site."""
    with tenant_context(directory.sites([code])[0]), connection.cursor() as cursor:
        cursor.execute("SELECT number, moment FROM traces")
        return Counter(cursor.fetchall())


def enqueue(count: int, seconds: float = 0.0) -> None:
    """Slow tasks, in turn on the two sites."""
    sites = directory.sites(CODES)
    for number in range(count):
        with tenant_context(sites[number % 2]):
            jobs.slow.enqueue(number, seconds)


def statuses() -> Counter[str]:
    with shared_context():
        return Counter(QueuedTask.objects.values_list("status", flat=True))


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, statuses()
        time.sleep(0.05)


def each_once(count: int) -> dict[str, Counter[tuple[int, str]]]:
    """What is to be found on the sites: every task's two rows, once, on its own site."""
    return {
        code: Counter(
            {(n, moment): 1 for n in range(index, count, 2) for moment in ("begun", "done")}
        )
        for index, code in enumerate(CODES)
    }


def environment(database: str, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": database_url(database),
        "VAR_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "sitecluster.project.settings",
    }


class Forker:
    """Starts workers in children of a process that has loaded the platform already."""

    def __init__(self, database: str, folder: Path) -> None:
        self.output = folder / "workers.log"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.tenants.forking"],
            cwd=ROOT,
            env=environment(database, folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, *arguments: str) -> int:
        """The process id of a new worker."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([str(self.output), "worker", *arguments]) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> int:
        """The next number that the process says: a child's id or its exit code."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())


@contextmanager
def forking(database: str, folder: Path) -> Iterator[Forker]:
    forker = Forker(database, folder)
    try:
        yield forker
    finally:
        forker.process.kill()
        forker.process.communicate()


def test_killed_workers_lose_no_task_and_do_none_twice(committed: str, tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print("seed", seed)  # noqa: T201 -- shown when the test fails
    chance = random.Random(seed)
    enqueue(TASKS, 0.01)
    killed_in_work = 0
    with forking(committed, tmp_path) as forker:
        for _kill in range(KILLS):
            child = forker.start("--threads", str(chance.choice((1, 2, 3))))
            before = statuses()[Status.SUCCESSFUL]
            wait_until(lambda: statuses()[Status.SUCCESSFUL] > before or not statuses()["READY"])  # noqa: B023 -- used at once
            time.sleep(chance.random() * 0.1)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            assert forker.answer() == -signal.SIGKILL
            killed_in_work += statuses()[Status.RUNNING] > 0
        assert killed_in_work >= KILLS // 2
        child = forker.start()
        wait_until(lambda: set(statuses()) == {Status.SUCCESSFUL})
        os.kill(child, signal.SIGTERM)
        assert forker.answer() == 0, forker.output.read_text()
    assert {code: traces(code) for code in CODES} == each_once(TASKS)


def test_workers_at_once_share_the_work(committed: str, tmp_path: Path) -> None:
    with forking(committed, tmp_path) as one, forking(committed, tmp_path) as other:
        children = [one.start(), other.start()]
        enqueue(100, 0.02)
        wait_until(lambda: statuses() == {Status.SUCCESSFUL: 100})
        for child in children:
            os.kill(child, signal.SIGTERM)
        assert [one.answer(), other.answer()] == [0, 0]
    with shared_context():
        workers = Counter(
            worker.split(":")[1]
            for ids in QueuedTask.objects.values_list("worker_ids", flat=True)
            for worker in ids
        )
    assert set(workers) == set(map(str, children))
    assert {code: traces(code) for code in CODES} == each_once(100)


def test_a_worker_told_to_stop_finishes_what_it_is_at(committed: str, tmp_path: Path) -> None:
    with forking(committed, tmp_path) as forker:
        child = forker.start("--threads", "2")
        enqueue(6, 1.0)
        wait_until(lambda: statuses()[Status.RUNNING] == 2)
        os.kill(child, signal.SIGTERM)
        assert forker.answer() == 0, forker.output.read_text()
    assert statuses() == {Status.SUCCESSFUL: 2, Status.READY: 4}


def test_a_task_runs_soon_after_its_transaction(committed: str, tmp_path: Path) -> None:
    with forking(committed, tmp_path) as forker:
        child = forker.start()
        enqueue(1)
        wait_until(lambda: statuses() == {Status.SUCCESSFUL: 1})
        delays = []
        for _turn in range(10):
            enqueue(1)
            began = time.monotonic()
            wait_until(lambda: statuses()[Status.READY] + statuses()[Status.RUNNING] == 0)
            delays.append(time.monotonic() - began)
        os.kill(child, signal.SIGTERM)
        assert forker.answer() == 0
    print("delays", delays)  # noqa: T201 -- shown when the test fails
    assert max(delays) < 2


def test_pages_of_all_sites_go_live_and_expire_in_time(committed: str, tmp_path: Path) -> None:
    coming, going = {}, {}
    with forking(committed, tmp_path) as forker:
        child = forker.start()
        enqueue(1)
        wait_until(lambda: statuses()[Status.SUCCESSFUL] >= 1)
        moment = timezone.now() + timedelta(seconds=3)
        for site in directory.sites(CODES):
            with tenant_context(site):
                home = Page.objects.get(depth=2)
                coming[site] = article(home, "定时发布", publish=False, go_live_at=moment)
                going[site] = article(home, "定时下线", publish=False, expire_at=moment)
                for page in (coming[site], going[site]):
                    page.get_latest_revision().publish()
        wait_until(lambda: all(is_live(site, page) for site, page in coming.items()))
        late = (timezone.now() - moment).total_seconds()
        wait_until(lambda: not any(is_live(site, page) for site, page in going.items()))
        os.kill(child, signal.SIGTERM)
        assert forker.answer() == 0
    print("late", late)  # noqa: T201 -- shown when the test fails
    assert 0 <= late < 2.5
    for site, page in coming.items():
        with tenant_context(site):
            assert Item.objects.filter(tenant_id=site.id, page_id=page.pk, withdrawn_at=None)


def is_live(site: directory.Site, page: Any) -> bool:
    with tenant_context(site):
        return Page.objects.get(pk=page.pk).live


def test_a_worker_seals_the_audit_trail(committed: str, tmp_path: Path) -> None:
    with shared_context():
        record("task.retried", subject="to be sealed")
    assert waiting_for_seal()
    with forking(committed, tmp_path) as forker:
        child = forker.start()
        wait_until(lambda: not waiting_for_seal())
        os.kill(child, signal.SIGTERM)
        assert forker.answer() == 0


def waiting_for_seal() -> bool:
    with shared_context(), connection.cursor() as cursor:
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])


def test_serve_runs_a_worker_that_lives_as_long_as_the_server(
    committed: str, tmp_path: Path
) -> None:
    server = subprocess.Popen(
        [sys.executable, "manage.py", "serve", f"--bind=127.0.0.1:{free_port()}"],
        cwd=ROOT,
        env=environment(committed, tmp_path),
    )
    try:
        first = worker_below(server.pid)
        enqueue(1)
        wait_until(lambda: statuses() == {Status.SUCCESSFUL: 1})
        first.kill()
        second = worker_below(server.pid, unlike=first.pid)
        enqueue(1)
        wait_until(lambda: statuses() == {Status.SUCCESSFUL: 2})
    finally:
        server.kill()
        server.wait()
    wait_until(lambda: not psutil.pid_exists(second.pid))


def worker_below(pid: int, unlike: int = 0) -> psutil.Process:
    """The worker that a supervisor below the process ``pid`` has started."""
    found: list[psutil.Process] = []

    def look() -> bool:
        for process in psutil.Process(pid).children(recursive=True):
            with suppress(psutil.Error):  # one that has just ended
                if "worker" in process.cmdline() and process.pid != unlike:
                    found.append(process)
        return bool(found)

    wait_until(look)
    return found[0]
