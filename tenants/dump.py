"""A schema as text: taken from a template, replayed under another name.

The structure comes from pg_dump, so it is identical to what migrations made, names of
constraints included. The rows come from a declared list of tables by COPY. Nothing of it touches
the connection's search path: every name is qualified.
"""

import io
import os
import re
import subprocess
import uuid
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.db import connection
from psycopg2.extensions import make_dsn

from sitecluster.postgres.programs import program
from sitecluster.postgres.url import libpq_parameters

UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
# Deterministic hashes, not names: they stay as they are.
KEPT_UUIDS = frozenset(
    {
        ("wagtailcore_referenceindex", "model_path_hash"),
        ("wagtailcore_referenceindex", "content_path_hash"),
    }
)
# pg_dump's comments, its own settings, and psql commands.
NOISE = re.compile(r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\.*)?$")

NAMELESS = "@schema"


class DumpError(Exception):
    """pg_dump failed; the message holds its own words."""


@dataclass(frozen=True)
class Dump:
    """A schema's structure and the rows that it hands on."""

    schema_name: str
    pre_data: str
    rows: dict[str, list[str]]
    post_data: str
    sequences: dict[str, int]
    uuids: list[str]


def take(schema_name: str, tables: Mapping[str, str] | None = None) -> Dump:
    """Dump the committed state of ``schema_name``.

    ``tables`` maps the tables whose rows travel to a condition in SQL ("" is all rows, ``@schema``
    stands for the schema); without it all rows of all tables do. Raises `DumpError`.
    """
    rows = _rows(schema_name, _tables(schema_name) if tables is None else tables)
    return Dump(
        schema_name=schema_name,
        pre_data=structure(schema_name, "pre-data"),
        rows=rows,
        post_data=structure(schema_name, "post-data"),
        sequences=sequences(schema_name),
        uuids=_uuids(schema_name, list(rows)),
    )


def refill(frame: Dump, schema_name: str, tables: Mapping[str, str], *, renew: bool = True) -> Dump:
    """``frame`` with the rows that ``schema_name``, of the same structure, has in this transaction.

    Without ``renew`` the replay keeps the uuids. Runs no program.
    """
    rows = _rows(schema_name, tables)
    return replace(
        frame,
        rows=rows,
        sequences=sequences(schema_name),
        uuids=_uuids(schema_name, list(rows)) if renew else [],
    )


def replay(dump: Dump, schema_name: str, words: Mapping[str, str]) -> Callable[[str], str]:
    """Make ``schema_name`` from ``dump`` inside the current transaction.

    ``words`` maps the tokens of starter texts to what they stand for on this site; a word must
    hold no character that COPY, JSON or HTML would read as its own (`naming.NAME_PATTERN`).
    The values in ``dump.uuids`` are renewed, each to one new value wherever it occurs.
    Returns the function that renewed the rows, for texts that belong to them.
    """
    fresh = {**words, **{old: str(uuid.uuid4()) for old in dump.uuids}}
    tokens = tuple(words)
    cut = _pieces if dump.uuids else _pieces.__wrapped__  # a site's own rows are cut only once

    def renewed(text: str) -> str:
        return "".join(fresh.get(piece, piece) for piece in cut(text, tokens)) if fresh else text

    with connection.cursor() as cursor:
        cursor.execute(dump.pre_data.replace(dump.schema_name, schema_name))
        for table, (columns, text) in dump.rows.items():
            if text:
                cursor.copy_expert(
                    f'COPY "{schema_name}"."{table}" ({columns}) FROM STDIN',
                    io.StringIO(renewed(text)),
                )
        cursor.execute(dump.post_data.replace(dump.schema_name, schema_name))
        cursor.execute("".join(_setval(schema_name, *each) for each in dump.sequences.items()))
    return renewed


@lru_cache(maxsize=1000)
def _pieces(text: str, tokens: tuple[str, ...]) -> list[str]:
    """The text cut around its uuids and tokens; a blueprint is cut once for all its sites."""
    pattern = "|".join([UUID.pattern, *map(re.escape, tokens)])
    return re.split(f"({pattern})", text)


def _setval(schema_name: str, sequence: str, value: int) -> str:
    return f"SELECT setval('{schema_name}.{sequence}', {value});"


def anonymous(schema_name: str, section: str, snapshot: str = "") -> str:
    """As `structure`, with `NAMELESS` for the schema's name wherever the DDL qualifies by it."""
    name = re.compile(rf'(?<!["\w]){re.escape(schema_name)}(?=[.;])')
    return name.sub(NAMELESS, structure(schema_name, section, snapshot))


def structure(schema_name: str, section: str, snapshot: str = "") -> str:
    """The DDL of ``section`` ("pre-data" or "post-data") as pg_dump writes it.

    As committed now, or as of ``snapshot``, exported by a transaction that is still open. Raises
    `DumpError`.
    """
    target = libpq_parameters(connection.settings_dict)
    environment = {**os.environ, "PGPASSWORD": target.pop("password", "")}
    done = subprocess.run(
        [
            str(program("pg_dump")),
            f"--dbname={make_dsn(**target)}",
            f"--schema={schema_name}",
            f"--section={section}",
            "--no-owner",
            "--no-privileges",
            *([f"--snapshot={snapshot}"] if snapshot else []),
        ],
        env={name: value for name, value in environment.items() if value},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DumpError(done.stderr.strip())
    return "\n".join(line for line in done.stdout.splitlines() if not NOISE.match(line))


def _tables(schema_name: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema_name])
        return {table: "" for (table,) in cursor.fetchall()}


def _rows(schema_name: str, tables: Mapping[str, str]) -> dict[str, list[str]]:
    rows = {}
    with connection.cursor() as cursor:
        for table, condition in tables.items():
            cursor.execute(
                "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)"
                " FROM information_schema.columns"
                " WHERE table_schema = %s AND table_name = %s AND is_generated = 'NEVER'",
                [schema_name, table],
            )
            (columns,) = cursor.fetchone()
            if columns is None:
                raise DumpError(f"The template has no table {table}.")
            where = condition.replace("@schema", f'"{schema_name}"')
            text = io.StringIO()
            cursor.copy_expert(
                f'COPY (SELECT {columns} FROM "{schema_name}"."{table}" {where}) TO STDOUT', text
            )
            rows[table] = [columns, text.getvalue()]
    return rows


def sequences(schema_name: str, cursor: Any = None) -> dict[str, int]:
    """The last values of the sequences that were used, over ``cursor`` if it is given."""
    with nullcontext(cursor) if cursor else connection.cursor() as over:
        over.execute(
            "SELECT sequencename, last_value FROM pg_sequences"
            " WHERE schemaname = %s AND last_value IS NOT NULL",
            [schema_name],
        )
        return dict(over.fetchall())


def _uuids(schema_name: str, tables: list[str]) -> list[str]:
    values: set[str] = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = %s AND data_type = 'uuid'",
            [schema_name],
        )
        for table, column in cursor.fetchall():
            if table in tables and (table, column) not in KEPT_UUIDS:
                cursor.execute(f'SELECT DISTINCT "{column}"::text FROM "{schema_name}"."{table}"')
                values.update(row[0] for row in cursor.fetchall() if row[0])
    return sorted(values)
