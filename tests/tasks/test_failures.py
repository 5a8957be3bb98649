"""Who sees what failed, and who lets it run again."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django_tasks.base import TaskResultStatus as Status

from sitecluster.accounts.models import User
from sitecluster.audit.models import Entry
from sitecluster.rights.roles import grant
from sitecluster.tasks.models import QueuedTask
from sitecluster.tasks.worker import work_off
from sitecluster.tenancy import shared_context, tenant_context
from tenants import directory
from tenants.directory import Site
from tests.tasks import jobs
from tests.tasks.conftest import row_of

pytestmark = pytest.mark.usefixtures("queue")
LIST = "/admin/reports/tasks/"
SignIn = Callable[[Site, str], Client]


@pytest.fixture
def failed(alpha: Site, beta: Site) -> dict[str, QueuedTask]:
    """A task that failed for good on each of two sites, by the code of the site."""
    results = {}
    for site in (alpha, beta):
        with tenant_context(site):
            results[site.code] = jobs.fail.enqueue(f"of {site.code}")
    QueuedTask.objects.update(retries=0)
    work_off()
    with shared_context():
        return {code: row_of(result) for code, result in results.items()}


@pytest.fixture
def sign_in() -> SignIn:
    """Signs a new member with a role in on a site."""

    def sign_in(site: Site, role: str) -> Client:
        email = f"{role}@{site.code}.example.org"
        with tenant_context(site):
            user = User.everyone.create_user(email)
            user.memberships.create(tenant_id=site.id)
            grant(user, [role])
            client = Client(headers={"host": f"{site.code}.admin.localhost"})
            client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def control(settings: Any, alpha: Site) -> Client:
    """A platform admin on the control site."""
    settings.TRIAL_WITHOUT_SECOND_FACTOR = True
    site = directory.snapshot().by_code["control"]
    with tenant_context(site):
        user = User.everyone.create_superuser("root@example.org")
        client = Client(headers={"host": "control.admin.localhost"})
        client.force_login(user)
    return client


def test_a_site_admin_sees_the_sites_own_failures(
    failed: dict[str, QueuedTask], alpha: Site, sign_in: SignIn
) -> None:
    page = sign_in(alpha, "site_admin").get(LIST)
    text = page.content.decode()
    assert page.status_code == 200
    assert str(failed["alpha"].pk) in text
    assert str(failed["beta"].pk) not in text
    assert "RuntimeError" in text
    assert "secret://" not in text
    assert "beta" not in text


def test_filters_stay_within_the_site(
    failed: dict[str, QueuedTask], alpha: Site, sign_in: SignIn
) -> None:
    client = sign_in(alpha, "site_admin")
    for query, found in (("?status=FAILED", True), ("?status=READY", False), ("?status=x", True)):
        text = client.get(f"{LIST}results/{query}").content.decode()
        assert (str(failed["alpha"].pk) in text) is found, query
        assert str(failed["beta"].pk) not in text


def test_retrying_runs_it_again_and_is_recorded(
    failed: dict[str, QueuedTask], alpha: Site, sign_in: SignIn
) -> None:
    client = sign_in(alpha, "site_admin")
    answer = client.post(f"{LIST}{failed['alpha'].pk}/retry/")
    assert (answer.status_code, answer.headers["Location"]) == (302, LIST)
    row = QueuedTask.objects.get(pk=failed["alpha"].pk)
    assert (row.status, row.attempts, row.problem, row.traceback) == (Status.READY, 0, "", "")
    entry = Entry.objects.get(act="task.retried")
    assert (entry.site_code, entry.actor_email) == ("alpha", "site_admin@alpha.example.org")
    with shared_context():
        assert work_off() == 1
    row.refresh_from_db()
    assert row.status == Status.FAILED
    assert Entry.objects.filter(act="task.failed", site_code="alpha").count() == 2


def test_another_sites_task_cannot_be_retried(
    failed: dict[str, QueuedTask], alpha: Site, sign_in: SignIn
) -> None:
    client = sign_in(alpha, "site_admin")
    assert client.post(f"{LIST}{failed['beta'].pk}/retry/").status_code == 404
    assert client.get(f"{LIST}{failed['beta'].pk}/").status_code == 404
    assert QueuedTask.objects.get(pk=failed["beta"].pk).status == Status.FAILED


def test_what_has_not_failed_cannot_be_retried(alpha: Site, sign_in: SignIn) -> None:
    with tenant_context(alpha):
        result = jobs.mark.enqueue("waiting")
    client = sign_in(alpha, "site_admin")
    assert client.post(f"{LIST}{result.id}/retry/").status_code == 404
    assert client.get(f"{LIST}{result.id}/retry/").status_code == 405


@pytest.mark.parametrize("role", ["editor", "reviewer", "column_maintainer"])
def test_other_roles_see_and_retry_nothing(
    failed: dict[str, QueuedTask], alpha: Site, sign_in: SignIn, role: str
) -> None:
    client = sign_in(alpha, role)
    assert client.get(LIST).status_code == 302
    assert client.post(f"{LIST}{failed['alpha'].pk}/retry/").status_code == 302
    assert QueuedTask.objects.get(pk=failed["alpha"].pk).status == Status.FAILED
    assert "reports/tasks" not in client.get("/admin/").content.decode()


def test_a_site_admin_sees_no_traceback(
    failed: dict[str, QueuedTask], alpha: Site, sign_in: SignIn
) -> None:
    assert sign_in(alpha, "site_admin").get(f"{LIST}{failed['alpha'].pk}/").status_code == 404


def test_platform_admins_see_everything_on_the_control_site(
    failed: dict[str, QueuedTask], alpha: Site, control: Client
) -> None:
    text = control.get(LIST).content.decode()
    assert str(failed["alpha"].pk) in text
    assert str(failed["beta"].pk) in text
    assert "secret://" not in text
    assert "secret://" in control.get(f"{LIST}{failed['alpha'].pk}/").content.decode()
    assert control.post(f"{LIST}{failed['beta'].pk}/retry/").status_code == 302
    assert row_of_pk(failed["beta"]).status == Status.READY
    assert Entry.objects.get(act="task.retried").site_code == "beta"


def test_a_site_admin_of_the_control_site_is_no_platform_admin(
    failed: dict[str, QueuedTask], settings: Any, sign_in: SignIn
) -> None:
    settings.TRIAL_WITHOUT_SECOND_FACTOR = True
    client = sign_in(directory.snapshot().by_code["control"], "site_admin")
    assert client.get(LIST).status_code == 302
    assert client.get(f"{LIST}{failed['beta'].pk}/").status_code == 302
    assert client.post(f"{LIST}{failed['beta'].pk}/retry/").status_code == 302
    assert row_of_pk(failed["beta"]).status == Status.FAILED


def test_the_command_lists_and_retries(failed: dict[str, QueuedTask]) -> None:
    assert run().split() == ["FAILED", "2"]
    listed = run("--failed")
    assert f"{failed['alpha'].pk}\tFAILED" in listed
    assert "\tbeta\t" in listed
    run("--retry", str(failed["beta"].pk))
    assert row_of_pk(failed["beta"]).status == Status.READY
    run("--retry", "all")
    assert row_of_pk(failed["alpha"]).status == Status.READY


@pytest.mark.parametrize("wanted", ["nonsense", "6187dc57-9e73-4ac7-a7d8-6184d7dcb2b0"])
def test_an_unknown_task_is_one_sentence(failed: dict[str, QueuedTask], wanted: str) -> None:
    with pytest.raises(CommandError, match=wanted):
        run("--retry", wanted)


def row_of_pk(row: QueuedTask) -> QueuedTask:
    return QueuedTask.objects.get(pk=row.pk)


def run(*arguments: str) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("tasks", *arguments, stdout=out)
    return out.getvalue()


def test_addresses_are_known_to_the_admin_alone() -> None:
    assert reverse("tasks_failures", "sitecluster.project.urls_admin") == LIST
