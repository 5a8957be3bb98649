"""kill -9 of real workers in the midst of a batch: every item is done once, each site is whole."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from sitecluster.accounts.models import User
from sitecluster.audit.models import Entry
from sitecluster.tasks.models import QueuedTask
from sitecluster.tenancy import shared_context
from sitecluster_console.batches.work import Item, NewItem, kinds, start
from sitecluster_console.shared.models import Batch
from tenants import directory
from tenants.models import State, Tenant
from tests.databases import connected_to, database_copy
from tests.tasks.test_worker import forking, wait_until
from tests.tenants.wholeness import flaws

KILLS = 12
BRANCHES = 4
FINISH_SECONDS = 120


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A copy of the test database, in which work is committed."""
    with django_db_blocker.unblock():
        with database_copy("batches") as name, connected_to(name):
            directory.forget()
            with shared_context():
                QueuedTask.objects.all().delete()
                yield name
        directory.forget()


@pytest.fixture(autouse=True)
def _shared_schema_between_requests() -> None:
    """Nothing of the test's own transaction is used here."""


def order(code: str, name: str, kind: str, parent: str) -> NewItem:
    wishes = {"code": code, "name": name, "kind": kind, "parent": parent}
    return NewItem(code, name, wishes=wishes, after="" if parent == "alpha" else parent)


def items() -> Iterator[NewItem]:
    """Departments below the portal, each with one below itself that must come later."""
    for number in range(BRANCHES):
        yield order(f"low-{number}", f"第{number}局下属单位", "department", f"top-{number}")
        yield order(f"top-{number}", f"阿县第{number}局", "department", "alpha")


def states() -> Counter[str]:
    return Counter(Batch.objects.get().items.values_list("state", flat=True))


def test_killed_workers_do_every_item_once(committed: str, tmp_path: Path, settings: Any) -> None:
    settings.TASKS_RUN_AT_ONCE = False
    boss = User.everyone.create(email="boss@kill.example", is_superuser=True)
    seed = random.SystemRandom().randrange(10**6)
    print("seed", seed)  # noqa: T201 -- shown when the test fails
    chance = random.Random(seed)
    assert "site.open" in kinds()
    batch = start("site.open", "开通", items(), by=boss, reason="r")
    killed_at_work = 0
    with forking(committed, tmp_path) as forker:
        for _kill in range(KILLS):
            if not states()[Item.WAITING]:
                break
            child = forker.start("--threads", str(chance.choice((1, 2))))
            wait_until(
                lambda: (
                    QueuedTask.objects.filter(status="RUNNING").exists()
                    or not states()[Item.WAITING]
                )
            )
            time.sleep(chance.random() * 0.15)  # about as long as an item takes
            killed_at_work += QueuedTask.objects.filter(status="RUNNING").exists()
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            assert forker.answer() == -signal.SIGKILL
        assert killed_at_work >= 3
        child = forker.start()
        wait_until(lambda: Batch.objects.get().finished_at is not None, FINISH_SECONDS)
        os.kill(child, signal.SIGTERM)
        ended = forker.answer()  # by the signal, where it hadn't begun to listen
        assert ended in (0, -signal.SIGTERM), forker.output.read_text()
    assert states() == {Item.DONE: 2 * BRANCHES}
    codes = set(batch.items.values_list("code", flat=True))
    opened = Entry.objects.filter(act="site.provisioned", site_code__in=codes)
    assert Counter(opened.values_list("site_code", flat=True)) == dict.fromkeys(codes, 1)
    Tenant.objects.filter(code__in=codes).update(state=State.LIVE)  # whose home pages answer
    assert flaws(codes) == []
