"""Tokens of theme.toml: what they may be, what style sheet they make, who may read them."""

from typing import Any

import pytest

from sitecluster.theming.colours import PAIRS, contrast, faint, mixed
from sitecluster.theming.tokens import TABLES, Kind, Tokens, of_kind, parsed

GOOD = [
    (Kind.COLOUR, "#1E4A6D", "#1e4a6d"),
    (Kind.FONTS, ["Source Han Sans SC", "思源黑体", "sans-serif"], None),
    (Kind.TEXT_SIZE, "1rem", "1rem"),
    (Kind.TEXT_SIZE, "clamp(1rem, 0.9rem + 0.35vw, 1.0625rem)", None),
    (Kind.LENGTH, "38em", "38em"),
    (Kind.LENGTH, "0", "0"),
    (Kind.LENGTH, "clamp(1rem, 4vw, 2.5rem)", None),
    (Kind.LEADING, 2, 2.0),
    (Kind.LATIN_LEADING, 1.5, 1.5),
    (Kind.PICTURE, "river/ferry.svg#ferry", None),
    (Kind.PICTURE, "river/photos/dam.webp", None),
]
BAD = [
    (Kind.COLOUR, "navy"),
    (Kind.COLOUR, "#123"),
    (Kind.COLOUR, "#1e4a6d; } body { display: none"),
    (Kind.COLOUR, 5),
    (Kind.FONTS, "Songti SC"),
    (Kind.FONTS, []),
    (Kind.FONTS, ["Songti SC"]),
    (Kind.FONTS, ['x"; } a { color: red', "serif"]),
    (Kind.TEXT_SIZE, "12px"),
    (Kind.TEXT_SIZE, "0.8rem"),
    (Kind.TEXT_SIZE, "clamp(0.5rem, 1vw, 2rem)"),
    (Kind.TEXT_SIZE, "1rem; } x {"),
    (Kind.LENGTH, "wide"),
    (Kind.LENGTH, "url(x)"),
    (Kind.LENGTH, 3),
    (Kind.LEADING, 1.5),
    (Kind.LEADING, "1.8"),
    (Kind.LEADING, True),
    (Kind.LATIN_LEADING, 9),
    (Kind.PICTURE, "https://elsewhere.example/x.svg"),
    (Kind.PICTURE, "../../etc/passwd"),
    (Kind.PICTURE, "river/photo.webp#part"),
    (Kind.PICTURE, "ferry.svg"),
]


@pytest.mark.parametrize(("kind", "value", "expected"), GOOD)
def test_good_values_are_taken(kind: Kind, value: Any, expected: Any) -> None:
    kept = parsed(kind, value)
    assert kept == (tuple(value) if isinstance(value, list) else expected or value)


@pytest.mark.parametrize(("kind", "value"), BAD)
def test_other_values_are_refused_with_what_to_write(kind: Kind, value: Any) -> None:
    with pytest.raises(ValueError, match=r"\w") as refusal:
        parsed(kind, value)
    assert str(refusal.value)[-1] in ".。"


def test_a_theme_chooses_three_colours() -> None:
    assert list(TABLES["colours"]) == ["main", "mark", "accent"]


def test_the_defaults_are_values_that_a_theme_could_write() -> None:
    for kind in Kind:
        for token in of_kind(kind):
            value = token.default
            assert parsed(kind, list(value) if isinstance(value, tuple) else value) == value


def test_the_sheet_names_every_token_but_pictures() -> None:
    css = Tokens(main="#14554c", leading=1.8).css()
    assert "--main: #14554c;" in css
    assert "--leading: 1.8;" in css
    assert '--serif: "Source Han Serif SC", ' in css
    assert "--deep: " in css
    root, latin = css.split(":lang(en)")
    assert "--leading-read: 1.95;" in root
    assert "--leading-read: 1.75;" in latin
    assert "logo" not in css
    assert "latin" not in css.replace(":lang(en)", "")


def test_contrast_is_that_of_the_norm() -> None:
    """WCAG's own examples."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert mixed("#ffffff", "#000000", 0.5) == "#808080"


def test_faint_text_is_found() -> None:
    assert list(faint(Tokens().colours)) == []
    found = {(text, ground) for text, ground, *_ratio in faint(Tokens(main="#9db8cc").colours)}
    assert found == {("main", "paper"), ("main", "ground")}
    assert {ground for _text, ground, _least in PAIRS} == {"paper", "ground", "deep"}
