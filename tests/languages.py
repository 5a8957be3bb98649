"""The language that tests compare sentences in."""

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Sentences as they stand in the code, in every folder whose conftest imports this; the
    catalogues have tests of their own."""
    with translation.override("en"):
        yield
