"""A database of its own for the suite, with both sites filled."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.core.cache import caches
from django.db.models import F
from wagtail.models import Page

from sitecluster.plugins.contract import Scope
from sitecluster.plugins.registry import installed
from sitecluster.tenancy import PUBLIC_SCHEMA, tenant_context
from tenants import directory
from tenants.directory import Site
from tenants.switching import enable

from . import content_rest  # noqa: F401 -- fills
from .content import Filling, fill
from .keys import OURS, THEIRS, number_from
from .marks import Mark
from .roles import Person, make_people

HERE, THERE = "beta", "gamma"
"""Two peers: neither is the other's parent, so nothing is handed down."""


@dataclass
class Cluster:
    """Two sites: ``here`` is walked; ``there`` must neither show nor change."""

    here: Site
    there: Site
    ours: Mark = field(default_factory=lambda: Mark(HERE))
    theirs: Mark = field(default_factory=lambda: Mark(THERE))
    our_filling: Filling | None = None
    their_fillings: list[Filling] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)

    def fill_here(self) -> None:
        """Content of the site that is walked."""
        self.people = make_people(self.here)
        number_from(PUBLIC_SCHEMA, OURS)
        number_from(self.here.schema_name, OURS)
        self.our_filling = fill(self.here, self.ours, 1)
        with tenant_context(self.here):
            put_in_order()

    def fill_there(self) -> None:
        """Content of the other: under the same keys, then under keys of its own."""
        number_from(self.there.schema_name, OURS, but=("wagtailcore_locale",))
        number_from(self.there.schema_name, THEIRS, only=("wagtailcore_locale",))
        self.their_fillings.append(fill(self.there, self.theirs, 1))
        number_from(self.there.schema_name, THEIRS)
        number_from(PUBLIC_SCHEMA, THEIRS)
        self.their_fillings.append(fill(self.there, self.theirs, 2))
        forget_caches()


def forget_caches() -> None:
    for alias in caches:
        caches[alias].clear()


def put_in_order() -> None:
    """Give each page of the active site a moment of its own: lists go by it, and pages of one
    moment stand in an order that the database makes up anew each time."""
    later = F("id") * timedelta(milliseconds=1)
    Page.objects.update(latest_revision_created_at=F("latest_revision_created_at") + later)
    Page.objects.update(last_published_at=F("last_published_at") + later)


def opened() -> Cluster:
    """The two sites of the database that is connected, not filled yet; every plugin is on at both."""
    for label, plugin in installed().items():
        for code in (HERE, THERE):
            if plugin.manifest.scope is Scope.TENANT and label not in _site(code).plugins:
                enable(code, label)
    directory.forget()
    return Cluster(_site(HERE), _site(THERE))


def _site(code: str) -> Site:
    return directory.snapshot().by_code[code]
