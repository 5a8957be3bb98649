"""The base theme as files: colours, drawings, and nothing fetched from elsewhere."""

import re
import tomllib
from pathlib import Path

import pytest
from django.template.loader import get_template

THEME = Path(__file__).parents[2] / "themes" / "base"
TEMPLATES = sorted((THEME / "templates").rglob("*.html"))
SHEET = (THEME / "static" / "base" / "site.css").read_text("utf8")
TOKENS: dict[str, str] = tomllib.loads((THEME / "theme.toml").read_text("utf8"))["tokens"]


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2), 0 to 1."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2), 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_tokens_are_the_colours_of_the_sheet() -> None:
    head = SHEET[SHEET.index(":root {") : SHEET.index("}")]
    assert dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", head)) == TOKENS


@pytest.mark.parametrize("text", ["ink", "soft", "main", "mark"])
@pytest.mark.parametrize("ground", ["paper", "ground"])
def test_text_is_readable_on_its_ground(text: str, ground: str) -> None:
    assert contrast(TOKENS[text], TOKENS[ground]) >= 4.5


def test_white_is_readable_on_footer_and_buttons() -> None:
    assert min(contrast("#ffffff", TOKENS[name]) for name in ("main", "deep")) >= 4.5


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_template_parses(path: Path) -> None:
    name = str(path.relative_to(THEME / "templates"))
    assert get_template(name)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_template_fetches_nothing_from_elsewhere(path: Path) -> None:
    source = path.read_text("utf8")
    assert re.findall(r'(?:src|srcset|action)="https?:|<link[^>]+href="https?:', source) == []
    assert "<script" not in source


def test_sheet_fetches_nothing() -> None:
    assert re.findall(r"url\(|@import|@font-face", SHEET) == []


def test_drawings_used_exist() -> None:
    wanted = {
        use
        for path in TEMPLATES
        for use in re.findall(r'<use href="{% static "(.+?)" %}#(\w+)"', path.read_text("utf8"))
    }
    assert wanted
    for file, name in wanted:
        assert f'id="{name}"' in (THEME / "static" / file).read_text("utf8")
