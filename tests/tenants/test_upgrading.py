"""From an older database to what the code expects; new sites are like migrated ones."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.commands.migrate import Command as MigrateCommand

from sitecluster.cms.models import HomePage
from sitecluster.tenancy import connection, tenant_context
from tenants import blueprinting, content, directory, upgrading
from tenants.migrating import known_migrations, lacking, migrate_schema, migration_state
from tenants.models import Blueprint, Kind, Tenant
from tenants.orders import Order
from tenants.provisioning import ProvisionError, provision
from tests.conftest import ORDERS
from tests.tenants.conftest import ask
from tests.tenants.wholeness import checksums, flaws

pytestmark = pytest.mark.usefixtures("committed")
CONTENT = "schema_name pre_data rows post_data sequences uuids items moments".split()
SCHEMAS = ("s_alpha", "s_beta", "s_gamma")
KINDS_LEFT_OUT = ("portal", "district", "township")
STRUCTURE = {
    "columns": """
        SELECT table_name, column_name, row_number() OVER (
                PARTITION BY table_name ORDER BY ordinal_position),
            udt_name, character_maximum_length, numeric_precision, numeric_scale, is_nullable,
            column_default, is_identity, identity_generation, identity_start, identity_increment,
            generation_expression,
            pg_get_serial_sequence(format('%%I.%%I', table_schema, table_name), column_name)
        FROM information_schema.columns WHERE table_schema = %s""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, contype, condeferrable, condeferred,
            convalidated, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = %s::regnamespace""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = %s",
    "sequences": """
        SELECT sequencename, data_type, start_value, min_value, max_value, increment_by, cycle,
            cache_size FROM pg_sequences WHERE schemaname = %s""",
    "triggers": """
        SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal AND tgrelid IN (
            SELECT oid FROM pg_class WHERE relnamespace = %s::regnamespace)""",
    "others": """
        SELECT relname, relkind, relpersistence, reloptions FROM pg_class
        WHERE relkind NOT IN ('i', 'S') AND relnamespace = %s::regnamespace""",
    "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = %s::regnamespace",
    "types": """
        SELECT typname FROM pg_type WHERE typtype <> 'c' AND typelem = 0
        AND typnamespace = %s::regnamespace""",
}  # fmt: skip


def structure(schema: str, part: str) -> list[str]:
    """A line for each thing of the schema, without the schema's name.

    Casts and parentheses of expressions are left out: PostgreSQL itself writes them in another
    way once an expression has been printed and read again.
    """
    rows = [repr(row) for row in ask(STRUCTURE[part], schema)]
    noise = rf'"?\b{schema}\b"?\.|::(text|character varying)(\[\])?|[()]'
    return sorted(re.sub(noise, "", row) for row in rows)


def test_upgrading_again_changes_nothing() -> None:
    before = checksums(), list(Blueprint.objects.values_list("kind", "version"))
    said: list[str] = []
    done = upgrading.upgrade(said.append)
    assert (done.blueprints, done.sites) == (0, 0)
    assert (checksums(), list(Blueprint.objects.values_list("kind", "version"))) == before
    assert upgrading.missing() == ""


@pytest.mark.parametrize("part", STRUCTURE)
def test_site_from_a_blueprint_is_like_a_migrated_one(migrated: str, part: str) -> None:
    ours = structure("s_gamma", part)
    assert ours == structure(migrated, part)
    assert ours or part in ("triggers", "functions", "types")


@pytest.fixture(scope="module")
def migrated(committed: str) -> str:
    """A schema made by migrations alone."""
    migrate_schema("migrated")
    connection.set_schema_to_public()
    return "migrated"


def test_site_from_a_blueprint_has_every_migration(migrated: str) -> None:
    assert lacking(["s_alpha", "s_beta", migrated]) == {}
    applied = "SELECT app, name FROM {}.django_migrations"
    ours, theirs = (set(ask(applied.format(name))) for name in ("s_alpha", migrated))
    assert ours >= known_migrations(shared=False)
    assert ours - known_migrations(shared=True) == theirs - known_migrations(shared=True)


def test_site_that_is_behind_is_migrated() -> None:
    directory.forget()
    beta = directory.snapshot().by_code["beta"]
    with tenant_context(beta):
        call_command(MigrateCommand(), "wagtailembeds", "zero", verbosity=0, skip_checks=True)
    assert list(lacking(SCHEMAS)) == ["s_beta"]
    assert upgrading.missing() == ""  # the others can be served
    assert list(upgrading.plan().sites) == ["beta"]

    said: list[str] = []
    done = upgrading.upgrade(said.append)

    assert (done.blueprints, done.sites, done.failed) == (0, 1, {})
    assert said == ["Site beta …"]
    assert lacking(SCHEMAS) == {}
    assert not upgrading.plan()
    assert flaws(["beta"]) == []


def test_nothing_is_opened_below_a_site_that_is_behind() -> None:
    Tenant.objects.filter(code="alpha").update(migration_state="that of older code")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE s_alpha.django_migrations RENAME TO elsewhere")
    try:
        with pytest.raises(ProvisionError, match="阿县人民政府 is behind"):
            provision(Order(code="below", name="某镇人民政府", kind="township", parent="alpha"))
        with pytest.raises(ProvisionError, match="阿县人民政府 is behind"):
            provision(replace(ORDERS[0], admin="somebody@example.com"))
        assert not Tenant.objects.filter(code="below").exists()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE s_alpha.elsewhere RENAME TO django_migrations")
    assert upgrading.upgrade().sites == 0


def test_serving_needs_the_shared_schema() -> None:
    row = "app = 'accounts' AND name = '0001_initial'"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE public.django_migrations SET app = 'gone' WHERE {row}")
    try:
        assert "upgrade" in upgrading.missing()
        assert upgrading.plan().shared == {("accounts", "0001_initial")}
        with pytest.raises(CommandError, match="upgrade"):
            call_command("provision", "x", name="某县", kind="portal")
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE public.django_migrations SET app = 'accounts' WHERE app = 'gone'"
            )
    assert upgrading.missing() == ""


def test_renamed_control_site_stays() -> None:
    Tenant.objects.filter(kind=Kind.CONTROL).update(name="佳县站群")
    upgrading.upgrade()
    assert list(Tenant.objects.filter(kind=Kind.CONTROL).values_list("name", flat=True)) == [
        "佳县站群"
    ]


def test_control_site_that_is_missing_is_opened() -> None:
    control = Tenant.objects.get(kind=Kind.CONTROL)
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA s_control CASCADE")
        cursor.execute("DELETE FROM library_item WHERE tenant_id = %s", [control.pk])
    control.delete()
    assert upgrading.missing() != ""
    upgrading.upgrade()
    assert flaws(["control"]) == []


@pytest.fixture
def other_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two kinds of sites, one of them with another introduction on its home page."""
    folder = tmp_path / "blueprints"
    shutil.copytree(content.FOLDER, folder)
    for kind in KINDS_LEFT_OUT:
        (folder / f"{kind}.toml").unlink()
    path = folder / "department.toml"
    text, times = re.subn(r'(?m)^intro = ".*"$', 'intro = "新的开头"', path.read_text("utf8"))
    assert times == 1
    path.write_text(text, "utf8")
    monkeypatch.setattr(content, "FOLDER", folder)
    content.blueprint.cache_clear()
    yield
    content.blueprint.cache_clear()


def test_changed_content_makes_new_blueprints_and_leaves_sites(other_content: None) -> None:
    before = checksums()
    old = {kind: blueprinting.of_kind(kind).version for kind in content.kinds()}
    leftover = "bp_department_killed"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {leftover}")
    assert blueprinting.outdated() == ["control", "department"]

    done = upgrading.upgrade()

    assert (done.blueprints, done.sites) == (2, 0)
    new = {kind: blueprinting.of_kind(kind).version for kind in content.kinds()}
    assert new == {kind: version + 1 for kind, version in old.items()}
    assert checksums() == before
    assert ask("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'bp_')") == []
    outcome = provision(Order(code="later", name="新县水利局", kind="department", parent="alpha"))
    with tenant_context(outcome.site):
        assert HomePage.objects.get().intro == "新的开头"
    assert flaws() == []


def test_blueprint_of_newer_code_serves_until_the_code_is_taken_back_for_good() -> None:
    connection.set_schema_to_public()
    assert "district" not in blueprinting.outdated()
    copy_blueprint("district", "that of newer code", blueprinting.of_kind("district").rows)
    assert "district" in blueprinting.outdated()
    assert upgrading.missing() == ""
    opened = provision(Order(code="of-newer", name="某县人民政府", kind="district")).site
    assert (opened.migration_state, opened.behind) == ("", False)

    done = upgrading.upgrade()

    assert (done.sites, blueprinting.outdated()) == (0, [])
    marked = Tenant.objects.get(code="of-newer")
    assert marked.migration_state == migration_state()


def test_no_site_is_opened_from_a_blueprint_of_older_code() -> None:
    connection.set_schema_to_public()
    rows = dict(blueprinting.of_kind("district").rows)
    columns, text = rows["django_migrations"]
    lines = [line for line in text.splitlines(keepends=True) if "0009_embed_cache" not in line]
    assert len(lines) == len(text.splitlines()) - 1
    old = copy_blueprint(
        "district", "that of older code", {**rows, "django_migrations": [columns, "".join(lines)]}
    )
    assert blueprinting.unfit() == ["district"]
    assert upgrading.missing() != ""
    with pytest.raises(ProvisionError, match="behind this version"):
        provision(Order(code="of-older", name="某县人民政府", kind="district"))
    assert not Tenant.objects.filter(code="of-older").exists()
    old.delete()
    assert upgrading.missing() == ""


def copy_blueprint(kind: str, fingerprint: str, rows: Any) -> Blueprint:
    """One more blueprint of the kind, the newest, as other code might have made it."""
    newest = blueprinting.of_kind(kind)
    others = {name: getattr(newest, name) for name in CONTENT if name != "rows"}
    return Blueprint.objects.create(
        code=kind,
        kind=kind,
        version=newest.version + 1,
        fingerprint=fingerprint,
        rows=rows,
        **others,
    )
