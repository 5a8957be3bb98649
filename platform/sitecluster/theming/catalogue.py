"""The installed themes. Each process reads them once: a new folder is seen after a restart."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from sitecluster.tenancy import current_tenant

from .manifest import BASE, FILE, Reader, Theme
from .problems import Problem
from .tokens import ColourSet, Tokens


@dataclass(frozen=True)
class Catalogue:
    """What lies in the folders of themes: those that can be used, and what is wrong by name."""

    themes: Mapping[str, Theme]
    problems: Mapping[str, list[Problem]]


def themes() -> Mapping[str, Theme]:
    """The themes that can be used, by name; one whose theme.toml is broken is not among them."""
    return catalogue().themes


def current_theme() -> str:
    """The theme of the active site; the base theme where there is none or it can't be used."""
    tenant = current_tenant()
    theme = tenant.theme if tenant else BASE
    return theme if theme in themes() else BASE


def colour_sets() -> Mapping[str, ColourSet]:
    """The colours that the active site may wear instead of its theme's, by name."""
    return themes()[current_theme()].sets


def default_theme(kind: str) -> str:
    """What a new site of this kind wears; a theme of THEMES_DIR goes before the platform's own."""
    claimed = [theme for theme in themes().values() if kind in theme.kinds]
    places = [Path(place) for place in settings.THEMES_DIRS]
    # The last folder first, then by name: max() takes the first of equals.
    best = max(claimed, key=lambda theme: places.index(theme.folder.parent), default=None)
    return best.name if best else BASE


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Read every theme.toml; never raises for a broken one."""
    found: dict[str, Theme] = {}
    problems: dict[str, list[Problem]] = {}
    for folder in folders():
        if folder.name in problems:
            problems[folder.name].append(_doubled(folder))
            continue
        reader = Reader(folder)
        theme = reader.read()
        problems[folder.name] = reader.problems
        if theme is not None:
            found[theme.name] = theme
    for name in list(found):
        fault = _descent(name, found)
        if fault:
            problems[name].append(fault)
    usable = {name: grown for name in sorted(found) if (grown := _grown(found[name], found))}
    base = Path(settings.THEMES_DIRS[0]) / BASE
    # The pages of a cluster whose base theme can't be read keep its templates.
    usable.setdefault(BASE, Theme(BASE, base, {}, "", "", (), {}))
    return Catalogue(usable, problems)


def folders() -> Iterator[Path]:
    """Every folder with a theme.toml, the platform's own first."""
    for place in settings.THEMES_DIRS:
        yield from sorted(file.parent for file in Path(place).glob(f"*/{FILE}"))


def _lineage(name: str, found: Mapping[str, Theme]) -> tuple[str, ...] | None:
    """The theme and those it builds on, or None where they don't lead to the base theme."""
    names: list[str] = []
    while name != BASE:
        if name in names or name not in found:
            return None
        names.append(name)
        name = found[name].extends
    return (*names, BASE)


def _grown(theme: Theme, found: Mapping[str, Theme]) -> Theme | None:
    """The theme with what it has from those it builds on."""
    lineage = _lineage(theme.name, found)
    if lineage is None:
        return None
    given: dict[str, object] = {}
    for name in reversed(lineage):
        given |= found[name].given if name in found else {}
    nearest = [found[name] for name in lineage if name in found]
    return replace(
        theme,
        lineage=lineage,
        tokens=Tokens(**given),  # type: ignore[arg-type]
        home=next((each.home for each in nearest if each.home), ()),
        sets=next((each.sets for each in nearest if each.sets), {}),
    )


def _descent(name: str, found: Mapping[str, Theme]) -> Problem | None:
    if _lineage(name, found) is not None:
        return None
    theme = found[name]
    text = _("It extends %(parent)s, which is not installed, is broken, or extends this theme.")
    return Problem(
        theme.folder / FILE,
        0,
        text % {"parent": theme.extends},
        _("Name a theme that works, or leave extends out."),
    )


def _doubled(folder: Path) -> Problem:
    return Problem(
        folder / FILE,
        0,
        _("There are two themes %(name)s; this one is not used.") % {"name": folder.name},
        _("Give its folder another name."),
    )
