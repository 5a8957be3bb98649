"""What becomes of a task that fails, and of one that must wait."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_tasks.base import TaskResultStatus as Status

from sitecluster.tasks.claiming import claim
from sitecluster.tasks.models import QueuedTask
from sitecluster.tasks.running import attempt, backoff, recover
from sitecluster.tasks.worker import work_off
from sitecluster.tenancy import find_sites, tenant_context
from tenants import directory
from tenants.directory import Site
from tenants.models import State, Tenant
from tests.tasks import jobs
from tests.tasks.conftest import let_time_pass, row_of

pytestmark = pytest.mark.usefixtures("queue")
Traces = Callable[[Site], list[str]]


def test_a_failure_leaves_nothing_and_is_tried_again_later(within: Site, traces: Traces) -> None:
    result = jobs.fail.enqueue("lost")
    before = timezone.now()
    assert work_off() == 1
    row = row_of(result)
    assert (row.status, row.attempts, traces(within)) == (Status.READY, 1, [])
    assert 1.5 < (row.run_after - before).total_seconds() < 2.5
    assert work_off() == 0
    let_time_pass()
    before = timezone.now()
    assert work_off() == 1
    assert 3 < (row_of(result).run_after - before).total_seconds() < 5


def test_after_the_last_retry_it_has_failed_for_good(within: Site, caplog: Any) -> None:
    result = jobs.fail.enqueue("lost")
    for _attempt in range(5):
        work_off()
        let_time_pass()
    row = row_of(result)
    assert (row.status, row.attempts) == (Status.FAILED, 3)
    assert row.problem == "RuntimeError"
    assert "secret://" in row.traceback
    assert caplog.text.count("has failed for good") == 1


def test_the_pause_doubles_up_to_an_hour() -> None:
    for attempts, seconds in ((1, 2), (2, 4), (5, 32), (30, 3600)):
        assert 0.8 * seconds <= backoff(attempts) <= 1.2 * seconds


def test_a_refusal_is_final_and_tells_why(within: Site, traces: Traces) -> None:
    result = jobs.refuse.enqueue()
    work_off()
    row = row_of(result)
    assert (row.status, row.attempts, row.problem) == (Status.FAILED, 1, "没有收件人。")
    assert traces(within) == []


def test_a_task_that_breaks_the_transaction_is_noted(within: Site, traces: Traces) -> None:
    result = jobs.break_database.enqueue("lost")
    other = jobs.mark.enqueue("kept")
    work_off()
    assert row_of(result).problem == "ProgrammingError"
    assert row_of(other).status == Status.SUCCESSFUL
    assert traces(within) == ["/kept"]


def test_a_result_that_cannot_be_kept_is_a_failure(within: Site, traces: Traces) -> None:
    result = jobs.unspeakable.enqueue()
    work_off()
    assert (row_of(result).status, traces(within)) == (Status.READY, [])


def test_a_task_that_is_gone_from_the_code_fails(within: Site) -> None:
    result = jobs.mark.enqueue("x")
    QueuedTask.objects.filter(pk=result.id).update(task_path="tests.tasks.jobs.gone", retries=0)
    work_off()
    assert row_of(result).status == Status.FAILED


def test_a_claim_is_one_workers(within: Site) -> None:
    jobs.mark.enqueue("once")
    first = claim("one")
    assert first is not None
    assert claim("two") is None
    assert (first.status, first.attempts) == (Status.RUNNING, 1)


def test_a_task_whose_worker_is_gone_comes_back(within: Site, traces: Traces) -> None:
    result = jobs.mark.enqueue("once")
    claimed = claim("one")
    assert claimed is not None
    assert recover() == 0  # it may be about to begin
    age(result)
    assert recover() == 1
    work_off()
    assert row_of(result).attempts == 2
    attempt(claimed)  # a worker that was only slow sees that it has lost it
    assert traces(within) == ["/once"]


def test_a_task_that_kills_its_workers_is_given_up(within: Site) -> None:
    result = jobs.poison.enqueue()  # one retry
    for _attempt in range(2):
        assert claim("doomed") is not None
        age(result)
        assert recover() == 1
    assert row_of(result).status == Status.FAILED
    assert row_of(result).problem == "WorkerDied"
    assert claim("doomed") is None


def age(result: Any) -> None:
    """Let the row look as if it had been claimed long ago."""
    QueuedTask.objects.filter(pk=result.id).update(started_at=timezone.now().replace(year=2020))


def test_tasks_of_a_plugin_that_is_off_wait(
    within: Site, gamma: Site, traces: Traces, monkeypatch: Any
) -> None:
    result = jobs.of_a_plugin.enqueue()
    with tenant_context(gamma):
        jobs.mark.enqueue("other")
    work_off()
    assert traces(gamma) == ["/other"]
    assert (row_of(result).status, row_of(result).attempts) == (Status.READY, 0)


def test_tasks_of_a_removed_site_wait(within: Site, gamma: Site, traces: Traces) -> None:
    here = jobs.mark.enqueue("here")
    with tenant_context(gamma):
        jobs.mark.enqueue("there")
    Tenant.objects.filter(pk=within.id).update(state=State.REMOVED)
    directory.forget()
    work_off()
    assert row_of(here).attempts == 0
    assert traces(gamma) == ["/there"]


def test_tasks_of_a_site_that_is_behind_wait(within: Site, gamma: Site, traces: Traces) -> None:
    here = jobs.mark.enqueue("here")
    with tenant_context(gamma):
        jobs.mark.enqueue("there")
    applied = MigrationRecorder.Migration.objects.filter(app="cms").latest("id")
    applied.delete()
    Tenant.objects.filter(pk=within.id).update(migration_state="of older code")
    directory.forget()
    assert find_sites([within.id])[0].behind
    work_off()
    assert (row_of(here).status, row_of(here).attempts) == (Status.READY, 0)
    assert traces(gamma) == ["/there"]
    Tenant.objects.filter(pk=within.id).update(migration_state=within.migration_state)
    directory.forget()
    work_off()
    assert row_of(here).status == Status.SUCCESSFUL


def test_a_task_for_a_site_that_nobody_knows_waits(within: Site) -> None:
    result = jobs.mark.enqueue("nowhere")
    QueuedTask.objects.filter(pk=result.id).update(tenant_id=10**9)
    assert work_off() == 0


def test_what_waits_holds_up_nothing(within: Site, gamma: Site, traces: Traces) -> None:
    for number in range(5):
        jobs.of_a_plugin.enqueue()
        jobs.mark.enqueue(f"m{number}")
    assert work_off() == 5
    assert len(traces(within)) == 5


def test_the_prompt_thread_takes_only_what_is_prompt(within: Site) -> None:
    jobs.mark.enqueue("slow")
    wanted = jobs.prompt.enqueue("prompt")
    claimed = claim("clock", (), 50)
    assert claimed is not None
    assert str(claimed.pk) == wanted.id
    assert claim("clock", (), 50) is None


def test_what_runs_later_waits_for_its_moment(within: Site) -> None:
    later = timezone.now().replace(year=2100)
    result = jobs.mark.using(run_after=later).enqueue("later")
    assert work_off() == 0
    let_time_pass()
    assert work_off() == 1
    assert row_of(result).status == Status.SUCCESSFUL
    assert replace(jobs.mark, run_after=later).retries == jobs.mark.retries
