"""The same code in many browsers at one moment, and many guesses at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from sitecluster.accounts import second_factor
from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import User
from sitecluster.accounts.second_factor import WrongCode
from sitecluster.audit.models import Entry
from sitecluster.tenancy import connection
from tenants import directory
from tests.accounts.authenticator import code_of, equip
from tests.databases import connected_to, database_copy

AT_ONCE = 8
EMAIL = "a@example.cn"


@pytest.fixture
def _shared_schema_between_requests() -> None:
    """No test of this module lies in a transaction."""


@pytest.fixture
def person(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, password: str
) -> Iterator[User]:
    """An editor in a database of its own, whose rows other connections see."""
    with django_db_blocker.unblock(), database_copy("races") as name, connected_to(name):
        directory.forget()
        site = directory.snapshot().by_code["alpha"]
        connection.set_schema_to_public()
        yield add_member(EMAIL, site, ["editor"], name="甲", password=password)[0]
        directory.forget()


def at_once(act: Callable[[int], Any]) -> list[Any]:
    """What ``act`` gives in some threads at the same moment, each with its own connection."""

    def run(number: int) -> Any:
        try:
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


def works(user: User, code: str) -> bool:
    try:
        second_factor.verify(user, code)
    except WrongCode:
        return False
    return True


def test_a_code_and_a_recovery_code_let_one_in(person: User) -> None:
    device, recovery = equip(person)
    code = code_of(device)
    assert sum(at_once(lambda number: works(person, code))) == 1
    assert sum(at_once(lambda number: works(person, recovery[0]))) == 1
    assert second_factor.left(person) == 9
    assert Entry.objects.filter(act="recovery.used").count() == 1


def test_many_guesses_at_once_are_all_counted(person: User, password: str) -> None:
    def guess(number: int) -> int:
        client = Client(headers={"host": "alpha.admin.localhost"})
        form = {"username": EMAIL, "password": f"wrong {number}"}
        return client.post("/admin/login/", form, REMOTE_ADDR="10.0.0.1").status_code

    assert set(at_once(guess)) <= {200, 429}
    counted = AccessAttempt.objects.get(username=EMAIL).failures_since_start
    assert 5 <= counted <= AT_ONCE
    right = {"username": EMAIL, "password": password}
    client = Client(headers={"host": "alpha.admin.localhost"})
    assert client.post("/admin/login/", right, REMOTE_ADDR="10.0.0.1").status_code == 429
