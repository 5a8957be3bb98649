"""What the database role of the web processes may do, where they have one of their own.

It reads and writes everything the screens need, but owns and creates nothing that lasts, and of the
audit trail it may only add entries. Nothing here runs while no such role is configured.
"""

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from psycopg2 import sql

WRITE = sql.SQL("SELECT, INSERT, UPDATE, DELETE")
# Name -> what the web role may do with the table, and what it must not.
TRAIL = {
    "audit_entry": ("SELECT, INSERT", "UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"),
    "audit_seal": ("SELECT", "INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"),
    "audit_unsealed": ("SELECT", "INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"),
}
ROLE = """
SELECT r.rolsuper OR r.rolname = current_user
    OR pg_has_role(r.oid, current_user::regrole, 'MEMBER')
FROM pg_roles r WHERE r.rolname = %s
"""
MAY = "SELECT has_database_privilege(%(role)s, current_database(), %(right)s)"
DEFAULTS = """
SELECT count(DISTINCT defaclobjtype) FROM pg_default_acl d, aclexplode(d.defaclacl) a
WHERE d.defaclrole = current_user::regrole AND d.defaclnamespace = 0
    AND a.grantee = %s::regrole AND d.defaclobjtype IN ('r', 'S', 'n')
"""
# Schemas of ours with a table or a sequence that the role can't use.
CLOSED = """
SELECT n.nspname FROM pg_namespace n
WHERE EXISTS (
        SELECT FROM pg_class m
        WHERE m.relnamespace = n.oid AND m.relname = 'django_migrations')
    AND (NOT has_schema_privilege(%(role)s, n.oid, 'USAGE') OR EXISTS (
        SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND CASE
            WHEN n.nspname = 'public' AND c.relname = ANY(%(trail)s) THEN false
            WHEN c.relkind IN ('r', 'p') THEN NOT has_table_privilege(%(role)s, c.oid, 'DELETE')
            WHEN c.relkind = 'S' THEN NOT has_sequence_privilege(%(role)s, c.oid, 'USAGE')
            ELSE false END))
ORDER BY n.nspname
"""
TABLE_WRONG = """
SELECT has_table_privilege(%(role)s, %(table)s, %(unwanted)s) OR NOT (
    SELECT bool_and(has_table_privilege(%(role)s, %(table)s, wanted))
    FROM unnest(string_to_array(%(wanted)s, ', ')) wanted)
"""
# With these a trigger on a table of the role's own could fill the sealer's queue.
FUNCTIONS = ("audit_stamp", "audit_queue", "audit_refuse")
FUNCTION_OPEN = "SELECT has_function_privilege(%(role)s, %(function)s, 'EXECUTE')"


class GrantError(Exception):
    """The web processes' role can't be used; the message says what to do, with the SQL."""


def apply() -> int:
    """Give the role of ``WEB_DATABASE_URL`` what it lacks and take from it what it must not have.

    Runs as the owner of the tables, after the shared schema is migrated and outside a
    transaction. Returns the number of statements that were needed; a second run needs none.
    Raises `GrantError`.
    """
    statements = needed()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    if statements and needed():
        text = _("The database refused the role %(role)s a right; the owner of the database can:")
        raise GrantError("\n".join([text % {"role": _role()}, *map(_text, needed())]))
    return len(statements)


def needed() -> list[sql.Composable]:
    """The statements that `apply` would run, none before the first upgrade; raises `GrantError`."""
    if not _role() or not _ask("SELECT to_regclass('public.audit_entry') IS NOT NULL"):
        return []
    _require_another_role()
    role = sql.Identifier(_role())
    statements = _database(role)
    with connection.cursor() as cursor:
        cursor.execute(DEFAULTS, [_quoted()])
        if cursor.fetchone()[0] < 3:
            statements += _defaults(role)
        cursor.execute(CLOSED, {"role": _role(), "trail": list(TRAIL)})
        closed = [name for (name,) in cursor.fetchall()]
    for name in closed:
        statements += _schema(role, name)
    return statements + _trail(role, anew="public" in closed)


def _role() -> str:
    role: str = settings.WEB_DATABASE_ROLE
    return role


def _require_another_role() -> None:
    """Raise `GrantError` unless the role exists and is less than the owner."""
    with connection.cursor() as cursor:
        cursor.execute(ROLE, [_role()])
        found = cursor.fetchone()
        cursor.execute("SELECT current_user")
        names = {"role": _role(), "owner": cursor.fetchone()[0]}
    if found is None:
        text = _("WEB_DATABASE_URL names the role %(role)s, which does not exist; create it:")
        raise GrantError(f"{text % names}\nCREATE ROLE \"{_role()}\" LOGIN PASSWORD '…';")
    if found[0]:
        text = _("The role %(role)s of WEB_DATABASE_URL has all rights of %(owner)s; take another.")
        raise GrantError(text % names)


def _database(role: sql.Identifier) -> list[sql.Composable]:
    """It connects, and can't make a schema, on whose tables it could hang triggers of its own that
    run with the owner's rights."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        name = sql.Identifier(cursor.fetchone()[0])
    statements: list[sql.Composable] = []
    if not _ask(MAY, right="CONNECT"):
        statements += [sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, role)]
    if _ask(MAY, right="CREATE"):
        revoke = sql.SQL("REVOKE CREATE ON DATABASE {} FROM PUBLIC, {}")
        statements += [revoke.format(name, role)]
    return statements


def _defaults(role: sql.Identifier) -> list[sql.Composable]:
    """What the owner creates from now on, sites included, is the role's to use at once."""
    grant = "ALTER DEFAULT PRIVILEGES GRANT {} ON {} TO {}"
    return [
        sql.SQL(grant).format(WRITE, sql.SQL("TABLES"), role),
        sql.SQL(grant).format(sql.SQL("USAGE, SELECT"), sql.SQL("SEQUENCES"), role),
        sql.SQL(grant).format(sql.SQL("USAGE"), sql.SQL("SCHEMAS"), role),
    ]


def _schema(role: sql.Identifier, name: str) -> list[sql.Composable]:
    schema = sql.Identifier(name)
    return [
        sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role),
        sql.SQL("GRANT {} ON ALL TABLES IN SCHEMA {} TO {}").format(WRITE, schema, role),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {} TO {}").format(schema, role),
    ]


def _trail(role: sql.Identifier, *, anew: bool) -> list[sql.Composable]:
    statements: list[sql.Composable] = []
    for name, (wanted, unwanted) in TRAIL.items():
        if anew or _ask(TABLE_WRONG, table=f"public.{name}", wanted=wanted, unwanted=unwanted):
            table = sql.Identifier("public", name)
            statements += [
                sql.SQL("REVOKE ALL ON {} FROM PUBLIC, {}").format(table, role),
                sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(wanted), table, role),
            ]
    for name in FUNCTIONS:
        if _ask(FUNCTION_OPEN, function=f"public.{name}()"):
            function = sql.Identifier("public", name)
            statements.append(
                sql.SQL("REVOKE ALL ON FUNCTION {}() FROM PUBLIC, {}").format(function, role)
            )
    return statements


def _ask(question: str, **values: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, {"role": _role(), **values})
        return bool(cursor.fetchone()[0])


def _quoted() -> str:
    return '"' + _role().replace('"', '""') + '"'


def _text(statement: sql.Composable) -> str:
    with connection.cursor() as cursor:
        return statement.as_string(cursor.cursor)
