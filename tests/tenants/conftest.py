"""What the tests of provisioning share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import translation

from sitecluster.tenancy import connection
from tenants import directory
from tenants.directory import Site
from tenants.orders import Order
from tenants.provisioning import provision

Open = Callable[..., Site]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Sentences as they stand in the code; the catalogues have tests of their own."""
    with translation.override("en"):
        yield


@pytest.fixture
def open_site(alpha: Site) -> Open:
    """Opens a site below the portal; its code is ``fresh`` unless another is given."""

    def open_site(kind: str = "township", code: str = "fresh", **wishes: str) -> Site:
        order = Order(
            **{"code": code, "name": "新镇人民政府", "kind": kind, "parent": "alpha", **wishes}
        )
        outcome = provision(order)
        assert outcome.created
        directory.forget()
        return outcome.site

    return open_site


def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows that a statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
