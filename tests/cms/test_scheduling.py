"""Pages that go live and expire by the clock, on every live site."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from wagtail.models import Revision

from sitecluster.cms.models import ArticlePage
from sitecluster.tenancy import connection, shared_context, tenant_context


def fresh(page: Any) -> Any:
    """The page as the database has it."""
    return type(page).objects.get(pk=page.pk)


def schedule(page: Any, **times: Any) -> None:
    """Approve a revision with a time in the future, then let that time be over."""
    page = fresh(page)
    for name in times:
        setattr(page, name, timezone.now() + timedelta(hours=1))
    page.save_revision().publish()
    past = timezone.now() - timedelta(minutes=1)
    Revision.objects.filter(approved_go_live_at__isnull=False).update(approved_go_live_at=past)
    revision = fresh(page).get_latest_revision()
    for name in times:
        revision.content[name] = past.isoformat()
    revision.save()
    if "expire_at" in times:
        ArticlePage.objects.filter(pk=page.pk).update(expire_at=past)


def run(*args: str) -> str:
    """What the command prints, started as cron starts it."""
    out = StringIO()
    with shared_context():
        call_command("publish_scheduled", *args, stdout=out)
        assert connection.schema_name == "public"
    return out.getvalue()


def test_a_page_scheduled_for_later_is_recorded_when_its_time_comes(desk: Any) -> None:
    schedule(desk.draft, go_live_at=True)
    assert desk.row(desk.draft) is None
    assert f"{desk.site.code} + 草稿" in run()
    assert desk.row(desk.draft) is not None
    assert run() == ""


def test_changes_of_a_live_page_wait_for_their_time(desk: Any) -> None:
    page = fresh(desk.first)
    page.title = "以后的标题"
    page.save_revision()
    schedule(page, go_live_at=True)
    assert desk.row(desk.first).title == "第一篇"


def test_an_expired_page_is_withdrawn(desk: Any) -> None:
    schedule(desk.first, expire_at=True)
    assert f"{desk.site.code} - 第一篇" in run()
    assert desk.row(desk.first) is None
    assert fresh(desk.first).expired


def test_a_dry_run_changes_nothing(desk: Any) -> None:
    schedule(desk.draft, go_live_at=True)
    assert "草稿" in run("--dryrun")
    assert desk.row(desk.draft) is None


def test_a_refused_page_is_left_out_and_the_others_go_on(
    desk: Any, objection: str, caplog: Any
) -> None:
    other = desk.article(desk.news, "另一篇", publish=False)
    schedule(other, go_live_at=True)
    objecting = fresh(desk.draft)
    revision = objecting.save_revision()
    Revision.objects.filter(pk=revision.pk).update(
        approved_go_live_at=timezone.now() - timedelta(hours=1)
    )
    printed = run()
    assert f"{desk.site.code} ! 草稿" in printed
    assert objection in printed
    assert objection in caplog.text
    assert desk.row(desk.draft) is None
    assert desk.row(other) is not None


def test_one_site_alone_when_it_is_named(desk: Any, gamma: Any, make_desk: Any) -> None:
    schedule(desk.draft, go_live_at=True)
    there = make_desk(gamma)
    schedule(there.draft, go_live_at=True)
    assert "gamma + 草稿" in run("--site", "gamma")
    assert there.row(there.draft) is not None
    with tenant_context(desk.site):
        assert desk.row(desk.draft) is None
    run()
    assert desk.row(desk.draft) is not None


def test_a_site_that_is_not_live_has_no_schedule(desk: Any, freeze: Any) -> None:
    schedule(desk.draft, go_live_at=True)
    freeze()
    assert "! 草稿" in run()
    assert desk.row(desk.draft) is None


def test_an_unknown_site_is_one_sentence(alpha: Any) -> None:
    with pytest.raises(CommandError, match="nirgendwo"):
        run("--site", "nirgendwo")
