"""A release with migrations comes to a cluster whose admins have made blueprints of their own."""

import json
import subprocess
import sys
from pathlib import Path

from pytest_django.plugin import DjangoDbBlocker

from sitecluster.cms.models import HomePage
from sitecluster.tenancy import shared_context, tenant_context
from tenants import blueprint_sites, blueprinting, directory
from tenants.blueprint_changes import columns_of
from tests.cms.conftest import column
from tests.tenants.conftest import ROOT, ask, environment

LATER = {"DJANGO_SETTINGS_MODULE": "tests.tenants.later.settings"}


def run(database: str, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """manage.py of the newer release."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**environment(database, folder), **LATER},
        capture_output=True,
        text=True,
        check=False,
    )


def test_blueprints_of_people_survive_an_upgrade(
    committed: str, tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), shared_context():
        editor = blueprint_sites.open_editor("township")
        with tenant_context(editor):
            column(HomePage.objects.get(), "基层治理", "jczl")
        published = blueprint_sites.publish("township")
        with tenant_context(editor):
            column(HomePage.objects.get(), "尚未公布", "swgb")  # for the next version
        gamma = directory.snapshot().by_code["gamma"]
        copied = blueprint_sites.copy_site(gamma, "water", "水利部门")

    check = run(committed, tmp_path, "upgrade", "--check")
    assert "township" in check.stdout
    assert "water" in check.stdout
    done = run(committed, tmp_path, "upgrade")
    assert (done.returncode, done.stderr) == (0, "")
    check = run(committed, tmp_path, "upgrade", "--check")
    assert (check.returncode, len(check.stdout.splitlines())) == (0, 1)

    with django_db_blocker.unblock(), shared_context():
        for before in (published, copied):
            now = blueprinting.of_code(before.code)
            assert (now.version, now.source_id, now.name, now.kind) == (
                before.version + 1, before.source_id, before.name, before.kind,
            )  # fmt: skip
            assert columns_of(now) == columns_of(before)
            assert sorted(now.moments.values()) == sorted(before.moments.values())
            assert len(json.loads(now.items)) == len(json.loads(before.items))
            assert "later_note" in now.pre_data
        assert ask("SELECT count(*) FROM s_bp_township.later_note")[0][0] > 0
        assert ask("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'bp_')") == []

    opened = run(
        committed, tmp_path, "provision", "fresh", "--name", "新镇人民政府", "--kind", "township",
        "--parent", "alpha",
    )  # fmt: skip
    assert opened.returncode == 0, opened.stderr
    with django_db_blocker.unblock():
        slugs = {slug for (slug,) in ask("SELECT slug FROM s_fresh.wagtailcore_page")}
        assert "jczl" in slugs
        assert "swgb" not in slugs
    again = run(committed, tmp_path, "upgrade")
    assert "0 " in again.stdout.splitlines()[-1]
