"""What the tests of the audit trail share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django.plugin import DjangoDbBlocker

from sitecluster.audit.models import Entry, Seal
from sitecluster.tenancy import connection, shared_context
from tests.databases import connected_to, database_copy
from tests.languages import english  # noqa: F401 -- for the whole folder

Verify = Callable[..., tuple[int, str]]


@pytest.fixture
def shared(db: None) -> Iterator[None]:
    """A test that begins where commands begin."""
    with shared_context():
        yield


@pytest.fixture(scope="module")
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A copy of the test database for a whole module, in which work is committed; its name."""
    with django_db_blocker.unblock(), database_copy("audit") as name, connected_to(name):
        yield name


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Verify:
    """Runs `verify_audit`; its exit code and all that it says."""

    def verify(*arguments: str) -> tuple[int, str]:
        code = 0
        try:
            call_command("verify_audit", *arguments)
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return code, said.out + said.err

    return verify


def run(statement: str, *values: Any) -> None:
    """Run a statement as the owner of the database."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def by_force(statement: str, *values: Any) -> None:
    """Run a statement past the triggers, as whoever owns the database can."""
    for table in ("audit_entry", "audit_seal"):
        run(f"ALTER TABLE public.{table} DISABLE TRIGGER USER")
    run(statement, *values)
    for table in ("audit_entry", "audit_seal"):
        run(f"ALTER TABLE public.{table} ENABLE TRIGGER USER")


def last() -> Entry:
    """The newest entry."""
    return Entry.objects.latest("id")


def sealed_ids() -> list[int]:
    """The sealed entries in the order of the chain."""
    return list(Seal.objects.order_by("position").values_list("entry_id", flat=True))
