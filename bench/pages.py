"""What a page costs in SQL statements, and what it says; asked in the process that serves it."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from . import content, sites

PASSES = 3


def statements(last: int) -> dict[str, Any]:
    """Statements of each page on warm caches, and the page itself, for the first of two sites.

    The other site is asked in between, so a change of site is part of the price. ``switches``
    are the messages to the server that carry a SET search_path in front of their statement.
    """
    found = {}
    for path in content.PATHS:
        for number in [1, min(2, last)] * PASSES:
            get(number, path)
        with CaptureQueriesContext(connection) as captured:
            body = get(1, path)
        texts = [query["sql"] for query in captured]
        found[path] = {
            "statements": len(texts),
            "switches": sum(text.startswith("SET search_path") for text in texts),
            "body": body,
        }
    return found


def get(number: int, path: str) -> str:
    """The page at ``path`` of the ``number``-th site; raises RuntimeError unless it is there."""
    response = Client(headers={"host": sites.host(number)}).get(path)
    if response.status_code != 200:
        raise RuntimeError(f"{sites.host(number)}{path} answered {response.status_code}.")
    return response.content.decode()
