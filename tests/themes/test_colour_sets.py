"""Sets of colours and the sections of a front page in theme.toml."""

from sitecluster.theming.catalogue import themes
from sitecluster.theming.inspection import problems_of
from sitecluster.theming.sheet import sheet
from tests.themes.conftest import Author

TITLES = '[title]\nzh = "大河"\nen = "River"\n'
DUSK = '[sets.dusk]\nzh = "暮色"\nen = "Dusk"\nmain = "#4a2f55"\nground = "#f5f1f6"\n'


def faults(text: str) -> list[str]:
    return [str(each) for each in problems_of(text) if each.serious]


def test_a_set_is_the_themes_colours_with_some_of_its_own(author: Author) -> None:
    author({"river/theme.toml": TITLES + '[colours]\nmark = "#8a2f1c"\n' + DUSK})
    theme = themes()["river"]
    assert faults("river") == []
    text = sheet(theme)
    _before, rules = text.split('[data-colours="dusk"] {', 1)
    rules = rules.split("}", 1)[0]
    assert "--main: #4a2f55;" in rules
    assert "--mark: #8a2f1c;" in rules
    assert "--deep: " in rules
    assert "--sans" not in rules
    assert text.index("[data-colours=") < text.index("data-view~=")
    assert theme.sets["dusk"].title("en") == "Dusk"


def test_sets_and_sections_come_from_the_nearest_theme_that_has_some(author: Author) -> None:
    author(
        {
            "river/theme.toml": 'home = ["news", "list"]\n' + TITLES + DUSK,
            "delta/theme.toml": 'extends = "river"\n' + TITLES,
        }
    )
    assert themes()["delta"].home == ("news", "list")
    assert list(themes()["delta"].sets) == ["dusk"]


def test_what_is_wrong_is_named_with_its_line(author: Author) -> None:
    pale = DUSK.replace("#4a2f55", "#c9b8d0")
    author(
        {
            "river/theme.toml": 'home = ["news", "weather"]\n' + TITLES,
            "lake/theme.toml": TITLES + pale,
            "hill/theme.toml": TITLES + '[sets.dusk]\nzh = "暮色"\nmian = "#000000"\n',
            "wood/theme.toml": TITLES + DUSK.replace("#4a2f55", "purple"),
        }
    )
    assert "weather" in faults("river")[0]
    assert problems_of("river")[0].line == 1
    assert all("dusk" in fault for fault in faults("lake"))
    assert any("#c9b8d0" in fault for fault in faults("lake"))
    assert any("mian" in fault for fault in faults("hill"))
    assert any("purple" in fault for fault in faults("wood"))
    assert "hill" not in themes()


def test_every_set_of_the_platforms_themes_can_be_read() -> None:
    for name in ("base", "portal", "department", "township"):
        assert faults(name) == []
    for name in ("portal", "department", "township"):
        assert len(themes()[name].sets) >= 2
        assert themes()[name].home
