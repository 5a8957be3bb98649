"""What the tests of provisioning share."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from sitecluster.tenancy import connection
from tenants import directory
from tenants.directory import Site
from tenants.orders import Order
from tenants.provisioning import provision
from tests.databases import connected_to, database_copy, database_url
from tests.languages import english  # noqa: F401 -- for the whole folder

Open = Callable[..., Site]
Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def open_site(alpha: Site) -> Open:
    """Opens a site below the portal; its code is ``fresh`` unless another is given."""

    def open_site(kind: str = "township", code: str = "fresh", **wishes: str) -> Site:
        told: Any = {"name": "新镇人民政府", "parent": "alpha", **wishes}
        order = Order(code=code, kind=kind, **told)
        outcome = provision(order)
        assert outcome.created
        directory.forget()
        return outcome.site

    return open_site


def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows that a statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


@pytest.fixture(scope="module")
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A copy of the test database for a whole module, in which work is committed; its name."""
    with django_db_blocker.unblock():
        with database_copy("provisioning") as name, connected_to(name):
            directory.forget()
            yield name
        directory.forget()


@pytest.fixture
def run(committed: str, tmp_path: Path) -> Run:
    """Runs manage.py in a process of its own, by default on `committed`."""

    def run(*arguments: str, database: str = committed) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment(database, tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def environment(database: str, var_dir: Path) -> dict[str, str]:
    """The environment of a process that works on ``database``."""
    return {**os.environ, "DATABASE_URL": database_url(database), "VAR_DIR": str(var_dir)}
