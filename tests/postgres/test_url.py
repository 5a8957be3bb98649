"""DATABASE_URL: what it means, and that no complaint repeats a password."""

from typing import Any

import pytest

from sitecluster.postgres.errors import DatabaseUrlError
from sitecluster.postgres.url import libpq_parameters, parse_database_url


def _entry(**parts: object) -> dict[str, Any]:
    blank = {"HOST": "", "PORT": "", "USER": "", "PASSWORD": "", "NAME": "", "OPTIONS": {}}
    return {"ENGINE": "django.db.backends.postgresql", **blank, **parts}


@pytest.mark.parametrize(
    ("url", "entry"),
    [
        (
            "postgres://amy:secret@db.example:5433/sites",
            _entry(HOST="db.example", PORT="5433", USER="amy", PASSWORD="secret", NAME="sites"),
        ),
        ("postgresql://db/sites", _entry(HOST="db", NAME="sites")),
        (
            "postgres://a%40b:p%2F%40%3A%25%3F@db/%E7%AB%99?sslmode=require&connect_timeout=5",
            _entry(
                HOST="db",
                USER="a@b",
                PASSWORD="p/@:%?",
                NAME="站",
                OPTIONS={"sslmode": "require", "connect_timeout": "5"},
            ),
        ),
        ("postgres://amy@/sites?host=/run/pg", _entry(HOST="/run/pg", USER="amy", NAME="sites")),
        ("postgres://%2Frun%2Fpg/sites", _entry(HOST="/run/pg", NAME="sites")),
        ("postgres://[::1]:5432/sites", _entry(HOST="::1", PORT="5432", NAME="sites")),
        ("postgres:///sites", _entry(NAME="sites")),
        (
            "postgres://one:5432,two:5433/sites?target_session_attrs=read-write",
            _entry(
                HOST="one,two",
                PORT="5432,5433",
                NAME="sites",
                OPTIONS={"target_session_attrs": "read-write"},
            ),
        ),
    ],
)
def test_url_becomes_settings(url: str, entry: dict[str, Any]) -> None:
    assert parse_database_url(url) == entry


@pytest.mark.parametrize(
    "url",
    [
        "",
        "secret",
        "mysql://amy:secret@db/sites",
        "postgres://amy:secret@db",
        "postgres://amy:secret@db/",
        "postgres://amy:secret%zz@db/sites",
        "postgres://amy:secret@db:port/sites",
        "postgres://amy:secret@db:99999/sites",
        "postgres://amy:secret@db/sites?color=secret",
        "postgres://amy:secret@db/sites?secret",
        "postgres://amy:x@secret@db/sites",
        "postgres://amy:secret/x@db/sites",
        "postgres://amy:12/secret@db/sites",
        "postgres://amy:secret@[::1/sites",
        "postgres://amy:secret%00@db/sites",
    ],
)
def test_unreadable_url_gets_one_sentence_without_the_password(url: str) -> None:
    with pytest.raises(DatabaseUrlError) as raised:
        parse_database_url(url)

    sentence = str(raised.value)
    assert sentence.startswith("DATABASE_URL ")
    assert sentence.endswith(".")
    assert "secret" not in sentence
    assert raised.value.__cause__ is None


def test_sentence_shows_how_to_encode() -> None:
    with pytest.raises(DatabaseUrlError, match="@ as %40, / as %2F, % as %25"):
        parse_database_url("nonsense")


def test_parameters_for_libpq_are_the_url_again() -> None:
    entry = parse_database_url("postgres://amy:p%40@db:5433/sites?sslmode=require")

    assert libpq_parameters(entry) == {
        "host": "db",
        "port": "5433",
        "user": "amy",
        "password": "p@",
        "dbname": "sites",
        "sslmode": "require",
    }


def test_parameters_for_libpq_leave_djangos_options_out() -> None:
    entry: dict[str, Any] = {
        "NAME": "sites",
        "HOST": "",
        "OPTIONS": {"pool": True, "application_name": "x"},
    }

    assert libpq_parameters(entry) == {"dbname": "sites", "application_name": "x"}
