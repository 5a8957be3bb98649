"""A front page put together: its sections in bands, one below the other.

Sections of half the width stand side by side, four in a band at most. The grounds of bands change
from one to the next; what only adds to the band above it (`TIGHT`) shares its ground.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from sitecluster.cms.chrome import Chrome

from .content import Content
from .parts import PARTS
from .sections import HALVES, usual_sections

HEROES = frozenset({"search", "tasks", "banner"})
TIGHT = frozenset({"topics", "figures", "friends"})
BAND, PAIR = "band", "pair"
HALVES_IN_BAND = 4


@dataclass
class Part:
    """One section: what its component ``components/home_<kind>.html`` shows."""

    kind: str
    id: str
    shown: dict[str, Any]

    @property
    def template(self) -> str:
        """The component that draws it."""
        return f"components/home_{self.kind}.html"


@dataclass
class Band:
    """What stands side by side: one section of the whole width, or some of half of it.

    ``ground``: on the theme's ground instead of its paper; ``tight``: without room above.
    """

    kind: str
    parts: list[Part] = field(default_factory=list)
    ground: bool = False
    tight: bool = False

    @property
    def template(self) -> str:
        """The component that draws it."""
        return f"components/home_{self.kind}.html"

    @property
    def part(self) -> Part:
        """The one section, or the first of several."""
        return self.parts[0]

    @property
    def hero(self) -> bool:
        """Does it have the header picture?"""
        return self.kind in HEROES


def composed(home: Any, request: HttpRequest) -> dict[str, Any]:
    """What the template of the front page ``home`` needs; as it is in memory, drafts included."""
    frame = Chrome(request, home)
    sections = home.sections or usual_sections()
    given = [(section.block_type, section.value) for section in sections]
    content = Content(home, given, frame)
    parts: list[Part] = []
    for kind, value in given:
        for shown in PARTS[kind](content, value) if kind in PARTS else [{}]:
            parts.append(Part(kind, f"s{len(parts) + 1}", shown))
    bands = in_bands(parts)
    return {
        "site_chrome": frame,
        "bands": bands,
        "search_in_header": not any(part.kind == "search" for part in parts),
        "blank": all(band.hero for band in bands),
    }


def in_bands(parts: Iterable[Part]) -> list[Band]:
    """The sections in bands, with their grounds."""
    bands: list[Band] = []
    broken = True
    for part in parts:
        if part.kind == BAND:
            broken = True
        elif part.kind not in HALVES:
            bands.append(Band(part.kind, [part]))
            broken = True
        elif broken or len(bands[-1].parts) == HALVES_IN_BAND:
            bands.append(Band(PAIR, [part]))
            broken = False
        else:
            bands[-1].parts.append(part)
    _grounds(bands)
    return bands


def _grounds(bands: list[Band]) -> None:
    above: Band | None = None
    for band in bands:
        if band.hero:
            band.ground, above = True, None
            continue
        if above is not None:
            band.tight = band.kind in TIGHT
            band.ground = above.ground if band.tight else not above.ground
        above = band
