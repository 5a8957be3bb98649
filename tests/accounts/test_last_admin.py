"""Two admins who remove each other at the same moment: of a site, and of the cluster."""

from collections.abc import Callable, Iterator
from threading import Barrier, Thread

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from sitecluster.accounts.membership import add_member, end_membership
from sitecluster.accounts.models import Membership, User
from sitecluster.accounts.profiles import edit
from sitecluster.accounts.refusals import MembershipError
from sitecluster.accounts.suspension import suspend
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


def at_once(act: Callable[[User, User], None], pair: list[User]) -> list[str]:
    """Let both do it to each other at the same moment; what has become of it."""
    outcomes: list[str] = []
    start = Barrier(2)

    def run(user: User, by: User) -> None:
        start.wait()
        try:
            act(user, by)
            outcomes.append("removed")
        except MembershipError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=run, args=each) for each in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_one_of_them_stays(committed: Site) -> None:
    for _round in range(ROUNDS):
        pair = [add_member(f"{name}@x.cn", committed, ["site_admin"])[0] for name in "ab"]
        done = at_once(lambda user, by: end_membership(user, committed, by=by), pair)
        assert done == ["refused", "removed"]
        open_ones = Membership.objects.filter(tenant_id=committed.id, ended_at=None)
        assert [each.roles for each in open_ones] == [["site_admin"]]


def test_one_platform_admin_stays(committed: Site) -> None:
    pair = [add_member(f"{name}@x.cn", committed, ["editor"])[0] for name in "ab"]
    ids = [user.pk for user in pair]

    def demote(user: User, by: User) -> None:
        edit(user, committed, by=by, is_superuser=False)

    def shut_out(user: User, by: User) -> None:
        suspend(user, "x", by=by)

    for _round in range(ROUNDS):
        for act in (demote, shut_out):
            User.everyone.exclude(pk__in=ids).update(is_superuser=False)
            User.everyone.filter(pk__in=ids).update(is_superuser=True, is_active=True)
            assert at_once(act, list(User.everyone.filter(pk__in=ids))) == ["refused", "removed"]
            assert User.everyone.filter(is_superuser=True, is_active=True).count() == 1
