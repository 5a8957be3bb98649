"""One function writes the trail; the database sees to it that nothing else happens to it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, transaction
from django.test import RequestFactory
from django.utils import timezone

from sitecluster.accounts.models import User
from sitecluster.audit.models import Entry, Unsealed
from sitecluster.audit.origin import working
from sitecluster.audit.sealing import seal
from sitecluster.audit.trail import record
from sitecluster.tenancy import Side, serve, tenant_context
from tenants.directory import Site
from tests.audit.conftest import last, run

pytestmark = pytest.mark.usefixtures("shared")


@pytest.fixture
def person() -> User:
    return User.everyone.create(email="li@example.cn", first_name="李工")


@pytest.fixture
def request_of(person: User) -> Iterator[Any]:
    request: Any = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    request.user = person
    with serve(Side.ADMIN, "", request):
        yield request


def test_a_row_holds_the_whole_act(alpha: Site, person: User) -> None:
    record(
        "theme.set",
        by=person,
        site=alpha,
        subject="阿县",
        before={"theme": "base"},
        after={"theme": "department"},
        reason="改版",
        document="阿政办发〔2026〕7号",
    )
    values: dict[str, Any] = dict(Entry.objects.values().get(pk=last().pk))
    age = timezone.now() - values.pop("at")
    assert timedelta(0) <= age < timedelta(seconds=5)
    del values["id"]
    assert values.pop("origin").startswith("process")  # of the test runner
    assert values == {
        "act": "theme.set",
        "actor_id": person.pk,
        "actor_name": "李工",
        "actor_email": "li@example.cn",
        "site_id": alpha.id,
        "site_code": "alpha",
        "subject": "阿县",
        "before": {"theme": "base"},
        "after": {"theme": "department"},
        "reason": "改版",
        "document": "阿政办发〔2026〕7号",
        "address": None,
    }


def test_a_row_is_one_statement(alpha: Site, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        record("site.provisioned", site=alpha)


def test_the_row_joins_the_transaction_of_the_act(alpha: Site) -> None:
    count = Entry.objects.count(), Unsealed.objects.count()
    with transaction.atomic():
        record("site.provisioned", site=alpha)
        transaction.set_rollback(True)
    assert (Entry.objects.count(), Unsealed.objects.count()) == count


def test_the_site_is_the_active_one_or_none(alpha: Site, beta: Site) -> None:
    record("upgrade.finished")
    assert (last().site_id, last().site_code) == (None, "")
    with tenant_context(beta):
        record("theme.set")
        assert (last().site_id, last().site_code) == (beta.id, "beta")
        record("theme.set", site=alpha)
        assert last().site_code == "alpha"


def test_a_request_tells_who_asked_and_from_where(request_of: Any, person: User) -> None:
    record("theme.set")
    entry = last()
    assert (entry.actor_id, entry.address, entry.origin) == (person.pk, "192.0.2.7", "web")


def test_nobody_is_signed_in(request_of: Any) -> None:
    request_of.user = AnonymousUser()
    record("account.locked", subject="x@example.cn")
    assert (last().actor_id, last().actor_name) == (None, "")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "198.51.100.1", "192.0.2.7"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.9, 198.51.100.1, 192.0.2.1", "198.51.100.1"),
        (2, "198.51.100.1", "192.0.2.7"),
        (1, "not an address", None),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_client_is_who_the_trusted_proxies_name(
    request_of: Any, settings: Any, proxies: int, forwarded: str, expected: str | None
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request_of.META["HTTP_X_FORWARDED_FOR"] = forwarded
    record("theme.set")
    assert last().address == expected


def test_commands_and_tasks_name_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["/srv/manage.py", "provision", "x"])
    monkeypatch.setenv("LOGNAME", "wang")
    record("site.provisioned")
    assert (last().origin, last().actor_name, last().actor_id) == (
        "command provision",
        "wang",
        None,
    )
    with working("task publish"):
        record("task.retried")
    assert (last().origin, last().actor_name) == ("task publish", "")


def test_whatever_changed_can_be_kept_and_secrets_are_not() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    uid = UUID("12345678-1234-5678-1234-567812345678")
    record(
        "plugin.enabled",
        subject="a\0b",
        before={"plugins": frozenset({"b", "a"}), "at": moment, "uuid": uid, "what": int},
        after={"Password": "hunter2", "recovery_codes": ["1", "2"], "name": "阿"},
    )
    entry = last()
    assert entry.subject == "ab"
    assert entry.before == {
        "plugins": ["a", "b"],
        "at": "2026-01-02T03:04:05Z",
        "uuid": str(uid),
        "what": "<class 'int'>",
    }
    assert entry.after == {"Password": "•••", "recovery_codes": "•••", "name": "阿"}


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {} SET act = 'x'", "DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE"],
)
def test_the_trail_only_grows(table: str, statement: str) -> None:
    record("theme.set")
    seal()
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        run(statement.format(f"public.{table}"))


def test_the_time_is_the_databases() -> None:
    entry = Entry.objects.create(act="x.done", at=datetime(2020, 1, 1, tzinfo=UTC))
    entry.refresh_from_db()
    assert timezone.now() - entry.at < timedelta(seconds=5)
