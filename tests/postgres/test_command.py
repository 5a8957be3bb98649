"""`manage.py postgres`, run as a program on settings of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import sitecluster.postgres
from sitecluster.postgres.embedded import Embedded

SETTINGS = """
from pathlib import Path
from sitecluster.postgres.embedded import Embedded
from sitecluster.postgres.url import parse_database_url
INSTALLED_APPS = ["sitecluster.postgres"]
SECRET_KEY = "test"
EMBEDDED_POSTGRES = None if {url!r} else Embedded(Path({var_dir!r}))
DATABASES = {{"default": parse_database_url({url!r}) if {url!r} else {{}}}}
"""
Manage = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def manage(folder: Path) -> Manage:
    """Run `postgres ARGUMENTS`; `url` is the DATABASE_URL."""

    def run(*arguments: str, url: str = "") -> subprocess.CompletedProcess[str]:
        text = SETTINGS.format(var_dir=str(folder / "var"), url=url)
        (folder / "one_settings.py").write_text(text)
        platform = Path(sitecluster.postgres.__file__).parents[2]
        search = os.pathsep.join([str(folder), str(platform), os.environ.get("PYTHONPATH", "")])
        return subprocess.run(
            [sys.executable, "-m", "django", "postgres", *arguments],
            env={
                **os.environ,
                "PYTHONPATH": search,
                "DJANGO_SETTINGS_MODULE": "one_settings",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


def test_start_status_stop(manage: Manage, embedded: Embedded) -> None:
    assert manage("status").returncode == 3

    started = manage("start")
    status = manage("status")

    assert started.returncode == 0, started.stderr
    assert str(embedded.socket_folder) in started.stdout
    assert status.stdout.startswith("PostgreSQL is running (process ")
    assert manage("stop").stdout == "PostgreSQL has stopped.\n"
    assert manage("stop").stdout == "PostgreSQL did not run.\n"
    assert manage("status").stderr.strip().endswith("PostgreSQL does not run.")


def test_psql_starts_the_server_and_hands_options_on(manage: Manage, embedded: Embedded) -> None:
    result = manage("psql", "-At", "-c", "SELECT current_database(), '水利'")

    assert (result.stdout, result.returncode) == ("sitecluster|水利\n", 0)


def test_psql_hands_the_exit_code_back(manage: Manage, server: Embedded) -> None:
    url = f"postgres://sitecluster@/sitecluster?host={server.connection_info().socket_folder}"

    assert manage("psql", "-c", "SELECT nonsense", url=url).returncode == 1


def test_psql_uses_the_server_of_database_url(
    manage: Manage, server: Embedded, folder: Path
) -> None:
    url = f"postgres://sitecluster:pw@/template1?host={server.connection_info().socket_folder}"

    result = manage("psql", "-At", "-c", "SELECT current_database()", url=url)

    assert result.stdout == "template1\n"
    assert not (folder / "var").exists()


@pytest.mark.parametrize(("action", "code"), [("start", 1), ("stop", 1), ("status", 0)])
def test_server_of_ones_own_is_left_alone(manage: Manage, action: str, code: int) -> None:
    result = manage(action, url="postgres://amy:secret@db.example/sites")

    assert result.returncode == code
    assert "uses the server at db.example" in result.stdout + result.stderr
    assert "secret" not in result.stdout + result.stderr


def test_failure_is_one_sentence(manage: Manage, folder: Path) -> None:
    (folder / "var").mkdir()
    (folder / "var" / "postgres").symlink_to(folder)

    result = manage("start")

    assert result.returncode == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert Embedded(folder / "var").status() is None
