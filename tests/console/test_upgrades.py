"""Upgrades and the queue in the browser: what is behind, started, failed, retried."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from sitecluster.audit.models import Entry
from sitecluster.tasks.models import Period, QueuedTask
from sitecluster.tasks.overview import overview
from sitecluster.tasks.periods import WORKER
from sitecluster.tasks.worker import work_off
from sitecluster.tenancy import connection, shared_context, tenant_context
from sitecluster_console.batches.work import Item
from sitecluster_console.shared.models import Batch
from tenants import directory
from tenants.directory import Site
from tenants.migrating import lacking, migration_state
from tenants.models import Blueprint, Tenant
from tests.console.conftest import row
from tests.tasks import jobs

FORGET = "DELETE FROM {schema}.django_migrations WHERE app = 'wagtailembeds'"
DROP = "DROP TABLE {schema}.wagtailembeds_embed"


def run_sql(site: Site, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.format(schema=site.schema_name))


def fall_behind(site: Site, *, fails: bool = False) -> None:
    """Let the site's schema lack an app; with ``fails`` something stands in the way."""
    run_sql(site, *([FORGET] if fails else [DROP, FORGET]))
    Tenant.objects.filter(pk=site.id).update(migration_state="that of other code")
    directory.forget()


@pytest.fixture
def waiting(settings: Any) -> None:
    """Tasks wait, as they do for a worker."""
    settings.TASKS_RUN_AT_ONCE = False


def test_nothing_to_do(boss: Any, alpha: Site) -> None:
    page = boss.get(reverse("console:upgrades")).content.decode()
    assert "Every site is at this version." in page
    assert "manage.py upgrade" not in page


def test_sites_behind_are_upgraded_from_the_browser(
    boss: Any, boss_user: Any, beta: Site, gamma: Site
) -> None:
    fall_behind(beta)
    fall_behind(gamma)
    page = boss.get(reverse("console:upgrades")).content.decode()
    assert "wagtailembeds.0001_initial" in page
    assert "Upgrade all 2 sites" in page
    assert reverse("console:site", args=[beta.id]) in page
    answer = boss.post(reverse("console:upgrades"), {"all": "1"})
    batch = Batch.objects.get()
    assert answer.headers["location"] == reverse("console:batch", args=[batch.pk])
    assert {item.state for item in batch.items.all()} == {Item.DONE}
    assert "Upgraded by " in batch.items.all()[0].result
    assert lacking([beta.schema_name, gamma.schema_name]) == {}
    assert {row(site).migration_state for site in (beta, gamma)} == {migration_state()}
    entry = Entry.objects.get(act="upgrade.finished", site_code="beta")
    assert entry.actor_id == boss_user.pk
    assert "wagtailembeds.0001_initial" in str(entry.after)


def test_chosen_ones_alone(boss: Any, beta: Site, gamma: Site) -> None:
    fall_behind(beta)
    fall_behind(gamma)
    boss.post(reverse("console:upgrades"), {"site": [str(beta.id), "x", "9" * 30]})
    assert [item.code for item in Batch.objects.get().items.all()] == ["beta"]
    assert list(lacking([beta.schema_name, gamma.schema_name])) == [gamma.schema_name]


def test_a_site_that_fails_stays_as_it_was_and_is_tried_again(
    boss: Any, boss_user: Any, beta: Site, gamma: Site
) -> None:
    fall_behind(beta, fails=True)
    fall_behind(gamma)
    boss.post(reverse("console:upgrades"), {"all": "1"})
    batch = Batch.objects.get()
    states = dict(batch.items.values_list("code", "state"))
    assert states == {"beta": Item.FAILED, "gamma": Item.DONE}
    assert "already exists" in row(beta).upgrade_error
    assert "already exists" in batch.items.get(code="beta").problems[0]
    assert Entry.objects.get(act="upgrade.failed").site_code == "beta"
    assert list(lacking([beta.schema_name])) == [beta.schema_name]
    page = boss.get(reverse("console:upgrades")).content.decode()
    assert "already exists" in page
    assert "--traceback" in page
    run_sql(beta, DROP)
    boss.post(reverse("console:batch_retry", args=[batch.pk]))
    assert row(beta).upgrade_error == ""
    assert set(batch.items.values_list("state", flat=True)) == {Item.DONE}


def test_nothing_chosen_starts_nothing(boss: Any, beta: Site) -> None:
    boss.post(reverse("console:upgrades"), {"site": [str(beta.id)]})
    assert not Batch.objects.exists()


def test_what_the_browser_can_not_do_is_explained(boss: Any, beta: Site) -> None:
    fall_behind(beta)
    Blueprint.objects.filter(code="portal").update(fingerprint="of other code")
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM public.django_migrations WHERE app = 'console_shared'"
            " AND name = (SELECT max(name) FROM public.django_migrations WHERE app = 'console_shared')"
        )
    page = boss.get(reverse("console:upgrades")).content.decode()
    assert "manage.py upgrade" in page
    assert "Shared schema: console_shared." in page
    assert "Blueprint: portal" in page
    assert 'name="all"' not in page
    boss.post(reverse("console:upgrades"), {"all": "1"})
    assert not Batch.objects.exists()


def test_a_worker_refuses_sites_while_the_shared_schema_lacks_something(
    boss: Any, beta: Site, waiting: None
) -> None:
    fall_behind(beta)
    boss.post(reverse("console:upgrades"), {"all": "1"})
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.django_migrations WHERE app = 'tasks'")
    with shared_context():
        work_off()
        assert "manage.py upgrade" in str(Batch.objects.get().items.get().problems)


def test_the_queue_tells_what_waits_and_whether_somebody_works(
    boss: Any, beta: Site, waiting: None
) -> None:
    with tenant_context(beta):
        for _number in range(3):
            jobs.slow.enqueue(1, 0.0)
    QueuedTask.objects.update(enqueued_at=timezone.now() - timedelta(minutes=20))
    Period.objects.filter(task_path=WORKER).delete()
    address = reverse("console:queue")
    page = boss.get(address).content.decode()
    assert "No worker has ever been at work" in page
    assert beta.name in page
    Period.objects.create(task_path=WORKER, next_run=timezone.now() - timedelta(minutes=9))
    assert "No worker has been at work for 9" in boss.get(address).content.decode()
    Period.objects.update(next_run=timezone.now())
    page = boss.get(address).content.decode()
    assert "A worker is at work, but the oldest task has waited for 20" in page
    assert "Care for batches" in page
    fall_behind(beta)
    page = boss.get(address).content.decode()
    assert "the site&#x27;s upgrade" in page
    with shared_context():
        now = overview()
    assert [place.count for place in now.places if place.site == beta or place.held] == [3]
    assert now.oldest is None


def test_failed_tasks_are_tried_again(boss: Any, boss_user: Any, beta: Site, waiting: None) -> None:
    with tenant_context(beta):
        for number in range(3):
            jobs.slow.enqueue(number, 0.0)
    rows = list(QueuedTask.objects.all())
    QueuedTask.objects.update(status="FAILED", problem="<b>No.</b>")
    address = reverse("console:queue")
    page = boss.get(address).content.decode()
    assert "&lt;b&gt;No." in page
    assert reverse("tasks_details", args=[rows[0].pk]) in page
    boss.post(address, {"task": [str(rows[0].pk), "nonsense"]})
    assert QueuedTask.objects.filter(status="READY").count() == 1
    boss.post(address, {"all": "1"})
    assert QueuedTask.objects.filter(status="READY").count() == 3
    assert Entry.objects.filter(act="task.retried", actor_id=boss_user.pk).count() == 3
    assert "No task was chosen" in boss.post(address, follow=True).content.decode()


def test_both_screens_are_platform_admins_alone(delegate: Any, clerk: Any, beta: Site) -> None:
    for client in (delegate, clerk):
        for name in ("upgrades", "queue"):
            for ask in (client.get, client.post):
                answer = ask(reverse(f"console:{name}"))
                assert answer.status_code == 302
                assert answer.headers["location"] == "/admin/"


def test_an_upgrade_started_by_one_who_is_no_admin_any_more_does_nothing(
    boss: Any, boss_user: Any, beta: Site, waiting: None, finish: Callable[[], None]
) -> None:
    fall_behind(beta)
    boss.post(reverse("console:upgrades"), {"all": "1"})
    type(boss_user).everyone.filter(pk=boss_user.pk).update(is_superuser=False)
    finish()
    assert Batch.objects.get().items.get().state == Item.FAILED
    assert list(lacking([beta.schema_name])) == [beta.schema_name]


@pytest.fixture
def finish() -> Callable[[], None]:
    """Works the queue off, as a worker does."""

    def run() -> None:
        with shared_context():
            work_off()

    return run
