"""What a PostgreSQL server of one's own (DATABASE_URL) must offer before the platform starts."""

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
from psycopg2.extensions import connection as Connection, make_dsn, parse_dsn

from .errors import ServerUnfit, gettext_noop
from .url import SCHEMES, libpq_parameters, parse_database_url

OLDEST_VERSION = 15
# Dropping or dumping one site's schema locks about 420 relations; 256 slots for each of 100
# connections leave room for several of those at once.
FEWEST_LOCKS = 256
PROBES = 3

OLD = gettext_noop(
    "The database server runs PostgreSQL %(found)s; the platform needs version %(needed)d or later."
)
ENCODING = gettext_noop(
    "The database %(name)s is encoded in %(found)s; create it with ENCODING 'UTF8'."
)
LOCALE = gettext_noop(
    "The database %(name)s has the LC_CTYPE %(found)s, with which search finds nothing in "
    "Chinese; create it with TEMPLATE template0 and LC_CTYPE 'C.UTF-8'."
)
LOCKS = gettext_noop(
    "The database server's max_locks_per_transaction is %(found)d; set it to %(needed)d or more "
    "(512 is good) in postgresql.conf and restart the server."
)
POOLER = gettext_noop(
    "The database is behind a pooler in transaction mode (such as PgBouncer), where the choice of "
    "a site's schema is lost; connect directly or set pool_mode = session."
)
RIGHTS = gettext_noop(
    "The role %(role)s may not create schemas in the database %(name)s; "
    "run GRANT CREATE ON DATABASE for it."
)
UNREACHABLE = gettext_noop("The database server cannot be reached: %(reason)s.")


def check_server(target: Connection | str, oldest_version: int = OLDEST_VERSION) -> None:
    """Raise ServerUnfit, with one sentence, for the first thing that `target` lacks.

    `target` is an open psycopg2 connection outside a transaction, or a DSN or URL;
    `oldest_version` a major version. Raises DatabaseUrlError for a URL that can't be read.
    """
    if isinstance(target, str):
        with closing(_connect(_parameters(target))) as connection:
            check_server(connection, oldest_version)
        return
    before = target.autocommit
    target.autocommit = True
    try:
        _check_version(target, oldest_version)
        _check_database(target)
        _check_locks(target)
        _check_rights(target)
        _check_sessions(target)
    except psycopg2.OperationalError as error:
        raise _unreachable(error) from error
    finally:
        if not target.closed:
            target.autocommit = before


def _parameters(target: str) -> dict[str, str]:
    if target.startswith(SCHEMES):
        return libpq_parameters(parse_database_url(target))
    parts: dict[str, str] = parse_dsn(target)
    return parts


def _connect(parameters: dict[str, str]) -> Connection:
    try:
        return psycopg2.connect(make_dsn(**{"connect_timeout": "10", **parameters}))
    except psycopg2.OperationalError as error:
        raise _unreachable(error) from error


def _unreachable(error: Exception) -> ServerUnfit:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return ServerUnfit(UNREACHABLE, reason=lines[0].rstrip("."))


def _row(connection: Connection, sql: str, *values: str) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
    assert row is not None
    return row


def _check_version(connection: Connection, oldest: int) -> None:
    if connection.server_version < oldest * 10000:
        (found,) = _row(connection, "SHOW server_version")
        raise ServerUnfit(OLD, found=found, needed=oldest)


def _check_database(connection: Connection) -> None:
    name, encoding, ctype = _row(
        connection,
        "SELECT datname, pg_encoding_to_char(encoding), datctype FROM pg_database "
        "WHERE datname = current_database()",
    )
    if encoding != "UTF8":
        raise ServerUnfit(ENCODING, name=name, found=encoding)
    # pg_trgm asks the C library by LC_CTYPE, whatever the locale provider.
    if ctype in ("C", "POSIX"):
        raise ServerUnfit(LOCALE, name=name, found=ctype)


def _check_locks(connection: Connection) -> None:
    found = int(_row(connection, "SHOW max_locks_per_transaction")[0])
    if found < FEWEST_LOCKS:
        raise ServerUnfit(LOCKS, found=found, needed=FEWEST_LOCKS)


def _check_rights(connection: Connection) -> None:
    role, name, allowed = _row(
        connection,
        "SELECT current_user, current_database(), "
        "has_database_privilege(current_database(), 'CREATE')",
    )
    if not allowed:
        raise ServerUnfit(RIGHTS, role=role, name=name)


def _check_sessions(connection: Connection) -> None:
    """Raise ServerUnfit when the server's session isn't the client's own for its lifetime.

    Signs: a backend that serves two clients at once, that changes between two transactions of one
    client, or that has forgotten a variable. A second client holds a transaction open meanwhile,
    since an idle pooler gives one client the same backend again.
    """
    mark = secrets.token_hex(8)
    _row(connection, "SELECT set_config('sitecluster.probe', %s, false)", mark)
    mine = _backend(connection)
    with _second_client(connection) as other:
        for _ in range(PROBES):
            other.rollback()
            if _backend(other) == mine or _backend(connection) != mine:
                raise ServerUnfit(POOLER)
            (kept,) = _row(connection, "SELECT current_setting('sitecluster.probe', true)")
            if kept != mark:
                raise ServerUnfit(POOLER)
    _row(connection, "SELECT set_config('sitecluster.probe', '', false)")


def _backend(connection: Connection) -> str:
    return _row(connection, "SELECT pg_backend_pid()")[0]


@contextmanager
def _second_client(connection: Connection) -> Iterator[Connection]:
    parameters = {**connection.info.dsn_parameters}
    if connection.info.password:
        parameters["password"] = connection.info.password
    with closing(_connect(parameters)) as other:
        yield other
