"""A cluster for every test session: a portal, a township below its path, a department.

Two and more sites always exist, so every claim of isolation has data that could leak.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.test.utils import setup_databases, teardown_databases
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker
from xdist.scheduler import LoadScopeScheduling

from sitecluster.tenancy import connection, tenant_context
from tenants import directory, upgrading
from tenants.orders import Order
from tenants.provisioning import provision

OWN_DATABASE = settings.DATABASES["default"]["NAME"]  # not a test's
ORDERS = (
    Order(code="alpha", name="阿县人民政府", kind="portal", site_id_code="6108280002"),
    Order(code="beta", name="贝镇人民政府", kind="township", parent="alpha"),
    Order(
        code="gamma",
        name="阿县水利局",
        kind="department",
        parent="alpha",
        site_id_code="6108280014",
    ),
)


WHOLE = ("tests/isolation/", "tests/browser/")  # each fills a cluster for all of its files


class FilesAtOnce(LoadScopeScheduling):
    """Files side by side, each in one process with a test database of its own."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        return next((folder for folder in WHOLE if file.startswith(folder)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FilesAtOnce:
    """`make test` runs two processes."""
    return FilesAtOnce(config, log)


def pytest_configure() -> None:
    settings.DIRECTORY_POLL_SECONDS = 0  # a test's own transaction is invisible to the watcher
    settings.TASKS_RUN_AT_ONCE = True  # and to a worker


@pytest.fixture(autouse=True)
def _language_of_the_settings() -> None:
    """A request leaves its language active; the next test must not speak it."""
    translation.deactivate()


@pytest.fixture(scope="session", autouse=True)
def scratch_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Uploads, backups and static files of the tests lie outside VAR_DIR."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        MEDIA_ROOT=tmp_path_factory.mktemp("media"),
        BACKUPS_DIR=tmp_path_factory.mktemp("backups"),
        STORAGES={**settings.STORAGES, "staticfiles": plain},
    ):
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    scratch_folder: None,
    django_db_setup: None,
    django_db_keepdb: bool,
    django_db_createdb: bool,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """The three sites, opened from blueprints as a platform admin would.

    pytest-django makes a test database for tests that ask for ``db`` alone; a run without any
    would work on that of DATABASE_URL.
    """
    made: Any = None
    with django_db_blocker.unblock():
        if settings.DATABASES["default"]["NAME"] == OWN_DATABASE:
            keep = django_db_keepdb and not django_db_createdb
            made = setup_databases(verbosity=0, interactive=False, keepdb=keep)
        upgrading.upgrade()
        for order in ORDERS:
            provision(order)
    yield
    if made and not django_db_keepdb:
        with django_db_blocker.unblock():
            teardown_databases(made, verbosity=0)


def _site(code: str) -> Iterator[directory.Site]:
    directory.forget()
    yield directory.snapshot().by_code[code]
    connection.set_schema_to_public()
    directory.forget()


@pytest.fixture
def alpha(db: None) -> Iterator[directory.Site]:
    """The portal, at www.alpha.localhost."""
    yield from _site("alpha")


@pytest.fixture
def beta(db: None) -> Iterator[directory.Site]:
    """The township, at www.alpha.localhost/zz/beta."""
    yield from _site("beta")


@pytest.fixture
def gamma(db: None) -> Iterator[directory.Site]:
    """The department, at gamma.alpha.localhost."""
    yield from _site("gamma")


@pytest.fixture
def within(alpha: directory.Site) -> Iterator[directory.Site]:
    """`alpha`, with its schema active for the length of the test."""
    with tenant_context(alpha):
        yield alpha


def client_for(host: str) -> Client:
    """A browser whose requests go to ``host``."""
    return Client(headers={"host": host})
