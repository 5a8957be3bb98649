"""Reads DATABASE_URL. No sentence of this module holds a part of the URL, which has a password."""

from collections.abc import Mapping
from typing import Any

import psycopg2
from psycopg2.extensions import parse_dsn

from .errors import DatabaseUrlError, gettext_noop

SCHEMES = ("postgres://", "postgresql://")
FORM = gettext_noop(
    "DATABASE_URL cannot be read: it must look like "
    "postgres://user:password@host:port/database?sslmode=require, with special characters of the "
    "password percent-encoded (@ as %%40, / as %%2F, %% as %%25) and only options that libpq knows."
)
NO_DATABASE = gettext_noop("DATABASE_URL names no database: add /name after the host.")
NAMES = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password", "NAME": "dbname"}


def parse_database_url(url: str) -> dict[str, Any]:
    """Return the entry for Django's DATABASES that `url` means (ENGINE: Django's PostgreSQL).

    It may be any URI of libpq: percent-encoded parts, `?host=/folder` for a Unix socket, several
    hosts, options such as `sslmode`. Raises DatabaseUrlError.
    """
    parts = _parse(url)
    entry: dict[str, Any] = {"ENGINE": "django.db.backends.postgresql"}
    entry.update({name: parts.pop(key, "") for name, key in NAMES.items()})
    return {**entry, "OPTIONS": parts}


def libpq_parameters(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters for `psycopg2.connect(**…)` of an entry of Django's DATABASES.

    Options that are not libpq's (Django's own, such as `pool`) are left out.
    """
    known = {key: str(entry[name]) for name, key in NAMES.items() if entry.get(name)}
    options = {name: value for name, value in entry.get("OPTIONS", {}).items() if _is_libpq(name)}
    return {**known, **{name: str(value) for name, value in options.items()}}


def _parse(url: str) -> dict[str, str]:
    if not url.startswith(SCHEMES):
        raise DatabaseUrlError(FORM)
    try:
        parts: dict[str, str] = parse_dsn(url)
    except psycopg2.ProgrammingError:
        # The driver's message quotes the URL, so it isn't chained either.
        raise DatabaseUrlError(FORM) from None
    if not parts.get("dbname"):
        raise DatabaseUrlError(NO_DATABASE)
    if not _plausible(parts):
        raise DatabaseUrlError(FORM)
    return parts


def _plausible(parts: Mapping[str, str]) -> bool:
    """Say no to what a password with a bare @ or / leaves behind in other parts."""
    hosts = parts.get("host", "").split(",")
    ports = [port for port in parts.get("port", "").split(",") if port]
    return (
        not any("@" in host for host in hosts if not host.startswith(("/", "@")))
        and all(port.isascii() and port.isdigit() and 0 < int(port) < 65536 for port in ports)
        and not set("@/") & set(parts["dbname"])
    )


def _is_libpq(name: str) -> bool:
    try:
        parse_dsn(f"{name}=1")
    except psycopg2.ProgrammingError:
        return False
    return True
