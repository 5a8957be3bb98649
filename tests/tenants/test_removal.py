"""A site is removed: a backup stays, its row stays, and nothing else; killed, it is taken up again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from sitecluster.accounts import delegation, invitations
from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import Delegation, Invitation, Membership, User
from sitecluster.audit.models import Entry
from sitecluster.cms.models import ArticlePage
from sitecluster.library.models import Item
from sitecluster.rights.roles import EDITOR
from sitecluster.tasks import worker
from sitecluster.tasks.models import Appointment, QueuedTask
from sitecluster.tasks.running import recover
from sitecluster.tenancy import shared_context, tenant_context
from tenants import directory
from tenants.backups import making as backups
from tenants.directory import Site
from tenants.life import removal
from tenants.models import Backup, Domain, State, Tenant, Usage
from tenants.orders import Order
from tenants.provisioning import ProvisionError, provision
from tests.conftest import client_for
from tests.databases import database_url
from tests.tenants.conftest import ROOT, ask, environment

WHY: dict[str, Any] = {"reason": "机构撤并，网站注销", "document": "〔2026〕9号"}
Close = Callable[..., Site]


@pytest.fixture
def cluster(committed: str, settings: Any, tmp_path: Path) -> Iterator[str]:
    """A committed copy of the cluster with a queue that nobody works off unless the test does."""
    settings.MEDIA_ROOT, settings.BACKUPS_DIR = tmp_path / "media", tmp_path / "backups"
    settings.VAR_DIR, settings.TASKS_RUN_AT_ONCE = tmp_path, False
    with shared_context():
        QueuedTask.objects.all().delete()
        yield committed


@pytest.fixture
def boss(cluster: str) -> User:
    found = User.everyone.filter(email="boss@removal.example").first()
    return found or User.everyone.create_superuser("boss@removal.example")


@pytest.fixture
def close(cluster: str) -> Close:
    """Opens a site of a code of its own, and closes it with a notice that is over."""

    def close(code: str, state: str = State.CLOSED, days: int = -1) -> Site:
        order = Order(code=code, name=f"阿县{code}局", kind="department", parent="alpha")
        provision(order)
        until = timezone.localdate() + timedelta(days=days)
        Tenant.objects.filter(code=code).update(state=state, state_until=until)
        directory.forget()
        return directory.snapshot().by_code[code]

    return close


def schemas() -> set[str]:
    return {name for (name,) in ask("SELECT nspname FROM pg_namespace")}


def fill(site: Site, boss: User) -> None:
    """Give the site something of everything that the cluster keeps of a site."""
    with tenant_context(site):
        default_storage.save("images/a.png", ContentFile(b"\x89PNG"))
        page = ArticlePage.objects.live().first()
        assert page
        page.go_live_at = timezone.now() + timedelta(days=2)
        page.save_revision(approved_go_live_at=page.go_live_at)
        groups = list(Group.objects.filter(name=EDITOR.name))
    add_member("editor@gone.example", site, ["editor"], name="编辑")
    chief, _new = add_member("chief@gone.example", site, ["site_admin"], name="主任")
    delegation.give(chief, site, "manager", by=boss, reason="由其管理")
    invitations.invite("new@gone.example", site, groups, name="新人", by=boss)
    Usage.objects.create(tenant_id=site.id, measured_at=timezone.now())


def test_everything_goes_but_its_row_and_a_backup(close: Close, boss: User, settings: Any) -> None:
    site = close("gone")
    fill(site, boss)
    uploads = settings.MEDIA_ROOT / "sites" / "s_gone"
    assert uploads.is_dir()
    standing = Item.objects.filter(tenant_id=site.id, withdrawn_at=None).count()
    assert standing > 0
    removal.ask("gone", by=boss, **WHY)
    row = Tenant.objects.get(code="gone")
    assert removal.is_under_way(row)
    assert row.state == State.CLOSED
    with pytest.raises(ProvisionError):
        removal.ask("gone", by=boss, **WHY)
    worker.work_off()

    row = Tenant.objects.get(code="gone")
    assert (row.state, row.plugins, removal.is_under_way(row)) == (State.REMOVED, [], False)
    assert "s_gone" not in schemas()
    assert not uploads.exists()
    assert not Domain.objects.filter(tenant=row).exists()
    assert not Membership.objects.filter(tenant=row, ended_at=None).exists()
    assert not Delegation.objects.filter(tenant=row, ended_at=None).exists()
    assert not Invitation.objects.filter(tenant=row, closed_at=None).exists()
    assert not Item.objects.filter(tenant_id=row.pk, withdrawn_at=None).exists()
    assert not Appointment.objects.filter(tenant_id=row.pk).exists()
    assert not QueuedTask.objects.filter(tenant_id=row.pk).exclude(status="SUCCESSFUL").exists()
    assert not Usage.objects.filter(tenant=row).exists()
    assert not User.everyone.filter(home_site=row).exists()
    backup = Backup.objects.get(tenant=row)
    assert backup.state == Backup.State.DONE
    assert backups.path_of(backup).stat().st_size == backup.size
    entry = Entry.objects.filter(act="site.removed").latest("id")
    assert (entry.site_code, entry.actor_id) == ("gone", boss.pk)
    assert (entry.reason, entry.document) == (WHY["reason"], WHY["document"])
    assert entry.before
    assert entry.before["members"] == ["chief@gone.example", "editor@gone.example"]
    assert entry.after
    assert (entry.after["backup"], entry.after["items"]) == (backup.file, standing)


def test_nothing_answers_and_nobody_gets_the_code(close: Close, boss: User) -> None:
    close("left")
    removal.ask("left", by=boss, **WHY)
    worker.work_off()
    directory.forget()
    for host in ("left.alpha.localhost", "left.admin.localhost", "left.uploads.localhost"):
        assert client_for(host).get("/admin/login/").status_code == 404
    same = Order(code="left", name="阿县left局", kind="department", parent="alpha")
    for order in (same, Order(code="left", name="另一个局", kind="department", parent="alpha")):
        with shared_context(), pytest.raises(ProvisionError, match="has been removed"):
            provision(order)
    with shared_context():
        provision(Order(code="leftb", name="阿县新局", kind="department", parent="alpha",
                        domain="left.alpha.localhost"))  # fmt: skip


def test_a_site_that_was_never_open_goes_at_once(close: Close, boss: User) -> None:
    close("never", state=State.BUILDING, days=90)
    removal.ask("never", by=boss, **WHY)
    worker.work_off()
    assert Tenant.objects.get(code="never").state == State.REMOVED


def test_what_stands_against_it(close: Close, boss: User) -> None:
    close("noticed", days=5)
    close("open", state=State.LIVE)
    clerk = User.everyone.create(email="clerk@removal.example")
    for code, by, more in (
        ("noticed", boss, {}),
        ("open", boss, {}),
        ("noticed", clerk, {"despite": True}),
        ("noticed", boss, {"despite": True, "document": ""}),
        ("noticed", boss, {"despite": True, "reason": "短"}),
        ("control", boss, {}),
        ("alpha", boss, {}),
    ):
        with pytest.raises(ProvisionError):
            removal.ask(code, by=by, **{**WHY, **more})
    assert not QueuedTask.objects.exists()
    provision(Order(code="child", name="下级单位", kind="department", parent="noticed"))
    with pytest.raises(ProvisionError):
        removal.ask("noticed", by=boss, despite=True, **WHY)
    Tenant.objects.filter(code="child").update(state=State.REMOVED)
    removal.ask("noticed", by=boss, despite=True, **WHY)
    assert QueuedTask.objects.count() == 1


def test_a_site_that_was_reopened_meanwhile_stays(close: Close, boss: User) -> None:
    close("back")
    removal.ask("back", by=boss, **WHY)
    Tenant.objects.filter(code="back").update(state=State.LIVE)
    worker.work_off()
    assert "s_back" in schemas()
    assert QueuedTask.objects.get().status == "FAILED"
    assert not removal.is_under_way(Tenant.objects.get(code="back"))


def test_killed_in_the_midst_it_is_taken_up_again(
    close: Close, boss: User, cluster: str, tmp_path: Path
) -> None:
    site = close("torn")
    fill_uploads(site)
    removal.ask("torn", by=boss, **WHY)
    with closing(psycopg2.connect(database_url(cluster))) as reader:
        reader.cursor().execute("LOCK TABLE s_torn.cms_homepage IN ACCESS SHARE MODE")
        process = subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=ROOT,
            env=environment(cluster, tmp_path),
        )
        wait_for_lock()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        reader.rollback()
    time.sleep(1.5)
    assert Tenant.objects.get(code="torn").state == State.CLOSED
    assert "s_torn" in schemas()
    assert Domain.objects.filter(tenant__code="torn").exists()
    assert recover() >= 1  # beside it, perhaps, what recurs
    worker.work_off()
    assert Tenant.objects.get(code="torn").state == State.REMOVED
    assert "s_torn" not in schemas()
    assert not (tmp_path / "media" / "sites" / "s_torn").exists()
    assert Backup.objects.filter(tenant__code="torn").count() == 1


def fill_uploads(site: Site) -> None:
    with tenant_context(site):
        default_storage.save("images/a.png", ContentFile(b"\x89PNG"))


def wait_for_lock() -> None:
    """Until somebody waits to drop the schema."""
    for _attempt in range(600):
        if ask("SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"):
            return
        time.sleep(0.1)
    raise AssertionError("nobody has tried")
