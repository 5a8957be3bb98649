"""Backups in the console: who sees, makes, downloads, deletes and restores which."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from sitecluster.accounts.models import User
from sitecluster.audit.models import Entry
from sitecluster.tasks.models import QueuedTask
from tenants import directory
from tenants.backups import making as backups, tasks as backup_tasks
from tenants.directory import Site
from tenants.models import Backup, State, Tenant

HOME = "/admin/"
ROOT = "/admin/cluster"


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.BACKUPS_DIR = tmp_path / "media", tmp_path / "backups"


@pytest.fixture
def kept(beta: Site) -> Backup:
    """A backup of beta, which the delegate runs."""
    return backups.make(beta, reason="改版前")


def restore(client: Client, backup: Backup, **fields: str) -> Any:
    data = {"reason": "演练", "confirmation": backup.tenant.code, **fields}
    return client.post(f"{ROOT}/backups/{backup.pk}/restore/", data)


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    return dict(response.context["form"].errors)


# --- Making and seeing -----------------------------------------------------------------------


@pytest.mark.parametrize("who", ["boss", "delegate"])
def test_back_up_now(who: str, beta: Site, request: pytest.FixtureRequest) -> None:
    client: Client = request.getfixturevalue(who)
    response = client.post(
        f"{ROOT}/sites/{beta.id}/backups/make/", {"reason": "换主题前"}, follow=True
    )
    assert "is being made" in response.content.decode()
    row = Backup.objects.get()
    assert (row.state, row.tenant_id, row.reason) == (Backup.State.DONE, beta.id, "换主题前")
    assert row.created_by is not None
    entry = Entry.objects.get(act="backup.made")
    assert (entry.actor_id, entry.site_code) == (row.created_by.pk, "beta")
    text = client.get(f"{ROOT}/sites/{beta.id}/").content.decode()
    assert "换主题前" in text
    assert row.created_by.first_name in text


def test_one_that_is_being_made_is_followed(boss: Client, beta: Site, settings: Any) -> None:
    settings.TASKS_RUN_AT_ONCE = False
    boss.post(f"{ROOT}/sites/{beta.id}/backups/make/")
    page = f"{ROOT}/sites/{beta.id}/backups/"
    text = boss.get(page).content.decode()
    assert "console-poll" in text
    assert "data-console-done" not in text
    assert "console-poll" in boss.get(f"{ROOT}/sites/{beta.id}/").content.decode()
    for part in ("recent", "all"):
        fragment = boss.get(f"{page}?part={part}").content.decode()
        assert "Being made" in fragment
        assert "<html" not in fragment
    backup_tasks.make_asked.func(Backup.objects.get().pk)
    fragment = boss.get(f"{page}?part=all").content.decode()
    assert "data-console-done" in fragment
    assert "Download" in fragment


def test_why_one_failed_is_said(boss: Client, beta: Site) -> None:
    Tenant.objects.filter(pk=beta.id).update(schema_name="s_nothing_there")
    boss.post(f"{ROOT}/sites/{beta.id}/backups/make/")
    text = boss.get(f"{ROOT}/sites/{beta.id}/backups/?part=all").content.decode()
    assert "贝镇人民政府 has no schema." in text
    assert "Download" not in text


def test_the_list_of_all_holds_removed_sites(boss: Client, kept: Backup, alpha: Site) -> None:
    Tenant.objects.filter(pk=kept.tenant_id).update(state=State.REMOVED)
    backups.make(alpha)
    text = boss.get(f"{ROOT}/backups/").content.decode()
    assert "贝镇人民政府" in text
    assert "(removed)" in text
    assert "阿县人民政府" in text
    assert boss.get(f"{ROOT}/sites/{kept.tenant_id}/backups/").status_code == 404


def test_many_backups_are_paged_without_a_query_each(
    boss: Client, beta: Site, boss_user: User, django_assert_max_num_queries: Any
) -> None:
    rows = [
        Backup(tenant_id=beta.id, state="done", file=f"{n}.zip", created_by=boss_user)
        for n in range(120)
    ]
    Backup.objects.bulk_create(rows)
    with django_assert_max_num_queries(40):
        text = boss.get(f"{ROOT}/backups/").content.decode()
    assert text.count("/download/") == 50
    assert "?p=2" in text
    assert boss.get(f"{ROOT}/backups/?p=3").content.decode().count("/download/") == 20


# --- Downloading and deleting ----------------------------------------------------------------


@pytest.mark.parametrize("who", ["boss", "delegate"])
def test_download(who: str, kept: Backup, request: pytest.FixtureRequest) -> None:
    response = request.getfixturevalue(who).get(f"{ROOT}/backups/{kept.pk}/download/")
    assert response.streaming
    assert b"".join(response.streaming_content) == backups.path_of(kept).read_bytes()
    assert response.headers["Content-Disposition"] == f'attachment; filename="{kept.file}"'
    assert "no-store" in response.headers["Cache-Control"]
    entry = Entry.objects.get(act="backup.downloaded")
    assert (entry.site_code, entry.after) == ("beta", {"file": kept.file})


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd", "gone.zip", ""])
def test_no_other_file_is_downloaded(boss: Client, kept: Backup, name: str) -> None:
    Backup.objects.filter(pk=kept.pk).update(file=name)
    assert boss.get(f"{ROOT}/backups/{kept.pk}/download/").status_code == 404


def test_files_lie_on_no_other_host(kept: Backup) -> None:
    for host in ("www.alpha.localhost", "beta.uploads.localhost", "beta.admin.localhost"):
        client = Client(headers={"host": host})
        for path in (f"{ROOT}/backups/{kept.pk}/download/", f"/media/backups/{kept.file}"):
            assert client.get(path).status_code in (302, 404)


def test_delete(boss: Client, kept: Backup, django_capture_on_commit_callbacks: Any) -> None:
    path, address = backups.path_of(kept), f"{ROOT}/backups/{kept.pk}/delete/"
    assert errors(boss.post(address, {"reason": ""})) == {"reason": ["This field is required."]}
    with django_capture_on_commit_callbacks(execute=True):
        boss.post(address, {"reason": "空间不足"})
    assert not Backup.objects.exists()
    assert not path.exists()
    assert Entry.objects.get(act="backup.deleted").reason == "空间不足"


# --- Restoring -------------------------------------------------------------------------------


def test_restore_as_a_copy(boss: Client, kept: Backup, boss_user: User) -> None:
    page = boss.get(f"{ROOT}/backups/{kept.pk}/restore/").content.decode()
    assert "改版前" in page
    response = restore(boss, kept, way="copy", code="beta-2", name="贝镇二号", document="阿政〔1〕")
    assert response.status_code == 302
    directory.forget()
    site = directory.snapshot().by_code["beta-2"]
    assert (site.name, site.state, site.address) == ("贝镇二号", State.BUILDING, None)
    text = boss.get(response.url).content.decode()
    assert "The backup is restored." in text
    assert "data-console-done" in text
    assert f"{ROOT}/sites/{site.id}/" in text
    entry = Entry.objects.get(act="site.restored")
    assert (entry.actor_id, entry.reason, entry.document) == (boss_user.pk, "演练", "阿政〔1〕")


def test_restore_in_place(boss: Client, kept: Backup, beta: Site) -> None:
    restore(boss, kept, way="in place", code="ignored", domain="ignored.localhost")
    directory.forget()
    site = directory.snapshot().by_code["beta"]
    assert site.schema_name != beta.schema_name
    assert site.addresses == beta.addresses
    assert [row.reason for row in Backup.objects.all()] == ["Before a restoration", "改版前"]


def test_a_removed_site_returns(boss: Client, kept: Backup) -> None:
    Tenant.objects.filter(pk=kept.tenant_id).update(state=State.REMOVED)
    page = boss.get(f"{ROOT}/backups/{kept.pk}/restore/").content.decode()
    assert 'value="return"' in page
    assert 'value="in place"' not in page
    restore(boss, kept, way="return")
    assert Tenant.objects.get(pk=kept.tenant_id).state == State.BUILDING


@pytest.mark.parametrize(
    ("fields", "at", "sentence"),
    [
        ({"way": "copy", "code": ""}, "code", "A copy needs a code of its own."),
        ({"way": "copy", "code": "gamma"}, "code", "This code is taken."),
        ({"way": "copy", "code": "Bad!"}, "code", "lower-case letters"),
        ({"way": "copy", "code": "ok", "name": "<x>"}, "name", "2 to 100 characters"),
        ({"way": "copy", "code": "ok", "domain": "no host"}, "domain", "is not valid"),
        ({"way": "copy", "code": "ok", "domain": "www.alpha.localhost"}, "domain", "is taken by"),
        ({"way": "copy", "code": "ok", "domain": "a.gov.cn"}, "domain", "no site of their own"),
        ({"way": "in place", "confirmation": "gamma"}, "confirmation", "isn't the code"),
        ({"way": "in place", "confirmation": ""}, "confirmation", "required"),
        ({"way": "in place", "reason": ""}, "reason", "required"),
        ({"way": "elsewhere"}, "way", "Select a valid choice"),
        ({}, "way", "required"),
    ],
)
def test_every_fault_stands_at_its_field(
    boss: Client, kept: Backup, gamma: Site, fields: dict[str, str], at: str, sentence: str
) -> None:
    found = errors(restore(boss, kept, **fields))
    assert sentence in found[at][0]
    assert not QueuedTask.objects.exclude(task_path__contains="make_asked").exists()
    assert not Tenant.objects.filter(code="ok").exists()


def test_a_changed_file_is_refused_at_the_form(boss: Client, kept: Backup) -> None:
    path = backups.path_of(kept)
    path.write_bytes(path.read_bytes()[:-300])
    found = errors(restore(boss, kept, way="in place"))
    assert found["__all__"] == ["The file is damaged or no backup."]
    path.unlink()
    assert errors(restore(boss, kept, way="in place"))["__all__"] == ["The file is gone."]


def test_what_fails_later_is_said_on_its_page(boss: Client, kept: Backup, settings: Any) -> None:
    settings.TASKS_RUN_AT_ONCE = False
    address = restore(boss, kept, way="copy", code="late").url
    text = boss.get(address).content.decode()
    assert "waits for the worker" in text
    assert "console-poll" in text
    backups.path_of(kept).unlink()
    row = QueuedTask.objects.get(task_path=backup_tasks.restore_asked.module_path)
    arguments = row.args_kwargs
    result = backup_tasks.restore_asked.func(*arguments["args"], **arguments["kwargs"])
    QueuedTask.objects.filter(pk=row.pk).update(status="SUCCESSFUL", return_value=result)
    text = boss.get(f"{address}?part=state").content.decode()
    assert "The file is gone." in text
    assert "was not restored" in text
    assert "<html" not in text


def test_only_a_finished_backup_is_restored(boss: Client, beta: Site) -> None:
    row = Backup.objects.create(tenant_id=beta.id)
    assert boss.get(f"{ROOT}/backups/{row.pk}/restore/").status_code == 404


def test_a_task_of_another_kind_is_no_restoration(boss: Client, kept: Backup) -> None:
    backup_tasks.ask(kept.tenant)
    other = QueuedTask.objects.first()
    assert other is not None
    for number in (other.pk, "0f8fad5b-d9cb-469f-a165-70867728950e", "nonsense"):
        assert boss.get(f"{ROOT}/restorations/{number}/").status_code == 404


# --- Who may not -----------------------------------------------------------------------------


def test_a_delegate_restores_and_deletes_nothing(delegate: Client, kept: Backup) -> None:
    for act in ("restore", "delete"):
        address = f"{ROOT}/backups/{kept.pk}/{act}/"
        for response in (delegate.get(address), delegate.post(address, {"reason": "x"})):
            assert (response.status_code, response.headers["Location"]) == (302, HOME)
    assert delegate.get(f"{ROOT}/backups/").headers["Location"] == HOME
    text = delegate.get(f"{ROOT}/sites/{kept.tenant_id}/backups/").content.decode()
    assert "/restore/" not in text
    assert "/delete/" not in text
    assert Backup.objects.filter(pk=kept.pk).exists()


def test_another_branch_is_out_of_sight(delegate: Client, delta: Site) -> None:
    row = Backup.objects.create(tenant_id=delta.id, state="done", file="delta.zip")
    assert delegate.get(f"{ROOT}/backups/{row.pk}/download/").status_code == 404
    assert delegate.get(f"{ROOT}/sites/{delta.id}/backups/").status_code == 404
    assert delegate.get(f"{ROOT}/sites/{delta.id}/backups/?part=all").status_code == 404
    assert delegate.post(f"{ROOT}/sites/{delta.id}/backups/make/").status_code == 404
    assert Backup.objects.count() == 1


@pytest.mark.parametrize("who", ["applicant", "clerk"])
def test_others_see_none(who: str, kept: Backup, request: pytest.FixtureRequest) -> None:
    client: Client = request.getfixturevalue(who)
    for path in (
        f"/sites/{kept.tenant_id}/backups/",
        f"/backups/{kept.pk}/download/",
        f"/backups/{kept.pk}/restore/",
        "/backups/",
    ):
        assert client.get(ROOT + path).status_code == 302


def test_the_cards_forms_carry_their_token(boss: Client, beta: Site) -> None:
    text = boss.get(f"{ROOT}/sites/{beta.id}/").content.decode()
    form = text.partition("/backups/make/")[2].partition("</form>")[0]
    assert 'name="csrfmiddlewaretoken"' in form
