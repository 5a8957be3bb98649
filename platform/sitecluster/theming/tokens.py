"""Design tokens: what a theme may say about colours, type, spacing and pictures in theme.toml.

Every token is a field of `Tokens`; its default is the base theme's value. Style sheets use the
token ``leading_read`` as ``var(--leading-read)``.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from .colours import derived

LENGTH = r"(?:0|\d*\.?\d+(?:rem|em|px|vw|vh|ch|%))"
SIZE = re.compile(rf"{LENGTH}|clamp\({LENGTH}, {LENGTH}(?: [+-] {LENGTH})?, {LENGTH}\)")
TEXT_SIZE = re.compile(r"(?:clamp\()?(\d*\.?\d+)rem\b.*")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
FONT = re.compile(r"[\w][\w .-]*")
PICTURE = re.compile(r"[a-z0-9-]+/[\w./-]+\.(?:(?:png|jpe?g|webp|avif)|svg(?:#[\w-]+)?)")
GENERIC_FONTS = ("serif", "sans-serif", "system-ui", "monospace", "cursive", "fangsong")
SMALLEST_TEXT = 0.875  # rem, that is 14 pixels with a browser's usual setting


class Kind(StrEnum):
    """What a token's value looks like."""

    COLOUR = "colour"
    FONTS = "fonts"
    TEXT_SIZE = "text size"
    LENGTH = "length"
    LEADING = "line height"
    LATIN_LEADING = "line height of Latin text"
    PICTURE = "picture"


LEAST_LEADING = {Kind.LEADING: 1.7, Kind.LATIN_LEADING: 1.5}
SANS = (
    "PingFang SC", "Source Han Sans SC", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei",
    "system-ui", "sans-serif",
)  # fmt: skip
SERIF = (
    "Source Han Serif SC", "Noto Serif CJK SC", "Noto Serif SC", "Songti SC", "STSong", "SimSun",
    "serif",
)  # fmt: skip


def token(table: str, kind: Kind, default: Any) -> Any:
    """A field of `Tokens`: its table in theme.toml, its kind, its default."""
    return field(default=default, metadata={"table": table, "kind": kind})


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """The tokens of one theme."""

    main: str = token("colours", Kind.COLOUR, "#1e4a6d")
    mark: str = token("colours", Kind.COLOUR, "#a5341f")
    accent: str = token("colours", Kind.COLOUR, "#a98a4d")

    paper: str = token("neutrals", Kind.COLOUR, "#ffffff")
    ground: str = token("neutrals", Kind.COLOUR, "#f6f3eb")
    ink: str = token("neutrals", Kind.COLOUR, "#1a2127")
    soft: str = token("neutrals", Kind.COLOUR, "#4e5862")
    line: str = token("neutrals", Kind.COLOUR, "#e2ddd1")
    edge: str = token("neutrals", Kind.COLOUR, "#77818a")

    sans: tuple[str, ...] = token("type", Kind.FONTS, SANS)
    serif: tuple[str, ...] = token("type", Kind.FONTS, SERIF)
    small: str = token("type", Kind.TEXT_SIZE, "0.9375rem")
    body: str = token("type", Kind.TEXT_SIZE, "clamp(1rem, 0.9rem + 0.35vw, 1.0625rem)")
    large: str = token("type", Kind.TEXT_SIZE, "clamp(1.125rem, 1.025rem + 0.35vw, 1.1875rem)")
    head: str = token("type", Kind.TEXT_SIZE, "clamp(1.25rem, 1.15rem + 0.35vw, 1.3125rem)")
    title: str = token("type", Kind.TEXT_SIZE, "clamp(1.625rem, 1.3rem + 1.5vw, 2.375rem)")
    leading: float = token("type", Kind.LEADING, 1.75)
    leading_read: float = token("type", Kind.LEADING, 1.95)
    measure: str = token("type", Kind.LENGTH, "38em")

    latin_sans: tuple[str, ...] = token(
        "type", Kind.FONTS, ("Segoe UI", "Helvetica Neue", "Arial", "system-ui", "sans-serif")
    )
    latin_serif: tuple[str, ...] = token(
        "type", Kind.FONTS, ("Georgia", "Noto Serif", "Times New Roman", "serif")
    )
    latin_leading: float = token("type", Kind.LATIN_LEADING, 1.6)
    latin_leading_read: float = token("type", Kind.LATIN_LEADING, 1.75)

    gutter: str = token("spacing", Kind.LENGTH, "clamp(1rem, 4vw, 2.5rem)")
    gap: str = token("spacing", Kind.LENGTH, "clamp(2rem, 5vw, 4.5rem)")
    section: str = token("spacing", Kind.LENGTH, "clamp(2.5rem, 5vw, 4.5rem)")
    radius: str = token("spacing", Kind.LENGTH, "3px")

    logo: str = token("pictures", Kind.PICTURE, "base/mark.svg#mark")
    header: str = token("pictures", Kind.PICTURE, "base/landscape.svg#landscape")
    notice: str = token("pictures", Kind.PICTURE, "base/gate.svg#gate")

    @property
    def colours(self) -> dict[str, str]:
        """Every colour by its name, those that follow from others included."""
        given = {each.name: getattr(self, each.name) for each in of_kind(Kind.COLOUR)}
        return {**given, **derived(self.main, self.paper)}

    def in_colours(self, given: Mapping[str, str]) -> "Tokens":
        """The same tokens with the colours of one of the theme's sets."""
        return replace(self, **given)  # type: ignore[arg-type]

    def css(self) -> str:
        """The tokens as CSS custom properties, those of Latin text under ``:lang(en)``."""
        values = {**asdict(self), **self.colours}
        for each in of_kind(Kind.PICTURE):
            del values[each.name]
        latin = {name: values.pop(name) for name in list(values) if name.startswith("latin_")}
        own = {name.removeprefix("latin_"): value for name, value in latin.items()}
        return f":root {{\n{_rules(values)}}}\n\n:lang(en) {{\n{_rules(own)}}}\n"


@dataclass(frozen=True)
class ColourSet:
    """Colours of a theme that a site may wear instead of its own: titles by language, tokens."""

    titles: Mapping[str, str]
    given: Mapping[str, str]

    def title(self, language: str) -> str:
        """What the set is called in a language (``zh-hans``, ``en``)."""
        return self.titles.get(language) or next(iter(self.titles.values()), "")


def set_css(name: str, tokens: Tokens) -> str:
    """The colours of the set ``name`` as custom properties of a page that names it.

    No more specific than ``:root``, so that a reader's own view, which follows, wins.
    """
    return f'[data-colours="{name}"] {{\n{_rules(tokens.colours)}}}\n'


def of_kind(kind: Kind) -> list[Any]:
    """The tokens of one kind."""
    return [each for each in fields(Tokens) if each.metadata["kind"] is kind]


TABLES: dict[str, dict[str, Any]] = {}
for _each in fields(Tokens):
    TABLES.setdefault(_each.metadata["table"], {})[_each.name] = _each.metadata["kind"]


def parsed(kind: Kind, value: Any) -> Any:
    """The token's value as `Tokens` holds it; raises ValueError with what it should be instead."""
    match kind:
        case Kind.COLOUR:
            if isinstance(value, str) and COLOUR.fullmatch(value):
                return value.lower()
            raise ValueError(_("Write a colour as #rrggbb, for example #1e4a6d."))
        case Kind.FONTS:
            return _fonts(value)
        case Kind.TEXT_SIZE:
            return _text_size(value)
        case Kind.LENGTH:
            if isinstance(value, str) and SIZE.fullmatch(value):
                return value
            raise ValueError(_("Write a length such as 2rem, or clamp(1rem, 4vw, 2.5rem)."))
        case Kind.PICTURE:
            if isinstance(value, str) and PICTURE.fullmatch(value):
                return value
            raise ValueError(
                _("Name a static file, for example river/mark.svg#mark or river/photo.webp.")
            )
    least = LEAST_LEADING[kind]
    if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= 3:
        return float(value)
    raise ValueError(_("Write a number from %(least)s to 3.") % {"least": least})


def _fonts(value: Any) -> tuple[str, ...]:
    named = isinstance(value, list) and all(
        isinstance(font, str) and FONT.fullmatch(font) for font in value
    )
    if not named or not value or value[-1] not in GENERIC_FONTS:
        raise ValueError(
            _("Write a list of font names that ends with one of %(fonts)s.")
            % {"fonts": ", ".join(GENERIC_FONTS)}
        )
    return tuple(value)


def _text_size(value: Any) -> str:
    size = TEXT_SIZE.fullmatch(value) if isinstance(value, str) else None
    if size is None or not SIZE.fullmatch(value) or float(size[1]) < SMALLEST_TEXT:
        raise ValueError(
            _("Write a size of %(least)srem or more, for example 1.0625rem.")
            % {"least": SMALLEST_TEXT}
        )
    return str(value)


def _rules(values: Mapping[str, Any]) -> str:
    return "".join(
        f"  --{name.replace('_', '-')}: {_css(value)};\n" for name, value in values.items()
    )


def _css(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(font if font in GENERIC_FONTS else f'"{font}"' for font in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
