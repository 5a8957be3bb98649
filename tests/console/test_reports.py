"""The audit report and the report of failed tasks, for whoever runs a branch."""

import io
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from django.test import Client, RequestFactory
from openpyxl import load_workbook

from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import User
from sitecluster.audit.models import Entry
from sitecluster.audit.trail import record
from sitecluster.tasks.claiming import Status
from sitecluster.tasks.models import QueuedTask
from sitecluster.tenancy import Side, serve, tenant_context
from tenants.directory import Site
from tests.tasks import jobs

REPORT, TASKS = "/admin/reports/audit/", "/admin/reports/tasks/"
QUERIES = (
    "",
    "?q=FOREIGN",
    "?q=delta",
    "?q=foreign@delta.example",
    "?site_code=delta",
    "?act=delta.only",
    "?actor_id={foreign}",
    "?export=csv",
    "?export=csv&site_code=delta",
)


@pytest.fixture
def foreign(epsilon: Site) -> User:
    return add_member("foreign@delta.example", epsilon, ["site_admin"], name="丁主任")[0]


@pytest.fixture
def acted(
    alpha: Site, gamma: Site, epsilon: Site, boss_user: User, foreign: User, stranger_user: User
) -> None:
    """Acts in the branch, in another one, and of the cluster."""
    request: Any = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1")
    with serve(Side.ADMIN, "", request):
        record("theme.set", site=gamma, by=boss_user, subject="水利局换主题", reason="统一")
        record("delta.only", site=epsilon, by=foreign, subject="FOREIGN", after={"x": "FOREIGN"})
        record("member.declined", site=gamma, by=foreign, subject="邀请")
        record("upgrade.finished", subject="CLUSTERWIDE")
        record("theme.set", site=alpha, by=stranger_user, subject="阿县换主题")


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return (answer.getvalue() if answer.streaming else answer.content).decode()


@pytest.mark.parametrize("path", [REPORT, f"{REPORT}results/"])
def test_a_delegate_reads_the_branch_and_nothing_else(
    acted: None, delegate: Client, foreign: User, path: str
) -> None:
    for query in (each.format(foreign=foreign.pk) for each in QUERIES):
        text = text_of(delegate.get(path + query))
        for _name, word in parse_qsl(query[1:]):  # what was asked for is repeated
            text = text.replace(word, "").replace(quote(word), "")
        for hidden in ("FOREIGN", "CLUSTERWIDE", "丁主任", "foreign@", "delta", "epsilon"):
            assert hidden not in text, (query, hidden)
    text = text_of(delegate.get(path))
    for shown in ("水利局换主题", "阿县换主题", "gamma", "路人孙", "Branch delegated"):
        assert shown in text


def test_of_platform_admins_a_delegate_reads_the_name_alone(acted: None, delegate: Client) -> None:
    text = text_of(delegate.get(f"{REPORT}?export=csv"))
    assert "站群王" in text
    assert "boss@console.example" not in text
    row = next(line for line in text.splitlines() if "水利局换主题" in line)
    assert "192.0.2.1" not in row
    for word in ("boss", "站群王"):
        assert "水利局换主题" not in text_of(delegate.get(REPORT, {"q": word}))


def test_a_site_reads_the_name_of_the_delegate_who_acted_from_above(
    gamma: Site, delegate_user: User, browse: Any
) -> None:
    record("theme.set", site=gamma, by=delegate_user, subject="从上级")
    admin = add_member("own@gamma.example", gamma, ["site_admin"])[0]
    text = text_of(browse(admin, gamma).get(REPORT))
    assert "分级李" in text
    assert "delegate@console.example" not in text


def test_applicants_and_others_read_no_report(
    acted: None, applicant: Client, clerk: Client, stranger: Client
) -> None:
    for browser in (applicant, clerk, stranger):
        for path in (REPORT, f"{REPORT}?export=csv", TASKS):
            assert browser.get(path).status_code == 302
        assert REPORT not in browser.get("/admin/").content.decode()


def test_the_workbook_of_a_delegate_holds_the_branch_alone(acted: None, delegate: Client) -> None:
    sheet: Any = load_workbook(io.BytesIO(delegate.get(f"{REPORT}?export=xlsx").getvalue())).active
    values = "\n".join(str(cell) for row in sheet.values for cell in row)
    assert "水利局换主题" in values
    assert "FOREIGN" not in values


@pytest.fixture
def failed(settings: Any, gamma: Site, epsilon: Site) -> dict[str, QueuedTask]:
    """A task that failed for good in the branch, and one outside."""
    settings.TASKS_RUN_AT_ONCE = False
    rows = {}
    for site in (gamma, epsilon):
        with tenant_context(site):
            result = jobs.fail.enqueue(f"of {site.code}")
        rows[site.code] = QueuedTask.objects.get(pk=result.id)
    failing = {"status": Status.FAILED, "traceback": "secret://"}
    for code, task in rows.items():
        QueuedTask.objects.filter(pk=task.pk).update(problem=f"RuntimeError at {code}", **failing)
    return rows


def test_a_delegate_sees_and_retries_failed_tasks_of_the_branch(
    failed: dict[str, QueuedTask], delegate: Client
) -> None:
    text = text_of(delegate.get(TASKS))
    assert "RuntimeError at gamma" in text
    assert "epsilon" not in text
    assert str(failed["epsilon"].pk) not in text
    for code in failed:
        assert delegate.get(f"{TASKS}{failed[code].pk}/").status_code == 302
    assert delegate.post(f"{TASKS}{failed['epsilon'].pk}/retry/").status_code == 404
    assert delegate.post(f"{TASKS}{failed['gamma'].pk}/retry/").status_code == 302
    assert QueuedTask.objects.get(pk=failed["gamma"].pk).status == Status.READY
    assert QueuedTask.objects.get(pk=failed["epsilon"].pk).status == Status.FAILED
    assert Entry.objects.get(act="task.retried").site_code == "gamma"
