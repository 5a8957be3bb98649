"""Batches: every item once, errors of one item stay its own, stop and again, who sees what."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection as database
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook
from wagtail.models import Site as WagtailSite

from sitecluster.audit.models import Entry
from sitecluster.tasks.models import QueuedTask
from sitecluster.tasks.worker import work_off
from sitecluster.tenancy import current_tenant, shared_context, tenant_context
from sitecluster_console.batches import work as batches
from sitecluster_console.batches.work import BatchProblem, Item, NewItem, kind, start, stop
from sitecluster_console.shared.models import Batch, BatchItem
from tenants import directory
from tenants.directory import Site
from tenants.provisioning import ProvisionError
from tests.console.conftest import row

KIND = "test.rename"


@kind(KIND, title="Rename")
def rename(item: BatchItem, batch: Batch) -> str | None:
    """Notes that it ran, in the site's schema; some codes fail."""
    assert current_tenant() is None
    assert item.site is not None
    with tenant_context(directory.record(item.site)):
        WagtailSite.objects.update(site_name=item.wishes.get("name", "x"))
    if trouble := item.wishes.get("trouble"):
        raise {
            "problem": BatchProblem("No.", "Never."),
            "refused": ProvisionError(["Not so."]),
            "bug": ZeroDivisionError("secret"),
            "sql": None,
        }[trouble] or _sql_error()
    return translation.gettext("Yes") if item.wishes.get("name") else None


def _sql_error() -> Exception:
    with database.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
    return AssertionError("not reached")


def names(*sites: Site) -> list[str]:
    """What the items have written into the sites."""
    found = []
    for site in sites:
        with tenant_context(site):
            found.append(WagtailSite.objects.values_list("site_name", flat=True)[0])
    return found


def item(site: Site, code: str = "", **more: Any) -> NewItem:
    after = more.pop("after", "")
    return NewItem(code or site.code, site.name, row(site), more, after=after)


def states(batch: Batch) -> dict[str, str]:
    return dict(batch.items.values_list("code", "state"))


@pytest.fixture
def waiting(settings: Any) -> Iterator[Callable[[], int]]:
    """Tasks wait until what this gives is called, as they do for a worker."""
    settings.TASKS_RUN_AT_ONCE = False
    with shared_context():
        yield work_off


def test_every_item_is_done_and_told(alpha: Site, beta: Site, boss_user: Any) -> None:
    batch = start(KIND, "改名", [item(alpha, name="甲"), item(beta)], by=boss_user, reason="r")
    batch.refresh_from_db()
    assert states(batch) == {"alpha": Item.DONE, "beta": Item.UNCHANGED}
    assert list(batch.items.values_list("number", flat=True)) == [1, 2]
    assert batch.started_at
    assert batch.finished_at
    assert names(alpha, beta) == ["甲", "x"]
    entry = Entry.objects.get(act="batch.started")
    assert (entry.subject, entry.actor_id, entry.reason) == ("改名", boss_user.pk, "r")
    assert entry.after == {"batch": batch.pk, "items": 2, "dry_run": False}


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("problem", ["No.", "Never."]),
        ("refused", ["Not so."]),
        ("bug", ["An unforeseen error (ZeroDivisionError); the worker's log tells more."]),
        ("sql", None),
    ],
)
def test_an_items_error_stays_its_own(
    alpha: Site, beta: Site, boss_user: Any, trouble: str, said: list[str] | None
) -> None:
    before = names(alpha)
    with translation.override("en"):
        batch = start(
            KIND, "t", [item(alpha, name="no", trouble=trouble), item(beta, name="b")], by=boss_user
        )
    assert states(batch) == {"alpha": Item.FAILED, "beta": Item.DONE}
    problems = batch.items.get(code="alpha").problems
    assert problems == said if said else problems[0].startswith("The database refused: relation")
    assert names(alpha, beta) == [*before, "b"]


def test_a_dry_run_changes_nothing_and_tells(alpha: Site, boss_user: Any) -> None:
    before = names(alpha)
    batch = start(KIND, "t", [item(alpha, name="no")], by=boss_user, dry_run=True)
    assert states(batch) == {"alpha": Item.DONE}
    assert batch.items.get().result
    assert names(alpha) == before


def test_sentences_are_in_the_starters_language(
    alpha: Site, boss_user: Any, waiting: Callable[[], int]
) -> None:
    with translation.override("zh-hans"):
        batch = start(KIND, "t", [item(alpha, name="a")], by=boss_user)
    with translation.override("en"):
        waiting()
    assert batch.items.get().result == "是"


def test_items_wait_for_the_one_before(
    alpha: Site, beta: Site, gamma: Site, boss_user: Any
) -> None:
    new = [
        item(gamma, "third", name="3", after="second"),
        item(beta, "second", name="2", after="first"),
        item(alpha, "first", name="1"),
    ]
    batch = start(KIND, "t", new, by=boss_user)
    assert set(states(batch).values()) == {Item.DONE}
    ended = batch.items.order_by("finished_at").values_list("code", flat=True)
    assert list(ended) == ["first", "second", "third"]


def test_what_waits_for_a_failed_one_is_left_out(
    alpha: Site, beta: Site, gamma: Site, boss_user: Any
) -> None:
    new = [
        item(alpha, "first", name="1", trouble="problem"),
        item(beta, "second", name="2", after="first"),
        item(gamma, "third", name="3", after="second"),
    ]
    with translation.override("en"):
        batch = start(KIND, "t", new, by=boss_user)
    assert set(states(batch).values()) == {Item.FAILED}
    assert batch.items.get(code="third").problems == ["Left out, since second failed."]
    batch.refresh_from_db()
    assert batch.finished_at


def test_stop_leaves_the_rest_and_going_on_does_it(
    alpha: Site, beta: Site, boss_user: Any, waiting: Callable[[], int]
) -> None:
    batch = start(KIND, "t", [item(alpha, name="a"), item(beta, name="b")], by=boss_user)
    work_off(2)  # the start and the first item
    assert stop(batch, by=boss_user)
    assert not stop(batch, by=boss_user)
    waiting()
    batch.refresh_from_db()
    assert states(batch) == {"alpha": Item.DONE, "beta": Item.WAITING}
    assert batch.finished_at is None
    assert batches.resume(batch, by=boss_user) == 1
    waiting()
    batch.refresh_from_db()
    assert states(batch) == {"alpha": Item.DONE, "beta": Item.DONE}
    assert batch.finished_at
    acts = Entry.objects.filter(act__startswith="batch.").values_list("act", flat=True)
    assert sorted(acts) == ["batch.resumed", "batch.started", "batch.stopped"]


def test_an_item_told_twice_is_done_once(
    alpha: Site, boss_user: Any, waiting: Callable[[], int]
) -> None:
    batch = start(KIND, "t", [item(alpha, name="a")], by=boss_user)
    batches.spread.enqueue(batch.pk)
    assert waiting() == 4
    done = batch.items.get()
    with shared_context():
        batches.work_on.enqueue(done.pk)
    waiting()
    assert batch.items.get().finished_at == done.finished_at


def test_failed_ones_are_tried_again_alone(alpha: Site, beta: Site, boss_user: Any) -> None:
    new = [item(alpha, name="a"), item(beta, name="b", trouble="problem")]
    batch = start(KIND, "t", new, by=boss_user)
    first = batch.items.get(code="alpha").finished_at
    batch.items.filter(code="beta").update(wishes={"name": "again"})
    assert batches.resume(batch, by=boss_user, failed=True) == 1
    assert states(batch) == {"alpha": Item.DONE, "beta": Item.DONE}
    assert batch.items.get(code="alpha").finished_at == first
    assert names(beta) == ["again"]
    assert batches.resume(batch, by=boss_user, failed=True) == 0


def test_who_no_longer_runs_a_site_acts_there_no_more(
    alpha: Site, epsilon: Site, delegate_user: Any, waiting: Callable[[], int]
) -> None:
    with translation.override("en"):
        batch = start(KIND, "t", [item(alpha, name="a"), item(epsilon, name="e")], by=delegate_user)
    waiting()
    assert states(batch) == {"alpha": Item.DONE, "epsilon": Item.FAILED}
    text = "Who started the batch does not run this site any more."
    assert batch.items.get(code="epsilon").problems == [text]


def test_what_workers_gave_up_is_marked_failed(
    alpha: Site, beta: Site, boss_user: Any, waiting: Callable[[], int]
) -> None:
    batch = start(
        KIND, "t", [item(alpha, name="a"), item(beta, name="b", after="alpha")], by=boss_user
    )
    work_off(1)
    batches.care.call()
    assert states(batch) == {"alpha": Item.WAITING, "beta": Item.WAITING}
    QueuedTask.objects.filter(task_path=batches.work_on.module_path).update(status="FAILED")
    batches.care.call()
    waiting()
    batch.refresh_from_db()
    assert states(batch) == {"alpha": Item.FAILED, "beta": Item.FAILED}
    assert batch.finished_at


def test_no_batch_without_items_or_of_an_unknown_kind(alpha: Site, boss_user: Any) -> None:
    with pytest.raises(ValueError, match="0 items"):
        start(KIND, "t", [], by=boss_user)
    with pytest.raises(ValueError, match="nothing"):
        start("nothing", "t", [item(alpha)], by=boss_user)


def test_page_fragments_and_list(
    alpha: Site, beta: Site, boss: Any, boss_user: Any, waiting: Callable[[], int]
) -> None:
    new = [item(alpha, name="<b>甲</b>", trouble="problem"), item(beta, name="b")]
    batch = start(KIND, "批量改名", new, by=boss_user)
    address = reverse("console:batch", args=[batch.pk])
    page = boss.get(address).content.decode()
    assert "批量改名" in page
    assert "data-console-done" not in page
    assert reverse("console:batch_stop", args=[batch.pk]) in page
    progress = boss.get(address + "?part=progress").content.decode()
    assert '<progress class="console-progress" max="2" value="0"' in progress
    assert "<html" not in progress
    waiting()
    items = boss.get(address + "?part=items").content.decode()
    assert "No. Never." in items
    assert "data-console-done" in items
    assert reverse("console:batch_retry", args=[batch.pk]) in items
    assert reverse("console:site", args=[beta.id]) in items
    listed = boss.get(reverse("console:batches")).content.decode()
    assert "批量改名" in listed
    assert "2 / 2" in listed


def test_stop_and_again_by_buttons(
    alpha: Site, boss: Any, boss_user: Any, waiting: Callable[[], int]
) -> None:
    batch = start(KIND, "t", [item(alpha, name="a", trouble="problem")], by=boss_user)
    for act in ("stop", "stop", "resume"):
        answer = boss.post(reverse(f"console:batch_{act}", args=[batch.pk]))
        assert answer.headers["location"] == reverse("console:batch", args=[batch.pk])
    waiting()
    boss.post(reverse("console:batch_retry", args=[batch.pk]))
    with shared_context():
        assert states(batch) == {"alpha": Item.WAITING}
    assert boss.get(reverse("console:batch_stop", args=[batch.pk])).status_code == 405


def test_result_file_opens_in_excel(alpha: Site, beta: Site, boss: Any, boss_user: Any) -> None:
    new = [item(alpha, name="a"), item(beta, code="=1+1", name="b", trouble="problem")]
    batch = start(KIND, "t", new, by=boss_user, wishes={"left_out": [[7, "坏", "某局", ["Bad."]]]})
    address = reverse("console:batch_file", args=[batch.pk])
    answer = boss.get(address + "?export=xlsx")
    table = list(load_workbook(io.BytesIO(answer.getvalue())).worksheets[0].values)
    assert [line[:2] for line in table[1:]] == [(1, "alpha"), (2, "=1+1"), (7, "坏")]
    assert table[1][6:] == (alpha.address and alpha.address.url(), alpha.admin_url)
    assert table[2][4] == "No. Never."
    assert table[3][4] == "Bad."
    raw = b"".join(boss.get(address + "?export=csv"))
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert lines[2][1] == "'=1+1"


def test_a_batch_is_seen_by_platform_admins_and_its_starter_alone(
    alpha: Site, boss_user: Any, delegate_user: Any, boss: Any, delegate: Any
) -> None:
    own = start(KIND, "自己的", [item(alpha, name="a")], by=delegate_user)
    others = start(KIND, "别人的", [item(alpha, name="a")], by=boss_user)
    for client, batch, status in ((delegate, own, 200), (delegate, others, 404), (boss, own, 200)):
        for name in ("batch", "batch_file"):
            assert client.get(reverse(f"console:{name}", args=[batch.pk])).status_code == status
    for act in ("stop", "resume", "retry"):
        address = reverse(f"console:batch_{act}", args=[others.pk])
        assert delegate.post(address).status_code == 404
    listed = delegate.get(reverse("console:batches")).content.decode()
    assert "自己的" in listed
    assert "别人的" not in listed


def test_links_lead_to_sites_in_sight_alone(
    alpha: Site, epsilon: Site, delegate: Any, delegate_user: Any
) -> None:
    batch = start(KIND, "t", [item(alpha), item(epsilon)], by=delegate_user)
    page = delegate.get(reverse("console:batch", args=[batch.pk])).content.decode()
    assert reverse("console:site", args=[alpha.id]) in page
    assert reverse("console:site", args=[epsilon.id]) not in page
