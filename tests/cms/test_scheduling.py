"""Pages that go live and expire by the clock, done by the worker on every live site."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as django_connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageLogEntry, Revision

from sitecluster.cms import moments, scheduling
from sitecluster.cms.models import ArticlePage
from sitecluster.tasks.appointments import call_due
from sitecluster.tasks.models import Appointment
from sitecluster.tasks.worker import work_off
from sitecluster.tenancy import connection, shared_context, tenant_context
from tenants import directory
from tenants.life import lifecycle
from tenants.models import State, Tenant

HOUR = timedelta(hours=1)
Past = Callable[[Any], None]


@pytest.fixture(autouse=True)
def queue(settings: Any) -> None:
    """Nothing happens unless the worker does it."""
    settings.TASKS_RUN_AT_ONCE = False


def fresh(page: Any) -> Any:
    """The page as the database has it."""
    return type(page).objects.get(pk=page.pk)


def schedule(page: Any, **moments: datetime | None) -> None:
    """Publish the latest draft with these times, as an editor does."""
    revision = fresh(page).get_latest_revision()
    draft = revision.as_object() if revision else fresh(page)
    for name, moment in moments.items():
        setattr(draft, name, moment)
    draft.save_revision().publish()


def due(page: Any) -> datetime | None:
    """When the worker is to look at the page."""
    subjects = {row.subject.split(":")[1]: row.due_at for row in Appointment.objects.all()}
    return subjects.get(str(page.pk))


def let_time_pass(page: Any) -> None:
    """Let the page's times be over, an hour apart as they were, without anyone's noticing."""
    shift = timedelta(hours=6)
    for revision in Revision.objects.for_instance(page):
        for name in ("go_live_at", "expire_at"):
            if revision.content.get(name):
                moment = datetime.fromisoformat(revision.content[name].replace("Z", "+00:00"))
                revision.content[name] = (moment - shift).isoformat()
        approved = revision.approved_go_live_at
        type(revision)._base_manager.filter(pk=revision.pk).update(content=revision.content)
        if approved:
            Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=approved - shift)
    expire_at = fresh(page).expire_at
    if expire_at:
        ArticlePage.objects.filter(pk=page.pk).update(expire_at=expire_at - shift)


def work() -> None:
    """What the worker does in a second, from the shared schema."""
    with shared_context():
        work_off()
        assert connection.schema_name == "public"


def test_a_page_scheduled_for_later_is_recorded_when_its_time_comes(desk: Any) -> None:
    moment = timezone.now() + HOUR
    schedule(desk.draft, go_live_at=moment)
    assert due(desk.draft) == moment
    work()
    assert desk.row(desk.draft) is None
    let_time_pass(desk.draft)
    work()
    assert desk.row(desk.draft) is not None
    assert due(desk.draft) is None


def test_changes_of_a_live_page_wait_for_their_time(desk: Any) -> None:
    page = fresh(desk.first)
    page.title = "以后的标题"
    page.save_revision()
    schedule(page, go_live_at=timezone.now() + HOUR)
    work()
    assert desk.row(desk.first).title == "第一篇"
    let_time_pass(desk.first)
    work()
    assert desk.row(desk.first).title == "以后的标题"


def test_an_expired_page_is_withdrawn(desk: Any) -> None:
    moment = timezone.now() + HOUR
    schedule(desk.first, expire_at=moment)
    assert due(desk.first) == moment
    let_time_pass(desk.first)
    work()
    assert desk.row(desk.first) is None
    assert fresh(desk.first).expired
    assert due(desk.first) is None


def test_what_goes_live_and_expires_has_one_moment_after_the_other(desk: Any) -> None:
    first = timezone.now().replace(microsecond=0) + HOUR
    last = first + HOUR
    schedule(desk.draft, go_live_at=first, expire_at=last)
    assert due(desk.draft) == first
    revision = fresh(desk.draft).get_latest_revision()
    revision.approved_go_live_at = timezone.now()
    revision.content["go_live_at"] = timezone.now().isoformat()
    revision.save(update_fields=["content", "approved_go_live_at"])
    work()
    assert fresh(desk.draft).live
    assert due(desk.draft) == last


def test_a_later_publication_survives_the_expiry_before_it(desk: Any) -> None:
    schedule(desk.first, expire_at=timezone.now() + HOUR)
    schedule(desk.first, expire_at=None, go_live_at=timezone.now() + 20 * HOUR)
    let_time_pass(desk.first)  # by six hours: expired, and not yet live again
    work()
    assert not fresh(desk.first).live
    assert due(desk.first) is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda page: fresh(page).unpublish(),
        lambda page: fresh(page).delete(),
        lambda page: ArticlePage.objects.filter(pk=page.pk).delete(),
        lambda page: schedule(page, expire_at=None),
    ],
    ids=["unpublish", "delete", "delete-queryset", "without-expiry"],
)
def test_nothing_stays_of_what_is_called_off(desk: Any, change: Past) -> None:
    schedule(desk.first, expire_at=timezone.now() + HOUR)
    assert due(desk.first)
    change(desk.first)
    assert due(desk.first) is None


def test_unscheduling_in_the_editor_calls_it_off(desk: Any) -> None:
    schedule(desk.draft, go_live_at=timezone.now() + HOUR)
    revision = fresh(desk.draft).scheduled_revision
    answer = desk.post(f"/admin/pages/{desk.draft.pk}/revisions/{revision.pk}/unschedule/")
    assert answer.status_code == 302
    assert due(desk.draft) is None


def test_another_time_replaces_the_first(desk: Any) -> None:
    schedule(desk.draft, go_live_at=timezone.now() + HOUR)
    later = timezone.now() + 3 * HOUR
    schedule(desk.draft, go_live_at=later)
    assert due(desk.draft) == later
    assert Appointment.objects.count() == 1


def test_moving_a_page_keeps_its_moment(desk: Any) -> None:
    moment = timezone.now() + HOUR
    schedule(desk.first, expire_at=moment)
    other = desk.column(desk.home, "另一个栏目", "other-test")
    fresh(desk.first).move(other, pos="last-child")
    assert due(desk.first) == moment


def test_drafts_have_no_moment(desk: Any) -> None:
    draft = fresh(desk.draft)
    draft.go_live_at = timezone.now() + HOUR
    draft.save_revision()
    assert due(desk.draft) is None


def test_a_refused_page_is_left_out_and_the_others_go_on(
    desk: Any, objection: str, caplog: Any
) -> None:
    other = desk.article(desk.news, "另一篇", publish=False)
    schedule(other, go_live_at=timezone.now() + HOUR)
    refuse_later(desk, objection)
    let_time_pass(other)
    work()
    assert desk.row(desk.draft) is None
    assert desk.row(other) is not None
    assert objection in caplog.text


def refuse_later(desk: Any, objection: str) -> None:
    """Schedule a page to which a gate objects when its time has come."""
    Revision.objects.filter(pk=fresh(desk.draft).save_revision().pk).update(
        approved_go_live_at=timezone.now() - HOUR
    )


def test_a_refusal_is_told_once_and_tried_again_after_a_pause(
    desk: Any, objection: str, caplog: Any
) -> None:
    refuse_later(desk, objection)
    for _second in range(5):
        work()
    entries = PageLogEntry.objects.filter(action=scheduling.REFUSED, page=desk.draft.pk)
    assert entries.count() == 1
    assert entries.get().data == {"problem": objection}
    assert caplog.text.count(objection) == 1
    paused = due(desk.draft)
    assert paused is not None
    assert timedelta(minutes=4) < paused - timezone.now() < timedelta(minutes=6)
    Appointment.objects.update(due_at=timezone.now())
    work()
    again = due(desk.draft)
    assert again is not None
    assert again - timezone.now() > timedelta(minutes=9)
    assert entries.count() == 1


def test_whoever_scheduled_it_reads_why(desk: Any, objection: str) -> None:
    refuse_later(desk, objection)
    work()
    assert objection in desk.get(f"/admin/pages/{desk.draft.pk}/edit/").content.decode()
    assert objection in desk.get(f"/admin/pages/{desk.draft.pk}/history/").content.decode()
    assert objection not in desk.get(f"/admin/pages/{desk.first.pk}/edit/").content.decode()


def test_a_change_of_the_page_asks_for_another_try(desk: Any, objection: str) -> None:
    refuse_later(desk, objection)
    work()
    refuse_later(desk, objection)
    (row,) = Appointment.objects.all()
    assert (row.calls, row.problem) == (0, "")
    assert row.due_at < timezone.now()


def test_a_site_that_takes_no_changes_waits_in_silence(desk: Any, freeze: Any, caplog: Any) -> None:
    schedule(desk.draft, go_live_at=timezone.now() + HOUR)
    let_time_pass(desk.draft)
    freeze()
    work()
    assert desk.row(desk.draft) is None
    assert caplog.text == ""
    Tenant.objects.filter(pk=desk.site.id).update(state=State.LIVE)
    directory.forget()
    work()


def test_it_is_done_when_the_site_is_live_again(desk: Any) -> None:
    schedule(desk.draft, go_live_at=timezone.now() + HOUR)
    let_time_pass(desk.draft)
    lifecycle.set_state(desk.site.code, State.OFFLINE)
    directory.forget()
    work()
    assert desk.row(desk.draft) is None
    lifecycle.set_state(desk.site.code, State.LIVE)
    directory.forget()
    work()
    assert desk.row(desk.draft) is not None


def test_equal_keys_on_two_sites_are_two_pages(desk: Any, gamma: Any, make_desk: Any) -> None:
    there = make_desk(gamma)
    schedule(there.draft, go_live_at=timezone.now() + HOUR)
    let_time_pass(there.draft)
    with tenant_context(desk.site):
        schedule(desk.draft, go_live_at=timezone.now() + 3 * HOUR)
    work()
    assert there.row(there.draft) is not None
    with tenant_context(desk.site):
        assert desk.row(desk.draft) is None


def test_what_is_due_is_found_by_queries_that_do_not_grow_with_the_sites(
    alpha: Any, beta: Any, gamma: Any
) -> None:
    with shared_context():
        with CaptureQueriesContext(django_connection) as idle:
            assert call_due() == 0
        for _copy in range(2):
            for site in (alpha, beta, gamma):
                Appointment.objects.update_or_create(
                    tenant_id=site.id,
                    task_path=scheduling.keep.module_path,
                    subject="1:1",
                    defaults={"due_at": timezone.now() + HOUR},
                )
            with CaptureQueriesContext(django_connection) as full:
                assert call_due() == 0
    assert len(idle) == len(full) == 1


def test_whole_sites_are_put_right_by_the_command(desk: Any) -> None:
    moment = timezone.now() + HOUR
    schedule(desk.first, expire_at=moment)
    assert run() == ""
    Appointment.objects.all().delete()
    assert f"{desk.site.code} " in run("--dryrun")
    assert due(desk.first) is None
    assert f":{desk.first.pk} " in run("--site", desk.site.code)
    assert due(desk.first) == moment
    Appointment.objects.create(
        tenant_id=desk.site.id,
        task_path=scheduling.keep.module_path,
        subject="1:999999",
        due_at=moment,
    )
    run()
    assert Appointment.objects.count() == 1


def run(*args: str) -> str:
    """What the command prints."""
    out = StringIO()
    with shared_context():
        call_command("publish_scheduled", *args, stdout=out)
        assert connection.schema_name == "public"
    return out.getvalue()


def test_appointments_name_the_task_that_keeps_them() -> None:
    assert scheduling.keep.module_path == moments.KEEP


def test_an_unknown_site_is_one_sentence(alpha: Any) -> None:
    with pytest.raises(CommandError, match="nirgendwo"):
        run("--site", "nirgendwo")
