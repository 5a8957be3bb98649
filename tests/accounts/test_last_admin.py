"""Two admins who remove each other at the same moment."""

from collections.abc import Iterator
from threading import Barrier, Thread

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from sitecluster.accounts.membership import add_member, end_membership
from sitecluster.accounts.models import Membership, User
from sitecluster.accounts.refusals import MembershipError
from tenants import directory
from tenants.directory import Site
from tests.databases import connected_to, database_copy

ROUNDS = 5


@pytest.fixture(autouse=True)
def _shared_schema_between_requests() -> None:
    """These tests run in a database of their own."""


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Site]:
    """A site in a database in which acts commit."""
    with django_db_blocker.unblock(), database_copy("admins") as name, connected_to(name):
        directory.forget()
        yield directory.snapshot().by_code["alpha"]
    directory.forget()


def test_one_of_them_stays(committed: Site) -> None:
    for _round in range(ROUNDS):
        pair = [add_member(f"{name}@x.cn", committed, ["site_admin"])[0] for name in "ab"]
        outcomes: list[str] = []
        start = Barrier(2)

        def remove(user: User, by: User, start: Barrier = start, to: list[str] = outcomes) -> None:
            start.wait()
            try:
                end_membership(user, committed, by=by)
                to.append("removed")
            except MembershipError:
                to.append("refused")
            finally:
                connection.close()

        threads = [Thread(target=remove, args=each) for each in (pair, pair[::-1])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["refused", "removed"]
        open_ones = Membership.objects.filter(tenant_id=committed.id, ended_at=None)
        assert [each.roles for each in open_ones] == [["site_admin"]]
