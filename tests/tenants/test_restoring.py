"""A backup comes back: as another site, in place, after a removal; whole, and nobody's rights with it."""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from wagtail.models import APIToken, Page, Site as WagtailSite

from sitecluster.accounts.membership import add_member, end_membership, set_groups
from sitecluster.accounts.models import Membership, User
from sitecluster.audit.models import Entry
from sitecluster.cms import moments, publication
from sitecluster.cms.models import ArticlePage, ColumnPage, SiteIdentity
from sitecluster.library.models import Item
from sitecluster.rights import roles
from sitecluster.rights.models import UserGroup
from sitecluster.tasks.models import Appointment, QueuedTask
from sitecluster.tenancy import shared_context, tenant_context
from sitecluster_alerts.shared.models import Alert
from tenants import directory, migrating
from tenants.backups import backed_up, making as backups, replaced
from tenants.backups.restoring import RestoreError, restore
from tenants.life import removal
from tenants.models import Backup, Clearance, Domain, Gate, State, Tenant
from tests.conftest import client_for
from tests.tenants.conftest import Run, ask
from tests.tenants.wholeness import flaws

Site = directory.Site
# Tables that a copy doesn't have row by row: its address and name, its own people's rights, keys.
DECLARED = {*backed_up.EMPTIED, *backed_up.RIGHTS, "wagtailcore_site", "cms_siteidentity"}


@pytest.fixture
def cluster(committed: str, settings: Any, tmp_path: Path) -> Iterator[str]:
    """A committed copy of the cluster, whose files lie in folders of this test."""
    settings.MEDIA_ROOT, settings.BACKUPS_DIR = tmp_path / "media", tmp_path / "backups"
    settings.TASKS_RUN_AT_ONCE = False
    with shared_context():
        yield committed
    settings.TASKS_RUN_AT_ONCE = True


def site_of(code: str) -> Site:
    directory.forget()
    return directory.snapshot().by_code[code]


def made(site: Site) -> Path:
    return backups.path_of(backups.make(site))


def publish(site: Site, title: str) -> ArticlePage:
    """An article with a history, live on ``site``."""
    with tenant_context(site):
        column = ColumnPage.objects.live().first()
        assert column is not None
        body = [{"type": "text", "value": "<p>正文 \\\t“引”</p>"}]
        page = ArticlePage(title=title, source="本站", body=body)
        column.add_child(instance=page)
        page.save_revision().publish()
        page.title = f"{title}（改）"
        page.save_revision()
        return page


def upload(site: Site, name: str, data: bytes) -> None:
    with tenant_context(site):
        assert default_storage.save(name, ContentFile(data)) == name


def sums(schema: str) -> dict[str, tuple[int, str]]:
    """Count and checksum of every table, by a way of its own."""
    tables = ask("SELECT tablename FROM pg_tables WHERE schemaname = %s", schema)
    text = "SELECT count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM"
    return {table: ask(f'{text} "{schema}"."{table}" t')[0] for (table,) in tables}


def files(site: Site) -> dict[str, str]:
    with tenant_context(site):
        return {
            name: hashlib.sha256(default_storage.open(name).read()).hexdigest()
            for name in backups.uploads()
        }


def structure(schema: str) -> list[Any]:
    """Columns, indexes and constraints, without the schema's name."""
    columns = ask(
        "SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity"
        " FROM information_schema.columns WHERE table_schema = %s ORDER BY 1, 2",
        schema,
    )
    definitions = ask(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = %s UNION ALL"
        " SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = to_regnamespace(%s) ORDER BY 1",
        schema,
        schema,
    )
    text = json.dumps([columns, definitions])
    found: list[Any] = json.loads(text.replace(f"{schema}.", ""))
    return found


# --- As a copy -------------------------------------------------------------------------------


def test_a_copy_equals_its_original(cluster: str) -> None:
    alpha = site_of("alpha")
    editor, _new = add_member("editor@alpha.example", alpha, ["editor"])
    gone, _new = add_member("gone@alpha.example", alpha, ["reviewer"])
    end_membership(gone, alpha)
    live, withdrawn = publish(alpha, "一号公告"), publish(alpha, "二号公告")
    with tenant_context(alpha):
        withdrawn.unpublish()
        APIToken.objects.create(user_id=editor.pk, name="键", key_hash="x", prefix="y")
        Alert(text="暴雨红色预警", level="1").save()
    upload(alpha, "images/大 图.png", b"\x89PNG" + bytes(range(256)) * 5000)
    upload(alpha, "documents/深/层/表.xlsx", b"PK" * 1000)
    before, own = sums(alpha.schema_name), files(alpha)
    path = made(alpha)

    copy = restore(
        path, code="copy", name="丙县人民政府", domain="www.copy.localhost", reason="演练"
    )

    after = sums(copy.schema_name)
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} <= DECLARED
    assert structure(alpha.schema_name) == structure(copy.schema_name)
    assert len(own) == 2
    assert files(copy) == own
    assert sums(alpha.schema_name) == before
    assert files(alpha) == own
    row, original = Tenant.objects.get(code="copy"), Tenant.objects.get(code="alpha")
    assert (row.state, row.name, row.parent_id) == (State.BUILDING, "丙县人民政府", None)
    assert row.uuid != original.uuid
    assert (row.theme, row.plugins) == (original.theme, original.plugins)
    assert [str(place) for place in row.domains.all()] == ["www.copy.localhost"]

    items = Item.objects.filter(tenant_id=copy.id)
    theirs = Item.objects.filter(tenant_id=alpha.id)
    assert items.count() == theirs.count()
    assert items.get(page_id=live.pk).withdrawn_at is None
    assert items.get(page_id=withdrawn.pk).withdrawn_at is not None
    assert not set(items.values_list("uuid")) & set(theirs.values_list("uuid"))
    assert publication.compare(copy) == []
    assert Alert.everywhere.get(tenant_id=copy.id).text == "暴雨红色预警"

    members = Membership.objects.filter(tenant_id=copy.id)
    assert [(each.user_id, each.roles) for each in members] == [(editor.pk, ["editor"])]
    with tenant_context(copy):
        assert list(UserGroup.objects.values_list("user_id", flat=True)) == [editor.pk]
        assert not APIToken.objects.exists()
        site = WagtailSite.objects.get()
        assert (site.hostname, site.site_name) == ("www.copy.localhost", "丙县人民政府")
        assert SiteIdentity.objects.get().legal_name == "丙县人民政府"
        # What is made there next gets a number of its own.
        assert publish(copy, "新").pk > live.pk
    entry = Entry.objects.filter(act="site.restored").latest("id")
    assert entry.after is not None
    assert (entry.site_code, entry.reason, entry.after["way"]) == ("copy", "演练", "copy")
    Tenant.objects.filter(code="copy").update(state=State.LIVE)
    settle()
    assert flaws(["copy", "alpha"]) == []


def test_a_copy_without_an_address_has_none(cluster: str) -> None:
    site = restore(made(site_of("beta")), code="quiet", reason="r")
    assert (site.address, site.state, site.name) == (None, State.BUILDING, "贝镇人民政府")
    assert Tenant.objects.get(code="quiet").parent == Tenant.objects.get(code="alpha")
    host = "quiet.admin.localhost"
    directory.forget()
    assert client_for(host).get("/admin/login/").status_code == 200


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"code": "gamma"}, "The code gamma is taken by 阿县水利局"),
        ({"code": "Bad Code"}, "lower-case letters"),
        ({"code": "admin"}, "reserved"),
        ({"code": "fine", "name": "<b>"}, "must have 2 to 100 characters"),
        ({"code": "fine", "domain": "www.alpha.localhost"}, "is taken by 阿县人民政府"),
        ({"code": "fine", "domain": "bad domain"}, "is not valid"),
        ({"code": "fine", "domain": "www.x.gov.cn"}, "no site of their own"),
        ({"name": "新名人民政府"}, "keeps its name and its address"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(
    cluster: str, settings: Any, wishes: dict[str, str], sentence: str
) -> None:
    beta = site_of("beta")
    upload(beta, "images/a.png", b"png")
    path = made(beta)
    schemas = ask("SELECT count(*) FROM pg_namespace")
    with pytest.raises(RestoreError, match=sentence):
        restore(path, reason="r", **wishes)
    assert ask("SELECT count(*) FROM pg_namespace") == schemas
    assert not Tenant.objects.filter(code="fine").exists()
    assert [folder.name for folder in (settings.MEDIA_ROOT / "sites").iterdir()] == ["s_beta"]
    with tenant_context(beta):
        default_storage.delete("images/a.png")


def settle() -> None:
    """Drop what was replaced, as the worker does after some minutes."""
    for row in QueuedTask.objects.filter(task_path=replaced.drop.module_path):
        replaced.drop.func(*row.args_kwargs["args"])
        row.delete()


def test_there_is_one_control_site(cluster: str) -> None:
    with pytest.raises(RestoreError, match="one control site"):
        restore(made(site_of("control")), code="second", reason="r")


# --- In place --------------------------------------------------------------------------------


def test_in_place_the_content_comes_back_and_decisions_stay(cluster: str) -> None:
    gamma = site_of("gamma")
    editor, _new = add_member("in-place@gamma.example", gamma, ["editor"])
    leaver, _new = add_member("leaver@gamma.example", gamma, ["site_admin"])
    kept = publish(gamma, "原文")
    upload(gamma, "documents/old.pdf", b"old")
    uuid = Item.objects.get(tenant_id=gamma.id, page_id=kept.pk).uuid
    old = sums(gamma.schema_name)
    path = made(gamma)
    # What happens afterwards
    later = publish(gamma, "后来的")
    with tenant_context(gamma):
        Page.objects.get(pk=kept.pk).delete()
        default_storage.delete("documents/old.pdf")
        APIToken.objects.create(user_id=editor.pk, name="键", key_hash="gamma", prefix="y")
        set_groups(editor, gamma, roles.groups_of(["reviewer"]))
    end_membership(leaver, gamma)
    newcomer, _new = add_member("newcomer@gamma.example", gamma, ["column_maintainer"])
    upload(gamma, "documents/new.pdf", b"new")
    Tenant.objects.filter(code="gamma").update(
        state=State.OFFLINE, state_note="检修", name="阿县水务局"
    )
    count = Backup.objects.count()

    site = restore(path, reason="误删", document="阿政办〔2026〕3号")

    assert site.schema_name != gamma.schema_name
    assert (site.id, site.uuid, site.code) == (gamma.id, gamma.uuid, "gamma")
    assert (site.state, site.state_note, site.name) == (State.OFFLINE, "检修", "阿县水务局")
    assert [place.host for place in site.addresses] == ["gamma.alpha.localhost"]
    new = sums(site.schema_name)
    assert {name for name in old if old[name] != new[name]} <= DECLARED
    assert set(files(site)) == {"documents/old.pdf"}
    assert publication.compare(site) == []
    assert Item.objects.get(tenant_id=gamma.id, page_id=kept.pk).uuid == uuid
    assert Item.objects.get(tenant_id=gamma.id, page_id=later.pk).withdrawn_at
    assert roles_on(site) == {
        editor.email: ["reviewer"],
        newcomer.email: ["column_maintainer"],
    }
    with tenant_context(site):
        assert not UserGroup.objects.filter(user_id=leaver.pk).exists()
        assert APIToken.objects.get().key_hash == "gamma"
        assert publish(site, "再来").pk > later.pk  # no number is given out twice
    assert Backup.objects.count() == count + 1
    present = Backup.objects.latest("pk")
    assert present.reason == "Before a restoration"
    # The state before can be had back in the same way.
    again = restore(backups.path_of(present), reason="撤销恢复")
    with tenant_context(again):
        assert Page.objects.filter(title="后来的").exists()
    assert set(files(again)) == {"documents/new.pdf"}


def roles_on(site: Site) -> dict[str, list[str]]:
    standing = Membership.objects.filter(tenant_id=site.id, ended_at=None)
    return {each.user.email: each.roles for each in standing.select_related("user")}


def test_what_was_replaced_goes_when_nobody_serves_it(cluster: str, settings: Any) -> None:
    beta = site_of("beta")
    upload(beta, "documents/b.pdf", b"b")
    settle()
    site = restore(made(beta), reason="r")
    row = QueuedTask.objects.get(task_path=replaced.drop.module_path)
    assert row.run_after > timezone.now() + replaced.UNTIL_DROPPED / 2
    assert schemas(beta.schema_name, site.schema_name) == {beta.schema_name, site.schema_name}
    # A process that hasn't heard of it publishes on the old one.
    with transaction.atomic():
        stray = publish(beta, "迟到的")
    replaced.drop.func(*row.args_kwargs["args"])
    assert schemas(beta.schema_name, site.schema_name) == {site.schema_name}
    assert not (settings.MEDIA_ROOT / "sites" / beta.schema_name).exists()
    assert files(site).keys() >= {"documents/b.pdf"}
    assert Item.objects.get(tenant_id=beta.id, page_id=stray.pk).withdrawn_at
    replaced.drop.func(site.schema_name, site.id)  # a schema that a site has stays
    assert schemas(site.schema_name) == {site.schema_name}


def schemas(*names: str) -> set[str]:
    return {
        name
        for (name,) in ask("SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s)", list(names))
    }


def test_what_is_due_later_is_due_again(cluster: str) -> None:
    alpha = site_of("alpha")
    page = publish(alpha, "定时")
    due = timezone.now().replace(microsecond=0) + timedelta(days=1)
    with tenant_context(alpha):
        page.go_live_at = due
        page.save_revision(approved_go_live_at=due)
        page.expire_at = due
        ArticlePage.objects.filter(pk=page.pk).update(expire_at=due, live=True)
        moments.rebuild(alpha)
    path = made(alpha)
    Appointment.objects.filter(tenant_id=alpha.id).delete()
    copy = restore(path, code="timed", reason="r")
    site = restore(path, reason="r")
    for place in (copy, site):
        assert {row.due_at for row in Appointment.objects.filter(tenant_id=place.id)} == {due}


# --- After a removal -------------------------------------------------------------------------


def test_a_removed_site_returns(cluster: str) -> None:
    site = restore(
        made(site_of("gamma")),
        code="leaving",
        name="阿县信访局",
        domain="leaving.alpha.localhost",
        reason="r",
    )
    admin, _new = add_member("admin@leaving.example", site, ["site_admin"])
    gate = Gate.objects.first()
    assert gate is not None
    Clearance.objects.create(tenant_id=site.id, gate=gate, number="阿发〔2026〕1号")
    uuids = set(Item.objects.filter(tenant_id=site.id).values_list("uuid", flat=True))
    upload(site, "documents/kept.pdf", b"kept")
    with tenant_context(site):
        Alert(text="停水通知", level="3").save()
    directory.forget()
    path = remove(site)

    back = restore(path, reason="重新开办")

    assert (back.id, back.uuid, back.state) == (site.id, site.uuid, State.BUILDING)
    assert [place.host for place in back.addresses] == ["leaving.alpha.localhost"]
    assert set(Item.objects.filter(tenant_id=site.id).values_list("uuid", flat=True)) == uuids
    assert roles_on(back)[admin.email] == ["site_admin"]
    assert files(back).keys() == {"documents/kept.pdf"}
    assert Alert.everywhere.get(tenant_id=site.id).text == "停水通知"
    assert Clearance.objects.get(tenant_id=site.id).number == "阿发〔2026〕1号"
    Tenant.objects.filter(code="leaving").update(state=State.LIVE)
    settle()
    assert flaws(["leaving"]) == []


def remove(site: Site) -> Path:
    """Remove the site as a platform admin does; the backup that was made of it."""
    boss, _new = add_member("boss@removal.example", site_of("control"), ["site_admin"])
    User.everyone.filter(pk=boss.pk).update(is_superuser=True)
    Tenant.objects.filter(pk=site.id).update(state=State.CLOSED)
    directory.forget()
    removal.remove.func(site.id, boss.pk, "机构撤并", "阿政发〔2026〕9号")
    removal.clear_uploads.func(site.id)
    directory.forget()
    tenant = Tenant.objects.get(pk=site.id)
    assert tenant.state == State.REMOVED
    return backups.path_of(tenant.backups.latest("pk"))


def test_an_address_that_was_taken_meanwhile_stays_taken(cluster: str) -> None:
    site = restore(made(site_of("gamma")), code="moved", domain="moved.alpha.localhost", reason="r")
    directory.forget()
    path = remove(site)
    Domain.objects.create(
        tenant=Tenant.objects.get(code="gamma"), host="moved.alpha.localhost", is_primary=False
    )
    directory.forget()
    assert restore(path, reason="r").address is None


# --- People, versions, strangers -------------------------------------------------------------


def resigned(path: Path, change: Any) -> Path:
    """The file with another manifest, as this installation would have signed it."""
    target = path.with_name("changed.zip")
    with ZipFile(path) as before, ZipFile(target, "w") as after:
        facts = json.loads(before.read("manifest.json"))
        change(facts)
        text = json.dumps(facts).encode()
        signature = salted_hmac("sitecluster.backup", text, algorithm="sha256").hexdigest()
        for name in before.namelist():
            if name not in ("manifest.json", "signature"):
                after.writestr(name, before.read(name))
        after.writestr("manifest.json", text)
        after.writestr("signature", signature)
    return target


def test_whoever_has_no_account_any_more_is_left_out(cluster: str) -> None:
    """The database was itself restored from an older dump: numbers are other people's now."""
    beta = site_of("beta")
    person, _new = add_member("reborn@beta.example", beta, ["site_admin"])
    with tenant_context(beta):
        page = publish(beta, "她的")
        Page.objects.filter(pk=page.pk).update(owner_id=person.pk)
    path = made(beta)
    User.everyone.filter(pk=person.pk).update(date_joined=timezone.now())
    copy = restore(path, code="reborn", reason="r")
    with tenant_context(copy):
        assert Page.objects.get(pk=page.pk).owner_id is None
        assert not UserGroup.objects.filter(user_id=person.pk).exists()
    assert person.email not in roles_on(copy)


def test_newer_code_and_other_installations_are_refused(cluster: str) -> None:
    path = made(site_of("beta"))

    def newer(facts: dict[str, Any]) -> None:
        facts["migrations"].append(["cms", "9999_from_the_future"])

    with pytest.raises(RestoreError, match=r"newer version of the platform \(cms.9999_from"):
        restore(resigned(path, newer), code="future", reason="r")
    with pytest.raises(RestoreError, match="newer version"):
        restore(resigned(path, lambda facts: facts.update(format=2)), code="future", reason="r")

    def other(facts: dict[str, Any]) -> None:
        facts["content_types"] = dict.fromkeys(facts["content_types"], "auth.group")

    with pytest.raises(RestoreError, match="another installation"):
        restore(resigned(path, other), code="foreign", reason="r")


def test_tables_of_an_absent_plugin_come_along(cluster: str) -> None:
    path = made(site_of("beta"))
    absent = resigned(path, lambda facts: facts["migrations"].append(["absent", "0001_initial"]))
    assert restore(absent, code="absent", reason="r").code == "absent"


def test_an_older_schema_is_upgraded(cluster: str) -> None:
    """When it was backed up, the site hadn't been given the tables of a plugin yet."""
    beta = site_of("beta")
    tables = [name for name in sums(beta.schema_name) if name.startswith("board_")]
    assert tables
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'DROP TABLE {beta.schema_name}."{table}" CASCADE')
        cursor.execute(f"DELETE FROM {beta.schema_name}.django_migrations WHERE app = 'board'")
    path = made(beta)
    copy = restore(path, code="older", reason="r")
    assert migrating.lacking([copy.schema_name]) == {}
    assert set(tables) <= set(sums(copy.schema_name))
    assert not copy.behind
    restore(path, reason="r")
    settle()
    assert flaws(["beta"]) == []


def test_a_file_changed_at_its_end_changes_nothing(cluster: str, settings: Any) -> None:
    beta = site_of("beta")
    upload(beta, "documents/last.pdf", b"1" * 100)
    path = made(beta)
    data = path.read_bytes()
    assert data.count(b"1" * 100) == 1
    path.write_bytes(data.replace(b"1" * 100, b"2" * 100))
    before = sums(beta.schema_name)
    with pytest.raises(RestoreError, match=r"damaged|was changed"):
        restore(path, reason="r")
    assert site_of("beta").schema_name == beta.schema_name
    assert sums(beta.schema_name) == before
    folders = {folder.name for folder in (settings.MEDIA_ROOT / "sites").iterdir()}
    assert folders == {beta.schema_name}


def test_a_missing_file_is_a_sentence(cluster: str, tmp_path: Path) -> None:
    with pytest.raises(RestoreError, match="could not be read or written"):
        restore(tmp_path / "none.zip", reason="r")


# --- The commands ----------------------------------------------------------------------------


def test_the_commands(committed: str, run: Run, tmp_path: Path) -> None:
    directory.forget()
    target = tmp_path / "beta.zip"
    assert run("backup", "beta", "--output", str(target)).returncode == 0
    done = run("restore", str(target), "--code", "commanded", "--reason", "演练")
    assert done.returncode == 0, done.stderr
    assert "commanded" in done.stdout
    directory.forget()
    assert directory.snapshot().by_code["commanded"].state == State.BUILDING
    done = run("restore", str(target), "--code", "gamma", "--reason", "演练")
    assert done.returncode == 1
    assert "gamma" in done.stderr
    assert "Traceback" not in done.stderr
