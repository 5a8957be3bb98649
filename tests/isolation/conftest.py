"""One filled cluster for the whole suite, in a copy of the test database."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from tests.databases import connected_to, database_copy

from . import cluster as clusters
from .arguments import Uncovered
from .cluster import Cluster
from .patterns import Place
from .questions import Walk, Walker, is_compared

Baseline = dict[tuple[Place, str], Walk | Uncovered]


@pytest.fixture(scope="package")
def empty_cluster(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: Any
) -> Iterator[Cluster]:
    """A copy of the test database in which one site is filled and the other isn't."""
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with (
        django_db_blocker.unblock(),
        database_copy("isolation") as name,
        connected_to(name),
        override_settings(
            PASSWORD_HASHERS=hashers,
            MEDIA_ROOT=tmp_path_factory.mktemp("isolation"),
            EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
        ),
    ):
        opened = clusters.opened()
        opened.fill_here()
        yield opened


@pytest.fixture(scope="package")
def walkers(empty_cluster: Cluster) -> dict[str, Walker]:
    """Somebody in each role."""
    return {role: Walker(empty_cluster, role) for role in empty_cluster.people}


@pytest.fixture(scope="package")
def baseline(request: Any, empty_cluster: Cluster, walkers: dict[str, Walker]) -> Baseline:
    """What every pattern that is tested in this run answers while the other site is empty."""
    gc.collect()
    gc.freeze()  # the collector would go through everything that Django has loaded, again and again
    asked = {
        (item.callspec.params["place"], item.callspec.params["role"])
        for item in request.session.items
        if hasattr(item, "callspec")
        and {"place", "role"} <= item.callspec.params.keys()
        and "baseline" in item.fixturenames
        and is_compared(item.callspec.params["place"], item.callspec.params["role"])
    }
    return {
        (place, role): _explored(walkers[role], place) for place, role in sorted(asked, key=str)
    }


def _explored(walker: Walker, place: Place) -> Walk | Uncovered:
    try:
        return walker.explore(place)
    except Uncovered as error:
        return error  # fails the pattern's own test, and no other


@pytest.fixture(scope="package")
def cluster(empty_cluster: Cluster, baseline: Any) -> Cluster:
    """Both sites filled; committed, so that whatever waits for a commit has run."""
    empty_cluster.fill_there()
    return empty_cluster
