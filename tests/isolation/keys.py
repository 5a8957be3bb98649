"""Primary keys: which both sites have, which only the other one has, which nobody has."""

from typing import Any

from django.apps import apps
from django.db import connection

OURS = 5_001
"""What filling the first round gives out first, on each of both sites."""
THEIRS = 900_001
"""What the second round of the other site gives out first, and the shared schema to its people."""
NOBODYS = 990_001

SEQUENCES = """
SELECT format('%%I.%%I', schemaname, sequencename), last_value
FROM pg_sequences WHERE schemaname = %s
"""


def number_from(
    schema: str, first: int, *, but: tuple[str, ...] = (), only: tuple[str, ...] = ("",)
) -> None:
    """Let the sequences of ``schema`` go on at ``first``: those of the tables ``only``, or all
    but those of the tables ``but``. No sequence goes back: a key is given out once.
    """
    with connection.cursor() as cursor:
        cursor.execute(SEQUENCES, [schema])
        for name, last in cursor.fetchall():
            table = name.split(".")[1]
            wanted = table.startswith(only) and not (but and table.startswith(but))
            if wanted and (last is None or last < first):
                cursor.execute("SELECT setval(%s::regclass, %s, false)", [name, first])


def keys_of(model: Any) -> set[Any]:
    """The primary keys of the model's rows on the active site."""
    return set(model._base_manager.values_list("pk", flat=True))


TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = %s"


def models_of_a_site(schema: str) -> list[Any]:
    """Every model with a table in a site's schema."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES, [schema])
        tables = {name for (name,) in cursor.fetchall()}
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.db_table in tables and model._meta.managed and not model._meta.proxy
    ]
