"""A task carries its site and joins the transaction that causes it."""

from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import translation
from django_tasks.base import TaskResultStatus as Status
from wagtail.models import Page

from sitecluster.tasks.models import QueuedTask
from sitecluster.tasks.worker import work_off
from sitecluster.tenancy import connection, shared_context, tenant_context
from tenants.directory import Site
from tests.cms.conftest import article
from tests.tasks import jobs
from tests.tasks.conftest import row_of

Traces = Callable[[Site], list[str]]


@pytest.mark.usefixtures("queue")
def test_it_runs_on_the_site_that_asked_for_it(alpha: Site, beta: Site, traces: Traces) -> None:
    with tenant_context(alpha):
        here = jobs.mark.enqueue("a")
    with tenant_context(beta), translation.override("en"):
        there = jobs.mark.enqueue("b")
    assert traces(alpha) == traces(beta) == []
    with shared_context():
        work_off()
        assert connection.schema_name == "public"
    assert (traces(alpha), traces(beta)) == (["/a"], ["/b"])
    assert row_of(here).return_value == "alpha zh-hans"
    assert row_of(there).return_value == "beta en"
    assert {row_of(here).status, row_of(there).status} == {Status.SUCCESSFUL}


@pytest.mark.usefixtures("queue")
def test_equal_keys_mean_each_sites_own_page(alpha: Site, beta: Site) -> None:
    with tenant_context(alpha):
        front = Page.objects.get(depth=2)
    with tenant_context(beta):
        before = Page.objects.get(pk=front.pk).title
    with tenant_context(alpha):
        jobs.rename_page.enqueue(front.pk, "改名后的首页")
    work_off()
    with tenant_context(alpha):
        assert Page.objects.get(pk=front.pk).title == "改名后的首页"
    with tenant_context(beta):
        assert Page.objects.get(pk=front.pk).title == before


@pytest.mark.usefixtures("queue")
def test_what_is_taken_back_was_never_asked_for(alpha: Site, traces: Traces) -> None:
    with tenant_context(alpha):
        with transaction.atomic():
            jobs.mark.enqueue("never")
            transaction.set_rollback(True)
        jobs.mark.enqueue("kept")
    assert QueuedTask.objects.count() == 1
    work_off()
    assert traces(alpha) == ["/kept"]


@pytest.mark.usefixtures("queue")
def test_in_the_shared_schema_it_belongs_to_no_site(alpha: Site) -> None:
    with shared_context():
        result = jobs.refuse.enqueue()
    assert row_of(result).tenant_id is None


@pytest.mark.usefixtures("queue")
def test_wagtails_own_tasks_carry_the_site(alpha: Site, beta: Site) -> None:
    with tenant_context(alpha):
        front = Page.objects.get(depth=2).specific
        front.title = "Zebrafish"
        front.save()
    tasks = set(QueuedTask.objects.values_list("tenant_id", "task_path"))
    assert tasks == {
        (alpha.id, "modelsearch.tasks.insert_or_update_object_task"),
        (alpha.id, "wagtail.tasks.update_reference_index_task"),
    }
    assert not found_in(alpha)
    assert work_off() == QueuedTask.objects.filter(status=Status.SUCCESSFUL).count() > 0
    assert found_in(alpha)
    assert not found_in(beta)


def found_in(site: Site) -> bool:
    with tenant_context(site):
        return Page.objects.search("Zebrafish").count() == 1


@pytest.mark.usefixtures("queue")
def test_an_object_deleted_meanwhile_needs_no_index(alpha: Site) -> None:
    with tenant_context(alpha):
        made = article(Page.objects.get(depth=2), "Shortlived", publish=False)
        made.delete()
    work_off()
    assert not QueuedTask.objects.exclude(status=Status.SUCCESSFUL).exists()


def test_a_blueprint_has_its_index_at_once(db: None) -> None:
    with shared_context():
        connection.set_schema("bp_nowhere")
        with pytest.raises(RuntimeError):
            jobs.fail_at_once.enqueue()
    assert not QueuedTask.objects.exists()


def test_tests_run_tasks_within_their_transaction(alpha: Site, traces: Traces) -> None:
    with tenant_context(alpha):
        result = jobs.mark.enqueue("now")
        failed = jobs.break_database.enqueue("lost")
        assert traces(alpha) == ["/now"]
    assert row_of(result).status == Status.SUCCESSFUL
    assert row_of(failed).status == Status.READY
    assert row_of(failed).problem == "ProgrammingError"
