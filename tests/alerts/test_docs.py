"""docs/plugins.md holds the plugin as it is, and whoever follows it gets one that works."""

import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.databases import database_copy, database_url

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "plugins" / "alerts"
PAGES = ("plugins.md", "plugins.zh-Hans.md")
BLOCK = re.compile(r"^`([\w/.]+)`:\n\n```[\w+]+\n(.*?)\n```$", re.MULTILINE | re.DOTALL)


def _blocks(page: str) -> dict[str, str]:
    text = (ROOT / "docs" / page).read_text("utf-8")
    return {name: f"{content}\n" for name, content in BLOCK.findall(text)}


def _files() -> dict[str, str]:
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "."],
        cwd=PLUGIN,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    files = {name: (PLUGIN / name).read_text("utf-8") for name in names if "/locale/" not in name}
    return {name: text for name, text in files.items() if text}


@pytest.mark.parametrize("page", PAGES)
def test_the_page_holds_every_file_as_it_is(page: str) -> None:
    assert _blocks(page) == _files()


def test_the_model_of_all_plugins_is_small() -> None:
    assert len(_files()) < 10
    assert sum(len(text.splitlines()) for text in _files().values()) < 400


@pytest.fixture
def readers_folder(tmp_path: Path) -> Path:
    """What a reader has after following the page with "sirens" as the name."""
    for name, content in _blocks("plugins.md").items():
        path = tmp_path / "sirens" / _renamed(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_renamed(content), "utf-8")
    package = tmp_path / "sirens" / "sitecluster_sirens"
    for folder in (package, package / "shared", package / "shared" / "migrations"):
        (folder / "__init__.py").touch()
    return tmp_path / "sirens"


def _renamed(text: str) -> str:
    return text.replace("alert", "siren").replace("Alert", "Siren")


@pytest.fixture
def database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    with django_db_blocker.unblock(), database_copy("reader") as name:
        yield name


USE = """
    import django
    django.setup()
    from django.test import Client
    from sitecluster_sirens.shared.models import Siren
    from sitecluster.tenancy import tenant_context
    from tenants import directory

    def pages():
        directory.forget()
        client = Client(headers={"host": "www.alpha.localhost"})
        return [client.get(path).content.decode() for path in ("/", "/zz/beta/")]

    assert not any("水位超警戒" in page for page in pages())
    with tenant_context(directory.snapshot().by_code["alpha"]):
        Siren.objects.create(text="水位超警戒")
    assert all("水位超警戒" in page for page in pages())
"""


def test_a_reader_gets_a_plugin_that_works(
    readers_folder: Path, database: str, tmp_path: Path
) -> None:
    site_packages = tmp_path / "site-packages"
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--target"]
    _run("-m", "pip", "install", *options, str(site_packages), str(readers_folder))
    shutil.rmtree(readers_folder)
    surroundings = {
        "PYTHONPATH": str(site_packages),
        "DATABASE_URL": database_url(database),
        "VAR_DIR": str(tmp_path / "var"),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "DJANGO_SETTINGS_MODULE": "sitecluster.project.settings",
    }
    _run("manage.py", "upgrade", env=surroundings)
    for site in ("alpha", "beta"):
        _run("manage.py", "plugins", "enable", "sirens", "--site", site, env=surroundings)
    _run("manage.py", "collectstatic", "--noinput", env=surroundings)
    listed = _run("manage.py", "plugins", "list", env=surroundings)
    assert "sirens" in listed
    _run("-c", textwrap.dedent(USE), env=surroundings)


def _run(*arguments: str, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
