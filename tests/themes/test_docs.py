"""docs/themes.md holds what it says: its theme is built from its text and worn by a site."""

import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.conf import settings

from sitecluster.theming.catalogue import themes
from sitecluster.theming.inspection import problems_of
from sitecluster.theming.sheet import sheet
from sitecluster.theming.tokens import Tokens
from tenants import directory
from tenants.directory import Site
from tenants.life.lifecycle import set_theme
from tests.conftest import client_for

Author = Callable[[dict[str, str]], Path]
ROOT = Path(settings.THEMES_DIRS[0]).parent
PAGES = {language: ROOT / "docs" / f"themes{language}.md" for language in ("", ".zh-Hans")}
BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
FILE = re.compile(r"\A(?:<!--|/\*|#) (river/\S+)")


def files_of(text: str) -> dict[str, str]:
    """The files that the page tells its reader to write; each names itself in its first line."""
    blocks = [code for _language, code in BLOCK.findall(text)]
    return {found[1]: code for code in blocks if (found := FILE.match(code))}


def test_the_theme_of_the_page_is_sound_and_worn(author: Author, beta: Site) -> None:
    files = files_of(PAGES[""].read_text("utf8"))
    listed = BLOCK.findall(PAGES[""].read_text("utf8"))[0][1].split()[1:]
    assert sorted(files) == sorted(f"river/{name}" for name in listed)
    author(files)
    assert [str(each) for each in problems_of("river") if each.serious] == []
    set_theme("beta", "river")
    directory.forget()
    soup = BeautifulSoup(client_for("www.alpha.localhost").get("/zz/beta/").content, "html.parser")
    motto = soup.select_one(".hero--river .hero__motto")
    drawing = soup.select_one(".hero__scene use")
    assert motto is not None
    assert motto.get_text() == "首页"
    assert drawing is not None
    assert drawing["href"] == "/static/river/ferry.svg#ferry"
    assert soup.select_one('link[href="/static/river/theme.css"]')
    assert soup.select_one(".menu a")  # the base theme's
    text = sheet(themes()["river"])
    assert "--main: #1d4f7a;" in text
    assert "--leading: 1.8;" in text
    assert ".hero__motto {" in text


def test_both_languages_show_the_same_code() -> None:
    blocks = [BLOCK.findall(page.read_text("utf8")) for page in PAGES.values()]
    assert blocks[0] == blocks[1]
    assert len(blocks[0]) == 7


@pytest.mark.parametrize("language", PAGES)
def test_the_table_of_tokens_is_that_of_the_code(language: str) -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| `(\w+)` \| `(.*?)` \| (.+) \|$", PAGES[language].read_text("utf8"), re.M
    )
    found = [(table, name, default) for table, name, default, _meaning in rows]
    assert found == [
        (each.metadata["table"], each.name, written(each.default)) for each in fields(Tokens)
    ]


def written(default: Any) -> str:
    """A default as theme.toml would have it; the table quotes colours and numbers plainly."""
    if isinstance(default, tuple):
        return "[" + ", ".join(f'"{font}"' for font in default) + "]"
    plain = isinstance(default, float) or default.startswith("#")
    return str(default) if plain else f'"{default}"'


@pytest.mark.parametrize("language", PAGES)
def test_the_page_names_every_template_of_base(language: str) -> None:
    text = PAGES[language].read_text("utf8")
    root = themes()["base"].folder / "templates"
    for path in root.rglob("*.html"):
        name = str(path.relative_to(root))
        if name.startswith("cms/blocks/"):
            assert f"`{path.stem}`" in text
        else:
            assert f"`{name}`" in text, name
    for block in re.findall(r"{% block (\w+) %}", (root / "cms/home_page.html").read_text()):
        assert f"`{block}`" in text


def test_the_platforms_own_templates_have_no_words_of_their_own() -> None:
    """Texts go through gettext: no Chinese and no sentence stands in a template."""
    for theme in ("base", "portal", "department", "township"):
        for path in (themes()[theme].folder / "templates").rglob("*.html"):
            bare = re.sub(
                r"{#.*?#}|{%.*?%}|{{.*?}}|<[^>]*>|<style>.*?</style>",
                "",
                path.read_text(),
                flags=re.S,
            )
            assert not re.search(r"[一-鿿]", bare), path
