"""From live pages to the library's entries: where each stands in its site, and what it says.

The number of statements doesn't depend on the number of pages.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Q
from wagtail.models import Locale, Page, Site

from sitecluster.library.register import Entry, Place

from .addresses import language_root
from .listings import HOME_DEPTH
from .register_fields import Registered, column_types, prefetch_children, revision_hash

STEP = Page.steplen
HOME = HOME_DEPTH * STEP  # the length of a home page's tree path


@dataclass(frozen=True)
class Ancestor:
    """What of a page matters for those below it."""

    url_path: str
    title: str
    is_column: bool
    language: str


@dataclass(frozen=True)
class Spot:
    """A page's position, as Wagtail's page table has it."""

    page_id: int
    path: str
    url_path: str


class Surroundings:
    """The columns and home pages above some pages, read in one statement."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.above = self._ancestors(set(paths))

    def _ancestors(self, paths: set[str]) -> dict[str, Ancestor]:
        wanted = {
            path[:end] for path in paths for end in range(HOME, max(len(path), HOME + 1), STEP)
        }
        columns = column_types()
        found = Page.objects.filter(path__in=wanted).values_list(
            "path", "url_path", "title", "content_type_id", "locale__language_code"
        )
        return {row[0]: Ancestor(row[1], row[2], row[3] in columns, row[4]) for row in found}

    def place(self, spot: Spot) -> Place | None:
        """Where the page stands; None for one outside of every home page."""
        home = self.above.get(spot.path[:HOME])
        if home is None:
            return None
        column = next(self._columns_above(spot.path), None)
        return Place(
            page_id=spot.page_id,
            path=_public_path(home, spot.url_path),
            column_path=_public_path(home, column.url_path) if column else "",
            column_title=column.title if column else "",
        )

    def _columns_above(self, path: str) -> Iterator[Ancestor]:
        for end in range(len(path) - STEP, HOME, -STEP):
            ancestor = self.above.get(path[:end])
            if ancestor and ancestor.is_column:
                yield ancestor


def entries_of(pages: Sequence[Page]) -> list[Entry]:
    """The entries of these specific pages; those without a public address are left out."""
    homes = home_paths()
    pages = [page for page in pages if is_public(page, homes)]
    prefetch_children(pages)
    around = Surroundings(page.path for page in pages)
    languages = dict(Locale.objects.values_list("pk", "language_code"))
    return [_entry(page, around, languages[page.locale_id]) for page in pages]


def live_entries() -> list[Entry]:
    """The entries of all live pages of the active site."""
    return entries_of(list(Page.objects.live().filter(depth__gte=HOME_DEPTH).specific()))


def places_below(branches: Iterable[str]) -> list[Place]:
    """Where the live pages below these tree paths stand."""
    below = Q()
    for branch in _outermost(branches):
        below |= Q(path__startswith=branch) & ~Q(path=branch)
    if not below:
        return []
    rows = Page.objects.live().filter(below).values_list("pk", "path", "url_path")
    spots = [Spot(*row) for row in rows]
    around = Surroundings(spot.path for spot in spots)
    return [place for spot in spots if (place := around.place(spot))]


def is_public(page: Any, homes: frozenset[str]) -> bool:
    """Has this live page an address for citizens? ``homes`` as `home_paths` gives them."""
    return isinstance(page, Registered) and page.path[:HOME] in homes


def home_paths() -> frozenset[str]:
    """The tree paths of the site's home pages, one a language."""
    roots = Site.objects.values("root_page__translation_key")
    homes = Page.objects.filter(depth=HOME_DEPTH, translation_key__in=roots)
    return frozenset(homes.values_list("path", flat=True))


def _outermost(branches: Iterable[str]) -> Iterator[str]:
    last = None
    for branch in sorted(branches):
        if last is None or not branch.startswith(last):
            last = branch
            yield branch


def _entry(page: Any, around: Surroundings, language: str) -> Entry:
    spot = Spot(page.pk, page.path, page.url_path)
    place = around.place(spot)
    assert place is not None
    own, payload = page.library_fields(), page.library_payload()
    return Entry(
        **asdict(place),
        kind=page.library_kind,
        language=language,
        translation_key=page.translation_key,
        title=page.title,
        summary=own.summary,
        body_text=page.library_text(),
        source=own.source,
        published_at=own.published_at or page.first_published_at,
        updated_at=page.last_published_at,
        revision_hash=revision_hash(own, payload),
        metadata=own.metadata,
        payload=payload,
    )


def _public_path(home: Ancestor, url_path: str) -> str:
    return language_root(home.language) + url_path[len(home.url_path) :]
