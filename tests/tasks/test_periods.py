"""Tasks that recur, once a period in the whole cluster."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sitecluster.tasks import periods
from sitecluster.tasks.models import Period, QueuedTask
from sitecluster.tasks.pruning import prune
from sitecluster.tenancy import shared_context, tenant_context
from tenants import directory
from tenants.directory import Site
from tenants.models import Tenant
from tests.tasks import jobs

pytestmark = pytest.mark.usefixtures("queue")


@pytest.fixture(autouse=True)
def nothing_else_recurs() -> Iterator[None]:
    before = dict(periods._recurring)
    periods._recurring.clear()
    periods._entered.clear()
    yield
    periods._recurring.clear()
    periods._recurring.update(before)
    periods._entered.clear()


def queued() -> list[int | None]:
    """The sites of the tasks in the queue."""
    return list(QueuedTask.objects.order_by("tenant_id").values_list("tenant_id", flat=True))


def test_it_runs_once_a_period_whoever_asks(alpha: Site) -> None:
    periods.every(minutes=5)(jobs.refuse)
    now = timezone.now()
    assert periods.begin_due(now) == 1
    assert periods.begin_due(now) == 0
    assert periods.begin_due(now + timedelta(minutes=4, seconds=59)) == 0
    assert periods.begin_due(now + timedelta(minutes=5)) == 1
    assert queued() == [None, None]


def test_one_run_makes_up_for_all_that_were_missed(alpha: Site) -> None:
    periods.every(seconds=10)(jobs.refuse)
    now = timezone.now()
    periods.begin_due(now)
    assert periods.begin_due(now + timedelta(hours=5)) == 1
    assert periods.begin_due(now + timedelta(hours=5, seconds=1)) == 0


def test_what_is_due_is_asked_for_by_one_query(alpha: Site, django_assert_num_queries: Any) -> None:
    periods.every(minutes=5)(jobs.refuse)
    periods.begin_due()
    periods._entered.update(periods._recurring)  # as after a commit
    with shared_context(), django_assert_num_queries(3):  # with the savepoint's two
        periods.begin_due()


def test_one_for_each_site_leaves_out_removed_ones(alpha: Site, gamma: Site) -> None:
    periods.every(hours=1, each_site=True)(jobs.refuse)
    Tenant.objects.filter(pk=gamma.id).update(state="removed")
    directory.forget()
    periods.begin_due()
    assert queued() == sorted(site.id for site in directory.sites() if site.id != gamma.id)


def test_one_of_a_plugin_runs_where_the_plugin_is_on(alpha: Site) -> None:
    periods.every(hours=1)(jobs.of_a_plugin)
    assert periods.begin_due() == 0
    assert queued() == []


def test_a_period_is_a_second_at_least() -> None:
    with pytest.raises(ValueError):
        periods.every(seconds=0.5)


def test_tasks_gone_from_the_code_are_left_alone(alpha: Site) -> None:
    Period.objects.create(task_path="gone.from.the.code", next_run=timezone.now())
    assert periods.begin_due() == 0


def test_what_is_done_is_forgotten_after_a_day_and_failures_later(alpha: Site) -> None:
    with tenant_context(alpha):
        for status, days in (("SUCCESSFUL", 0), ("SUCCESSFUL", 2), ("FAILED", 2), ("FAILED", 91)):
            result = jobs.mark.enqueue(f"{status} {days}")
            finished = timezone.now() - timedelta(days=days)
            QueuedTask.objects.filter(pk=result.id).update(status=status, finished_at=finished)
    with shared_context():
        prune.call()
    left = [row.args_kwargs["args"][0] for row in QueuedTask.objects.all()]
    assert sorted(left) == ["FAILED 2", "SUCCESSFUL 0"]
