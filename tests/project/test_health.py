"""``/healthz`` and ``/readyz``: who is told what, and what a broken database looks like."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as shared_connection
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from sitecluster.project import health
from sitecluster.tasks import periods
from sitecluster.tasks.models import Period, QueuedTask
from sitecluster.tenancy import shared_context
from tenants.directory import Site
from tests.conftest import client_for
from tests.databases import connected_to, database_copy

ADMIN_HOSTS = ("admin.localhost", "alpha.admin.localhost", "control.admin.localhost:8000")
OTHER_HOSTS = (
    "www.alpha.localhost",
    "alpha.uploads.localhost",
    "localhost",
    "evil-admin.localhost",
)


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test asks anew."""
    monkeypatch.setattr(health, "KEPT_SECONDS", 0.0)
    monkeypatch.setattr(health, "_last", (float("-inf"), {}))


@pytest.fixture
def inside(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A cluster at work, as far as this test's transaction sees."""
    with shared_context():
        QueuedTask.objects.all().delete()
        monkeypatch.setattr(periods, "_told", float("-inf"))
        periods.tell_alive()
        yield


@pytest.fixture
def at_work(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A committed copy of the database, in which a worker has just been at work; its name."""
    with django_db_blocker.unblock(), database_copy("health") as name, connected_to(name):
        Period.objects.create(task_path=periods.WORKER, next_run=timezone.now())
        yield name


def get(path: str, host: str = "admin.localhost", **more: Any) -> Any:
    return client_for(host).get(path, **more)


def checks() -> tuple[bool, dict[str, Any]]:
    found = health.check_all(shared_connection)
    return all(check["ok"] for check in found.values()), found


@pytest.mark.parametrize("host", ADMIN_HOSTS)
def test_healthz_asks_no_database(host: str) -> None:
    answer = get("/healthz", host)  # a test without ``db`` may not touch any
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies


@pytest.mark.parametrize("host", OTHER_HOSTS)
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_no_other_host_answers(alpha: Site, host: str, path: str) -> None:
    assert get(f"{path}/", host).status_code == 404
    assert get(path, host).status_code in (301, 404)


def test_other_methods_are_refused() -> None:
    assert client_for("admin.localhost").post("/healthz").status_code == 405
    assert client_for("admin.localhost").head("/healthz").status_code == 200


def test_ready(at_work: str) -> None:
    answer = get("/readyz")
    found = answer.json()["checks"]
    assert (answer.status_code, answer.json()["status"]) == (200, "ok"), found
    assert set(found) == {"database", "migrations", "control_site", "queue", "worker"}
    assert found["queue"] == {"ok": True, "waiting": 0, "oldest_seconds": 0, "limit_seconds": 300}
    assert found["worker"]["seen_seconds_ago"] <= 1
    own, text = shared_connection.settings_dict, answer.content.decode()
    for secret in (own["NAME"], own["USER"], own["HOST"], "django", "PostgreSQL", "0001"):
        assert not secret or secret not in text
    Period.objects.all().delete()
    answer = get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert answer.json()["checks"]["worker"] == {"ok": False}


def enqueue(age: timedelta, **values: Any) -> QueuedTask:
    row = QueuedTask.objects.create(
        **{
            "args_kwargs": {"args": [], "kwargs": {}},
            "task_path": "some.task",
            "backend_name": "default",
            "retries": 0,
            "run_after": timezone.now() - timedelta(days=1),
            **values,
        }
    )
    QueuedTask.objects.filter(pk=row.pk).update(enqueued_at=timezone.now() - age)
    return row


def test_a_task_that_nobody_begins_is_too_old(inside: None, alpha: Site) -> None:
    enqueue(timedelta(seconds=200), tenant_id=alpha.id)
    assert checks()[0]
    enqueue(timedelta(seconds=301), tenant_id=alpha.id)
    fit, found = checks()
    assert not fit
    assert found["queue"]["waiting"] == 2
    assert found["queue"]["oldest_seconds"] >= 301


@pytest.mark.parametrize(
    "values",
    [
        {"plugin": "alerts"},
        {"priority": -100},
        {"run_after": timezone.now() + timedelta(hours=1)},
        {"tenant_id": 987654},
    ],
    ids=["a plugin's", "of the lowest priority", "for later", "of a site that is gone"],
)
def test_what_waits_for_something_else_is_not_counted(inside: None, values: Any) -> None:
    enqueue(timedelta(hours=2), **values)
    assert checks()[0]


def test_a_task_for_later_counts_from_its_moment(inside: None) -> None:
    enqueue(timedelta(hours=2), run_after=timezone.now() - timedelta(seconds=10))
    assert checks()[1]["queue"]["oldest_seconds"] in (10, 11)


def test_a_worker_that_is_silent_is_missed(inside: None) -> None:
    long_ago = timezone.now() - timedelta(seconds=90)
    Period.objects.filter(task_path=periods.WORKER).update(next_run=long_ago)
    fit, found = checks()
    assert not fit
    assert found["worker"] == {"ok": False, "seen_seconds_ago": 90}
    Period.objects.filter(task_path=periods.WORKER).delete()
    assert checks()[1]["worker"] == {"ok": False}


def test_migrations_that_lack_and_no_control_site(inside: None) -> None:
    with shared_connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.django_migrations WHERE app = 'library'")
        cursor.execute("UPDATE public.tenants_tenant SET state = 'removed' WHERE kind = 'control'")
    fit, found = checks()
    assert not fit
    assert not found["migrations"]["ok"]
    assert found["migrations"]["missing"] >= 1
    assert found["control_site"] == {"ok": False}


@pytest.mark.parametrize(
    "changed",
    [{"PORT": "1", "HOST": "127.0.0.1"}, {"NAME": "no_such_database"}],
    ids=["server away", "database away"],
)
def test_without_database_no_traceback(changed: dict[str, str], settings: Any) -> None:
    before = dict(shared_connection.settings_dict)
    shared_connection.settings_dict.update(changed)
    try:
        answer, alive = get("/readyz"), get("/healthz")
    finally:
        shared_connection.settings_dict.update(before)
    assert (answer.status_code, alive.status_code) == (503, 200)
    assert answer.json()["checks"]["database"] == {"ok": False}
    assert {"ok": False} in answer.json()["checks"].values()


def test_an_answer_is_kept_for_a_moment(at_work: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "KEPT_SECONDS", 60.0)
    assert get("/readyz").status_code == 200
    Period.objects.all().delete()
    assert get("/readyz").status_code == 200
