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
from .asking import ask
from .cluster import Cluster
from .patterns import Place, places
from .questions import Walk, Walker, is_compared
from .roles import PLATFORM

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
def seen_there(empty_cluster: Cluster, baseline: Any) -> list[str]:
    """Fills the other site, committed, so that whatever waits for a commit has run, and looks at
    its screens, which leaves in every cache what it will. Gives those that show what is ours."""
    empty_cluster.fill_there()
    browser = empty_cluster.people[PLATFORM].browser(empty_cluster.there)
    paths = [place.path({}) for place in places() if place.plain and not place.parameters]
    return [path for path in paths if empty_cluster.ours.found_in(ask(browser, path).everything)]


@pytest.fixture(scope="package")
def cluster(empty_cluster: Cluster, seen_there: list[str]) -> Cluster:
    """Both sites filled, and the other one served before any question of a test."""
    return empty_cluster
