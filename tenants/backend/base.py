"""django-tenants' database backend, without the statements and locks it need not spend.

Measured against the stock backend (docs/architecture.md): no statement more than a plain
connection, since the search path travels with the next statement; content types are shared,
so nothing is forgotten at a switch; a connection is replaced after a number of distinct sites,
since PostgreSQL keeps every relation it has seen in the backend's memory.
"""

import re
from typing import Any

from django.conf import settings
from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQLWrapper
from django_tenants.postgresql_backend import base
from psycopg2.extensions import connection as PsycopgConnection, cursor as PsycopgCursor

from .schema import SchemaEditor

# Statements that PostgreSQL refuses to run beside another one.
ALONE = re.compile(
    r"\s*(VACUUM|REINDEX|CLUSTER|ALTER\s+SYSTEM|(CREATE|DROP)\s+DATABASE"
    r"|(CREATE|DROP)\s+(UNIQUE\s+)?INDEX\s+CONCURRENTLY)\b",
    re.IGNORECASE,
)

# Statements that need no search path. Of a transaction in which a statement has failed PostgreSQL
# takes nothing else but these, so none may travel in front of them.
PATHLESS = re.compile(r"\s*(SAVEPOINT|RELEASE|ROLLBACK)\b", re.IGNORECASE)

# How many sites one counts for whose screens a connection has served: 0.98 MB of the server's
# memory beside 0.41 MB of a site whose public pages it has served (bench, memory).
SCREENS_WEIGHT = 3


class TenantConnection(PsycopgConnection):
    """Knows which search path is wanted and which one is in effect ("" is unknown)."""

    wanted_path = "public"
    path_in_effect = "public"


class TenantCursor(PsycopgCursor):
    """Sends a changed search path in front of the next statement, in the same round trip."""

    connection: TenantConnection

    def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002 -- psycopg2's name
        wanted = self.connection.wanted_path
        if wanted == self.connection.path_in_effect:
            super().execute(query, vars)
            return
        text = query if isinstance(query, str) else self._text(query)
        if PATHLESS.match(text):
            super().execute(query, vars)
            return
        if self.name is not None or ALONE.match(text):
            self.set_path()
            super().execute(query, vars)
            return
        super().execute(f"SET search_path = {wanted};{text}", vars)
        self.connection.path_in_effect = wanted

    def executemany(self, query: Any, vars_list: Any) -> None:
        self.set_path()
        super().executemany(query, vars_list)

    def callproc(self, *args: Any) -> Any:
        self.set_path()
        return super().callproc(*args)

    def copy_expert(self, *args: Any, **kwargs: Any) -> None:
        self.set_path()
        super().copy_expert(*args, **kwargs)

    def set_path(self) -> None:
        """Put the wanted path into effect by a statement of its own."""
        wanted = self.connection.wanted_path
        if wanted != self.connection.path_in_effect:
            with self.connection.cursor(cursor_factory=PsycopgCursor) as cursor:
                cursor.execute(f"SET search_path = {wanted}")
            self.connection.path_in_effect = wanted

    def _text(self, query: Any) -> str:
        if isinstance(query, bytes):
            return query.decode()
        return str(query.as_string(self))


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection that serves many sites in turn."""

    SchemaEditorClass = SchemaEditor
    schema_name: str
    include_public_schema: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.sites_seen: dict[str, int] = {}
        self.weight = 0
        super().__init__(*args, **kwargs)

    def get_connection_params(self) -> dict[str, Any]:
        return {
            **super().get_connection_params(),
            "connection_factory": TenantConnection,
            "cursor_factory": TenantCursor,
        }

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:
        """Serve ``tenant`` (anything with a ``schema_name``) from the next statement on."""
        unchanged = (self.schema_name, self.include_public_schema) == (
            tenant.schema_name,
            include_public,
        )
        self.tenant = tenant
        if unchanged:
            return
        self.schema_name = tenant.schema_name
        self.include_public_schema = include_public
        self.set_settings_schema(self.schema_name)
        self._weigh(1)
        self._want_path()

    def weigh_screens(self) -> None:
        """Say that screens of the active site are served, which read more tables than pages."""
        self._weigh(SCREENS_WEIGHT)

    def _weigh(self, weight: int) -> None:
        before = self.sites_seen.get(self.schema_name, 0)
        if weight > before:
            self.sites_seen[self.schema_name] = weight
            self.weight += weight - before

    def recycle(self) -> None:
        """Give the connection up when it has served enough distinct sites.

        Does nothing inside a transaction. The limit is ``SITES_PER_CONNECTION``.
        """
        if self.weight >= settings.SITES_PER_CONNECTION and not self.in_atomic_block:
            self.close()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self.weight = self.sites_seen.get(self.schema_name, 1)
        self.sites_seen = {self.schema_name: self.weight}
        try:
            return super().get_new_connection(conn_params)
        except self.Database.OperationalError:
            if settings.EMBEDDED_POSTGRES is None or settings.EMBEDDED_POSTGRES.status():
                raise
            settings.EMBEDDED_POSTGRES.ensure_running()
            return super().get_new_connection(conn_params)

    def init_connection_state(self) -> None:
        self._want_path()
        super().init_connection_state()

    def rollback(self) -> None:
        super().rollback()
        self._doubt_path()

    def savepoint_rollback(self, sid: str) -> None:
        try:
            super().savepoint_rollback(sid)
        finally:
            self._doubt_path()

    def _cursor(self, name: str | None = None) -> Any:
        return PostgreSQLWrapper._cursor(self, name)  # type: ignore[attr-defined]

    def _want_path(self) -> None:
        if self.connection is not None:
            self.connection.wanted_path = ",".join(
                base.quote_schema_name(part) for part in self._get_cursor_search_paths()
            )

    def _doubt_path(self) -> None:
        """A rollback also takes back a path that its transaction had set."""
        if self.connection is not None:
            self.connection.path_in_effect = ""
