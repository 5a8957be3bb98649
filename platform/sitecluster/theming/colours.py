"""Colours as `#rrggbb`: contrast, shades, and which of a theme's are read on which."""

from collections.abc import Iterator, Mapping

TEXT, EDGE = (
    4.5,
    3.0,
)  # contrast ratios of text and of the edges of fields (WCAG 2.2, 1.4.3, 1.4.11)
DARKER, FAINT = 0.65, 0.28
# What stands on what: token, token below it, least contrast.
READ = ("ink", "soft", "main", "mark")
PAIRS = (
    *((text, "paper", TEXT) for text in READ),
    *((text, "ground", TEXT) for text in READ),
    ("paper", "deep", TEXT),
    ("edge", "paper", EDGE),
)


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    parts = [value / 255 for value in _parts(colour)]
    r, g, b = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mixed(one: str, other: str, share: float) -> str:
    """``share`` (0 to 1) of the first colour and the rest of the second."""
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def derived(main: str, paper: str) -> dict[str, str]:
    """The shades that follow from the main colour: the ground of the footer and its lines."""
    deep = mixed(main, "#000000", DARKER)
    return {"deep": deep, "deep_line": mixed(paper, deep, FAINT)}


def faint(colours: Mapping[str, str]) -> Iterator[tuple[str, str, float, float]]:
    """Pairs of tokens without enough contrast: token, ground, their ratio, the least ratio."""
    for text, ground, least in PAIRS:
        ratio = contrast(colours[text], colours[ground])
        if ratio < least:
            yield text, ground, ratio, least


def _parts(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
