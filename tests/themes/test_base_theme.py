"""The base theme as files: colours, drawings, and nothing fetched from elsewhere."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

from sitecluster.theming.tokens import Tokens

THEME = Path(__file__).parents[2] / "themes" / "base"
TEMPLATES = sorted((THEME / "templates").rglob("*.html"))
SHEET = "\n".join(file.read_text("utf8") for file in (THEME / "static" / "base").rglob("*.css"))


def test_rules_name_no_colour() -> None:
    """Colours are tokens; :root may give them other values, for print and for a view."""
    rules = re.sub(r":root\S* \{.*?\}", "", SHEET, flags=re.DOTALL)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgb|\bhsl", rules) == []


def test_rules_use_no_property_that_is_no_token() -> None:
    known = {rule.split(":")[0].strip() for rule in Tokens().css().splitlines() if "--" in rule}
    own = set(re.findall(r"^\s*(--[\w-]+):", SHEET, re.MULTILINE))
    assert set(re.findall(r"var\((--[\w-]+)", SHEET)) <= known | own


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_template_parses(path: Path) -> None:
    name = str(path.relative_to(THEME / "templates"))
    assert get_template(name)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_template_fetches_nothing_from_elsewhere(path: Path) -> None:
    source = path.read_text("utf8")
    assert re.findall(r'(?:src|srcset|action)="https?:|<link[^>]+href="https?:', source) == []
    assert (
        re.findall(r"<script(?! src=\"\{% static \"base/)(?! type=\"application/ld)", source) == []
    )


def test_sheet_fetches_nothing() -> None:
    """But cursors of the elder view, which lie beside it."""
    assert re.findall(r"url\((?!\"\.\./cursor)|@import|@font-face", SHEET) == []


def test_drawings_used_exist() -> None:
    wanted = {
        use
        for path in TEMPLATES
        for use in re.findall(r'<use href="{% static "(.+?)" %}#(\w+)"', path.read_text("utf8"))
    }
    assert wanted
    for file, name in wanted:
        assert f'id="{name}"' in (THEME / "static" / file).read_text("utf8")
