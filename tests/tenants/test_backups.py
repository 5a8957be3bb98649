"""What a backup holds, of which moment, and what becomes of old ones."""

import hashlib
import json
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from sitecluster.audit.models import Entry
from sitecluster.tasks.models import QueuedTask
from sitecluster.tasks.queue import PROMPT
from sitecluster.tenancy import shared_context, tenant_context
from tenants import directory
from tenants.backups import backed_up, making as backups, tasks as backup_tasks
from tenants.backups.archive import ArchiveError, Reader
from tenants.dump import NAMELESS, anonymous, structure
from tenants.models import Backup, Tenant
from tests.isolation.checksums import shared_models
from tests.tenants.conftest import Run, ask

Site = directory.Site
SAMPLES = {"board_shared_tally", "watch_beat"}  # of plugins that the tests install


def site_of(code: str) -> Site:
    directory.forget()
    return directory.snapshot().by_code[code]


@pytest.fixture
def cluster(committed: str, settings: Any, tmp_path: Path) -> Iterator[str]:
    """A committed copy of the cluster, whose files lie in folders of this test."""
    settings.MEDIA_ROOT, settings.BACKUPS_DIR = tmp_path / "media", tmp_path / "backups"
    settings.TASKS_RUN_AT_ONCE = False
    with shared_context():
        Backup.objects.all().delete()
        yield committed


@pytest.mark.usefixtures("db")
def test_every_shared_table_is_decided() -> None:
    tables = {model._meta.db_table for model in shared_models()} | {"django_migrations"}
    tables -= SAMPLES
    decided = backed_up.carried().keys() | backed_up.LEFT.keys()
    assert tables <= decided, tables - decided
    assert not backed_up.carried().keys() & backed_up.LEFT.keys()
    for table, column in backed_up.carried().items():
        model = backed_up.model_of(table)
        assert model is not None, table
        assert column in {field.column for field in model._meta.local_fields}


def test_tables_of_rights_and_emptied_ones_exist(within: Site) -> None:
    there = set(connection.introspection.table_names())
    assert {*backed_up.EMPTIED, *backed_up.RIGHTS} <= there
    named = {model._meta.db_table for model, _field in backed_up.columns_of_people()}
    assert {"rights_usergroup", "wagtailcore_page", "wagtailcore_revision"} <= named


def test_one_file_with_everything(cluster: str) -> None:
    site = site_of("alpha")
    with tenant_context(site):
        default_storage.save("images/一/图 1.png", ContentFile(b"\x89PNG" * 100))
        default_storage.save("documents/a.pdf", ContentFile(b"%PDF"))
    row = backups.make(site, reason="试" * 300)

    path = backups.path_of(row)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert row.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (row.state, row.size) == (Backup.State.DONE, path.stat().st_size)
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    with path.open("rb") as file:
        found = Reader(file)
        tables = ask("SELECT tablename FROM pg_tables WHERE schemaname = 's_alpha'")
        rows = {f"rows/{table}.copy" for (table,) in tables if table not in backed_up.EMPTIED}
        assert set(found.names("rows/")) == rows
        assert found.members["rows/wagtailcore_page.copy"].lines == count("wagtailcore_page")
        assert found.names("media/") == ["media/documents/a.pdf", "media/images/一/图 1.png"]
        assert found.text("schema/pre-data.sql").count("CREATE TABLE @schema.") == len(tables)
        items = list(found.lines("shared/library_item.jsonl"))
        assert {item["tenant_id"] for item in items} == {site.id}
        assert (
            len(items)
            == ask("SELECT count(*) FROM library_item WHERE tenant_id = %s", site.id)[0][0]
        )
        assert found.facts["site"]["code"] == "alpha"
    entry = Entry.objects.filter(act="backup.made").latest("id")
    assert entry.after is not None
    assert (entry.site_code, entry.after["sha256"]) == ("alpha", row.sha256)


def count(table: str) -> int:
    return int(ask(f"SELECT count(*) FROM s_alpha.{table}")[0][0])


def test_schemas_of_similar_names_are_told_apart(cluster: str) -> None:
    """The name is replaced where it qualifies, not in names that contain it."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA s_page CREATE TABLE cms_page_s_page (s_page int, t text)")
        cursor.execute("CREATE INDEX s_page_idx ON s_page.cms_page_s_page (s_page)")
    text = anonymous("s_page", "pre-data") + anonymous("s_page", "post-data")
    assert f"CREATE TABLE {NAMELESS}.cms_page_s_page (\n    s_page integer," in text
    assert f"CREATE INDEX s_page_idx ON {NAMELESS}.cms_page_s_page" in text
    assert "s_page." not in text.replace("s_page_s_page", "")
    assert structure("s_page", "pre-data") != anonymous("s_page", "pre-data")
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA s_page CASCADE")


def test_the_file_is_of_one_moment(cluster: str) -> None:
    """Somebody edits all the time: pages, revisions and the register still agree."""
    site, begun, stop = site_of("gamma"), threading.Event(), threading.Event()

    def edit() -> None:
        number = 0
        try:
            while not stop.is_set():
                number += 1
                with connection.cursor() as cursor:
                    cursor.execute(
                        "UPDATE s_gamma.wagtailcore_page SET draft_title = %s;"
                        "UPDATE s_gamma.cms_siteidentity SET contact_phone = %s;"
                        "UPDATE public.library_item SET source = %s WHERE tenant_id = %s",
                        [str(number), str(number), str(number), site.id],
                    )
                begun.set()
        finally:
            connection.close()

    editor = threading.Thread(target=edit)
    editor.start()
    assert begun.wait(60)
    try:
        for _number in range(3):
            with backups.path_of(backups.make(site)).open("rb") as file:
                found = Reader(file)
                columns = found.facts["columns"]["wagtailcore_page"].split(", ")
                at = columns.index("draft_title")
                rows = found.text("rows/wagtailcore_page.copy").splitlines()
                titles = {row.split("\t")[at] for row in rows}
                phones = found.facts["columns"]["cms_siteidentity"].split(", ")
                identity = found.text("rows/cms_siteidentity.copy").split("\t")
                titles.add(identity[phones.index("contact_phone")])
                titles |= {row["source"] for row in found.lines("shared/library_item.jsonl")}
                assert len(titles) == 1, titles
    finally:
        stop.set()
        editor.join()


def test_keys_and_open_screens_stay_behind(cluster: str) -> None:
    site = site_of("alpha")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO s_alpha.wagtailcore_apitoken (name, key_hash, prefix, created, user_id)"
            " VALUES ('t', 'secret-hash', 'p', now(), 1)"
        )
    path = backups.path_of(backups.make(site))
    with ZipFile(path) as archive:
        assert "rows/wagtailcore_apitoken.copy" not in archive.namelist()
        assert not any(b"secret-hash" in archive.read(name) for name in archive.namelist())


def test_a_failure_leaves_no_file(cluster: str, settings: Any) -> None:
    gone = Tenant(id=1, code="gone", schema_name="s_gone", name="没有")
    with pytest.raises(backups.BackupError, match="没有 has no schema"):
        backups.fill(Backup(tenant=gone))
    assert list(settings.BACKUPS_DIR.iterdir()) == []
    settings.BACKUPS_DIR = Path("/proc/nowhere")
    with pytest.raises(backups.BackupError, match="could not be written"):
        backups.make(site_of("alpha"))


def test_the_newest_are_kept(cluster: str, settings: Any) -> None:
    settings.BACKUP_KEEP = 2
    alpha, beta = site_of("alpha"), site_of("beta")
    other = backups.make(beta)
    made = [backups.make(alpha)]
    old = Backup.objects.create(tenant_id=alpha.id, state=Backup.State.FAILED)
    made.append(backups.make(alpha))
    assert Backup.objects.filter(pk=old.pk).exists()
    made.append(backups.make(alpha, prune=False))
    assert Backup.objects.filter(tenant_id=alpha.id, state=Backup.State.DONE).count() == 3
    made.append(backups.make(alpha))
    assert [row.pk for row in Backup.objects.all()] == [made[3].pk, made[2].pk, other.pk]
    assert {path.name for path in settings.BACKUPS_DIR.iterdir()} == {
        row.file for row in Backup.objects.all()
    }
    settings.BACKUP_KEEP = 0
    backups.make(alpha)
    assert Backup.objects.filter(tenant_id=alpha.id).count() == 3


def test_deleting_one(cluster: str) -> None:
    row = backups.make(site_of("beta"))
    path = backups.path_of(row)
    backups.delete(row, reason="空间不足")
    assert not path.exists()
    with pytest.raises(FileNotFoundError):
        backups.path_of(row)
    assert Entry.objects.filter(act="backup.deleted", reason="空间不足", site_code="beta").exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "", "sub/x.zip"])
def test_a_name_leads_nowhere_else(name: str) -> None:
    with pytest.raises(FileNotFoundError):
        backups.path_of(Backup(file=name))


def test_in_the_background(cluster: str) -> None:
    assert max(backup_tasks.make_asked.priority, backup_tasks.restore_asked.priority) < PROMPT
    row = backup_tasks.ask(site_of("beta"), reason="升级前")
    assert row.state == Backup.State.WAITING
    backup_tasks.make_asked.func(row.pk)
    row.refresh_from_db()
    assert (row.state, row.reason) == (Backup.State.DONE, "升级前")
    Tenant.objects.filter(code="beta").update(schema_name="s_nothing")
    failed = backup_tasks.ask(site_of("beta"))
    backup_tasks.make_asked.func(failed.pk)
    failed.refresh_from_db()
    assert (failed.state, failed.problem) == (Backup.State.FAILED, "贝镇人民政府 has no schema.")
    Tenant.objects.filter(code="beta").update(schema_name="s_beta")


def test_before_its_upgrade(cluster: str) -> None:
    """The tasks of a site that is behind wait; this one is the cluster's."""
    mark, lacking = Tenant.objects.get(code="beta").migration_state, "wagtailembeds"
    rename = "UPDATE s_beta.django_migrations SET app = %s WHERE app = %s"
    Tenant.objects.filter(code="beta").update(migration_state="that of older code")
    with connection.cursor() as cursor:
        cursor.execute(rename, ["-", lacking])
    assert site_of("beta").behind
    row = backup_tasks.ask(site_of("beta"), reason="升级前")
    asked = QueuedTask.objects.filter(task_path=backup_tasks.make_asked.module_path)
    assert set(asked.values_list("tenant_id", flat=True)) == {None}
    backup_tasks.make_asked.func(row.pk)
    row.refresh_from_db()
    assert row.state == Backup.State.DONE
    Tenant.objects.filter(code="beta").update(migration_state=mark)
    with connection.cursor() as cursor:
        cursor.execute(rename, [lacking, "-"])


def test_each_night_each_site_once(cluster: str, settings: Any, monkeypatch: Any) -> None:
    hour = timezone.localtime().hour
    backup_tasks.begin_night.func()
    assert not Backup.objects.exists()
    settings.BACKUP_DAILY = True
    monkeypatch.setattr(backup_tasks, "NIGHT", {hour, (hour + 1) % 24})
    with_one = Backup.objects.create(tenant=Tenant.objects.get(code="alpha"))
    for _number in range(6):
        backup_tasks.go_on.func()
    codes = Backup.objects.exclude(pk=with_one.pk).values_list("tenant__code", flat=True)
    assert sorted(codes) == ["beta", "control", "gamma"]
    monkeypatch.setattr(backup_tasks, "NIGHT", set())
    Backup.objects.all().delete()
    backup_tasks.go_on.func()
    assert not Backup.objects.exists()


def test_what_killed_processes_left_is_swept(cluster: str, settings: Any) -> None:
    kept = backups.path_of(backups.make(site_of("beta")))
    left = settings.BACKUPS_DIR / ".partial-beta.zip"
    uploads = settings.MEDIA_ROOT / "sites" / "s_beta__0123abcd"
    fresh = settings.MEDIA_ROOT / "sites" / "s_beta__0123abce"
    own = settings.MEDIA_ROOT / "sites" / "s_beta"
    for folder in (uploads, fresh, own):
        folder.mkdir(parents=True)
    left.touch()
    for path in (left, uploads, own, kept):
        os.utime(path, (0, 0))
    waiting = Backup.objects.create(tenant=Tenant.objects.get(code="beta"))
    long_ago = timezone.now() - backup_tasks.LEFT_OVER * 2
    stuck = Backup.objects.create(tenant=waiting.tenant)
    Backup.objects.filter(pk=stuck.pk).update(created_at=long_ago)
    backup_tasks.sweep.func()
    assert Backup.objects.get(pk=stuck.pk).state == Backup.State.FAILED
    assert Backup.objects.get(pk=waiting.pk).state == Backup.State.WAITING
    assert [path.exists() for path in (left, uploads, fresh, own, kept)] == [
        False,
        False,
        True,
        True,
        True,
    ]


# --- The file --------------------------------------------------------------------------------


def test_a_changed_file_is_refused(cluster: str, tmp_path: Path) -> None:
    path = backups.path_of(backups.make(site_of("beta")))
    with path.open("rb") as file:
        Reader(file)
    changed = tmp_path / "changed.zip"

    def rewrite(edit: Any, extra: dict[str, bytes] | None = None) -> Path:
        with ZipFile(path) as before, ZipFile(changed, "w") as after:
            for name in before.namelist():
                after.writestr(name, edit(name, before.read(name)))
            for name, data in (extra or {}).items():
                after.writestr(name, data)
        return changed

    def read(path: Path) -> None:
        with path.open("rb") as file:
            found = Reader(file)
            found.text("schema/pre-data.sql")

    same = rewrite(lambda name, data: data)
    read(same)
    evil = b"DROP SCHEMA public CASCADE;"
    with pytest.raises(ArchiveError, match=r"pre-data\.sql in the file was changed"):
        read(rewrite(lambda name, data: evil if "pre-data" in name else data))

    def forge(name: str, data: bytes) -> bytes:
        if name != "manifest.json":
            return evil if "pre-data" in name else data
        facts = json.loads(data)
        member = {"bytes": len(evil), "lines": 0, "sha256": hashlib.sha256(evil).hexdigest()}
        facts["members"]["schema/pre-data.sql"] = member
        return json.dumps(facts).encode()

    with pytest.raises(ArchiveError, match="changed, or made by an installation with another"):
        read(rewrite(forge))
    with pytest.raises(ArchiveError, match="its manifest doesn't name"):
        read(rewrite(lambda name, data: data, {"media/more.html": b"<script>"}))
    for text in (b"", b"no zip", path.read_bytes()[:-2000], b"PK\x05\x06" + b"\0" * 18):
        changed.write_bytes(text)
        with pytest.raises(ArchiveError, match="damaged or no backup"):
            read(changed)


def test_another_key_signs_otherwise(cluster: str, settings: Any) -> None:
    path = backups.path_of(backups.make(site_of("beta")))
    settings.SECRET_KEY = "another"
    with path.open("rb") as file, pytest.raises(ArchiveError, match="another SECRET_KEY"):
        Reader(file)


# --- The command -----------------------------------------------------------------------------


def test_the_command(committed: str, run: Run, tmp_path: Path) -> None:
    target = tmp_path / "out.zip"
    done = run("backup", "beta", "--output", str(target), "--reason", "搬迁前")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(target)
    assert len(list((tmp_path / "backups").iterdir())) == 1
    assert target.stat().st_size > 10_000
    assert Entry.objects.filter(act="backup.made", reason="搬迁前", origin="command backup")
    done = run("backup", "nosuch")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
