"""Several processes: what one switches the others hear of, and nothing slips through between."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker
from sitecluster_board.apps import BoardConfig
from sitecluster_board.models import NoticePage

from sitecluster.cms.gates import PublicationRefused
from sitecluster.tenancy import connection, tenant_context
from tenants import directory, switching
from tenants.models import Tenant
from tests.databases import connected_to, database_copy, database_url

from .conftest import notice, now


@pytest.fixture(autouse=True)
def samples_alone() -> None:
    """Not here, where work is committed."""


@pytest.fixture(scope="module")
def copy(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A copy of the test database in which work is committed; its name."""
    with django_db_blocker.unblock(), database_copy("switching") as name, connected_to(name):
        directory.forget()
        yield name
    directory.forget()


def at_once(*steps: Callable[[], Any]) -> list[Any]:
    """Run each step in a thread of its own; what each returned or raised."""
    results: list[Any] = [None] * len(steps)

    def run(number: int) -> None:
        try:
            results[number] = steps[number]()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(steps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_switches_of_one_site_both_count(copy: str) -> None:
    results = at_once(
        lambda: switching.enable("gamma", "board"), lambda: switching.enable("gamma", "chime")
    )
    assert [error for error in results if isinstance(error, Exception)] == []
    assert {"board", "chime"} <= now("gamma").plugins


def test_a_publication_meanwhile_is_refused(copy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It began while the plugin was on and waits for the switch, by whose end it is judged."""
    switching.enable("alpha", "board")
    site = now("alpha")
    draft = notice(site, "Race", publish=False)
    outcome: list[Any] = []

    def publish() -> None:
        with tenant_context(site):
            NoticePage.objects.get(pk=draft.pk).get_latest_revision().publish()

    threads = [threading.Thread(target=lambda: outcome.extend(at_once(publish)))]

    def on_disable(config: BoardConfig, tenant: Any) -> None:
        threads[0].start()
        time.sleep(0.5)
        assert outcome == []

    monkeypatch.setattr(BoardConfig, "on_disable", on_disable)
    switching.disable("alpha", "board")
    threads[0].join()
    assert [type(result) for result in outcome] == [PublicationRefused]
    with tenant_context(now("alpha")):
        assert not NoticePage.objects.get(pk=draft.pk).live
    connection.set_schema_to_public()


def test_other_processes_know_within_a_second(copy: str, settings: Any) -> None:
    settings.DIRECTORY_POLL_SECONDS = 0.5
    directory.watch()
    assert "chime" not in directory.snapshot().by_code["alpha"].plugins
    done = subprocess.run(
        [sys.executable, "manage.py", "plugins", "enable", "chime", "--site", "alpha"],
        env={**os.environ, "DATABASE_URL": database_url(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    known = time.monotonic() + 1
    while time.monotonic() < known:
        time.sleep(0.05)
    assert "chime" in directory.snapshot().by_code["alpha"].plugins
    assert "chime" in Tenant.objects.get(code="alpha").plugins
    settings.DIRECTORY_POLL_SECONDS = 0
