"""What a public address says while its site is offline, closed, or only a template."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tenants import directory
from tenants.directory import Site
from tenants.models import State, Tenant
from tests.conftest import client_for

pytestmark = pytest.mark.django_db
PORTAL = "www.alpha.localhost"
ARCHIVE = "https://da.example.cn/beta"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    yield
    directory.forget()


def put(site: Site, **fields: Any) -> None:
    Tenant.objects.filter(pk=site.id).update(**fields)
    directory.forget()


def today() -> Any:
    return timezone.localdate()


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_an_offline_site_says_why_since_when_and_until_when(beta: Site) -> None:
    until = today() + timedelta(days=3)
    since = datetime.fromisoformat("2026-11-01T23:30+08:00")
    put(beta, state=State.OFFLINE, state_note="机房搬迁。", state_since=since, state_until=until)
    answer = client_for(PORTAL).get("/zz/beta/tzgg/")
    assert answer.status_code == 503
    morning = timezone.make_aware(datetime.combine(until, time.min))
    left = (morning - timezone.now()).total_seconds()
    assert abs(int(answer.headers["retry-after"]) - left) < 5
    assert "no-store" in answer.headers["cache-control"]
    text = text_of(answer)
    assert "机房搬迁。" in text
    assert "2026年11月1日" in text
    assert f"{until.year}年{until.month}月{until.day}日" in text
    assert "http://www.alpha.localhost:8000/" in text


@pytest.mark.parametrize("days", [None, 0, -2])
def test_without_a_planned_end_the_default_holds(beta: Site, days: int | None) -> None:
    until = None if days is None else today() + timedelta(days=days)
    put(beta, state=State.OFFLINE, state_until=until)
    assert client_for(PORTAL).get("/zz/beta/").headers["retry-after"] == "3600"


def test_a_closed_site_says_where_its_content_went_and_then_leads_there(beta: Site) -> None:
    put(
        beta,
        state=State.CLOSED,
        state_note="并入县政府门户。",
        archive_url=ARCHIVE,
        state_until=today() + timedelta(days=1),
    )
    client = client_for(PORTAL)
    answer = client.get("/zz/beta/tzgg/")
    assert answer.status_code == 410
    assert ARCHIVE in text_of(answer)
    assert "并入县政府门户。" in text_of(answer)
    put(beta, state_until=today())
    for path, target in (
        ("/zz/beta/tzgg/?page=2", "/tzgg/?page=2"),
        ("/zz/beta", "/"),
        ("/zz/beta/", "/"),
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (301, ARCHIVE + target)
    put(beta, archive_url="")
    assert client.get("/zz/beta/tzgg/").status_code == 410
    assert client.get("/").status_code == 200


def test_a_site_whose_tables_are_being_removed_still_says_so(beta: Site) -> None:
    put(beta, state=State.CLOSED, state_note="并入县政府门户。")
    with connection.cursor() as cursor:
        cursor.execute("ALTER SCHEMA s_beta RENAME TO s_beta_gone")
    answer = client_for(PORTAL).get("/zz/beta/")
    assert answer.status_code == 410
    assert "并入县政府门户。" in text_of(answer)


def test_the_site_above_is_named_only_while_it_is_there(alpha: Site, beta: Site) -> None:
    put(beta, state=State.OFFLINE)
    put(alpha, state=State.OFFLINE)
    answer = client_for(PORTAL).get("/zz/beta/")
    assert f">{alpha.name}</a>" not in text_of(answer)


@pytest.mark.parametrize("state", State.values)
def test_templates_of_new_sites_are_never_public(beta: Site, state: str) -> None:
    put(beta, state=state, is_blueprint=True)
    assert client_for(PORTAL).get("/zz/beta/").status_code == 404
