"""A broken theme is named at the check: file, line, what to do. It never reaches a site."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.utils import translation

from sitecluster.theming.catalogue import catalogue, default_theme, themes
from sitecluster.theming.inspection import problems_of, refusals
from tenants.directory import Site
from tenants.life.lifecycle import set_theme
from tenants.models import Tenant
from tenants.provisioning import ProvisionError
from tests.themes import authoring

Author = Callable[[dict[str, str]], Path]
TITLE = '[title]\nzh = "大河"\nen = "River"\n'
SOUND = {"river/theme.toml": TITLE, "river/static/river/preview.svg": "<svg/>"}
TOML, HEADER = "river/theme.toml", "river/templates/components/header.html"

# What stands in the files, and the place and a word that the check must name.
BROKEN: dict[str, tuple[dict[str, str], str, str]] = {
    "not toml": ({TOML: "[title]\nzh = 大河\n"}, "theme.toml, line 2", "TOML"),
    "not utf-8": ({TOML: TITLE + "# \udcff"}, "theme.toml", "UTF-8"),
    "unknown key": ({TOML: 'colour = "red"\n' + TITLE}, "theme.toml, line 1", "colours"),
    "unknown token": ({TOML: TITLE + '[colours]\nmian = "#000000"\n'}, "theme.toml, line 5", "main"),
    "bad colour": ({TOML: TITLE + '[colours]\nmain = "blue"\n'}, "theme.toml, line 5", "#rrggbb"),
    "a table that is none": ({TOML: "colours = 3\n" + TITLE}, "theme.toml, line 1", "[colours]"),
    "title that is none": ({TOML: 'title = "River"\n'}, "theme.toml, line 1", "docs/themes.md"),
    "low contrast": ({TOML: TITLE + '[colours]\nmain = "#7fa8c9"\n'}, "theme.toml, line 5", "4.5"),
    "small text": ({TOML: TITLE + '[type]\nsmall = "0.7rem"\n'}, "theme.toml, line 5", "0.875rem"),
    "no such picture": (
        {TOML: TITLE + '[pictures]\nlogo = "river/no.webp"\n'}, "theme.toml, line 5", "river/no.webp"
    ),
    "no such part": (
        {TOML: TITLE + '[pictures]\nlogo = "base/mark.svg#sign"\n'}, "theme.toml, line 5", "sign"
    ),
    "no such parent": ({TOML: 'extends = "sea"\n' + TITLE}, "theme.toml", "sea"),
    "own parent": ({TOML: 'extends = "river"\n' + TITLE}, "theme.toml", "extends"),
    "syntax error": ({HEADER: "a\n{% if x %}\n"}, "header.html, line 2", "if"),
    "unknown tag": ({HEADER: "a\n\n{% marquee %}\n"}, "header.html, line 3", "marquee"),
    "unknown filter": ({HEADER: "{{ x|shine }}"}, "header.html, line 1", "shine"),
    "no such library": ({HEADER: "{% load sparkle %}"}, "header.html, line 1", "sparkle"),
    "no such parent template": (
        {HEADER: '{% extends "components/head.html" %}'}, "header.html, line 1", "components/head.html"
    ),
    "no such part template": (
        {HEADER: '\n{% if a %}{% include "components/x.html" %}{% endif %}'},
        "header.html, line 2", "components/x.html",
    ),
    "itself without another": (
        {"river/templates/own.html": '{% extends "own.html" %}'}, "own.html, line 1", "own.html"
    ),
    "no such static file": (
        {HEADER: '{% load static %}\n<img src="{% static "river/no.png" %}">'},
        "header.html, line 2", "river/no.png",
    ),
    "another server's script": (
        {HEADER: '\n<script src="https://count.example/x.js"></script>'}, "header.html, line 2", "server"
    ),
    "a screen of the admin": (
        {"river/templates/wagtailadmin/base.html": "x"}, "wagtailadmin/base.html", "wagtailadmin"
    ),
    "a picture of a style sheet": (
        {"river/static/river/site.css": "a {\n  background: url(no.png);\n}"},
        "site.css, line 2", "no.png",
    ),
    "an address that leads out": (
        {"river/static/river/site.css": "a { background: url(../../../../../x.png) }"},
        "site.css, line 1", "x.png",
    ),
    "a font of another server": (
        {"river/static/river/site.css": '@import "//fonts.example/x.css";'}, "site.css, line 1", "server"
    ),
    "a file that is never served": (
        {"river/static/site.css": "a {}"}, "static/site.css", "static/river/"
    ),
    "a name that is taken": ({"wagtailadmin/theme.toml": TITLE}, "wagtailadmin", "wagtailadmin"),
    "a folder with capitals": ({"River/theme.toml": TITLE}, "River/theme.toml", "River"),
}  # fmt: skip


def broken_files(case: str) -> tuple[str, dict[str, str]]:
    files = BROKEN[case][0]
    name = next(iter(files)).split("/")[0]
    return name, {**(SOUND if name == "river" else {}), **files}


@pytest.fixture(params=BROKEN)
def case(request: pytest.FixtureRequest, themes_dir: Path) -> str:
    """A theme with one fault, in THEMES_DIR."""
    files = broken_files(request.param)[1]
    if request.param == "not utf-8":
        authoring.write(themes_dir, SOUND)
        (themes_dir / TOML).write_bytes(b"\xff" + TITLE.encode())
    else:
        authoring.write(themes_dir, files)
    authoring.forget()
    name: str = request.param
    return name


def test_the_check_names_file_line_and_what_to_do(case: str) -> None:
    _files, place, word = BROKEN[case]
    with translation.override("en"), pytest.raises(SystemCheckError) as failure:
        call_command("check", tags=["themes"])
    said = str(failure.value)
    assert f"{place}: " in said or f"{place}, line " in said, said
    assert word in said


def test_a_site_is_not_given_a_broken_theme(case: str, alpha: Site) -> None:
    name = broken_files(case)[0]
    with pytest.raises(ProvisionError) as refusal:
        set_theme("alpha", name)
    assert len(refusal.value.problems) >= 2
    assert Tenant.objects.get(code="alpha").theme == "portal"
    with pytest.raises(CommandError):
        call_command("themes", name, stdout=io.StringIO())


def test_a_sound_theme_passes_and_is_given(author: Author, alpha: Site) -> None:
    author(SOUND)
    assert problems_of("river") == []
    call_command("check", tags=["themes"])
    set_theme("alpha", "river")
    assert Tenant.objects.get(code="alpha").theme == "river"


def test_an_unknown_theme_is_refused_with_those_that_exist(themes_dir: Path) -> None:
    (sentence,) = refusals("sea")
    assert "department" in sentence


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ({"river/templates/cms/hompage.html": "x"}, "cms/hompage.html"),
        ({TOML: '[title]\nzh = "大河"\n'}, "en"),
        ({TOML: 'kinds = ["villge"]\n' + TITLE}, "villge"),
        (
            {
                TOML: 'kinds = ["department"]\n' + TITLE,
                "lake/theme.toml": 'kinds = ["department"]\n' + TITLE,
            },
            "lake",
        ),
    ],
)
def test_likely_mistakes_are_warnings(author: Author, files: dict[str, str], word: str) -> None:
    author({**SOUND, **files})
    (problem,) = problems_of("river")
    assert not problem.serious
    assert word in str(problem)
    assert refusals("river") == []
    call_command("check", tags=["themes"])


def test_a_theme_without_preview_picture_gets_a_warning(author: Author) -> None:
    author({TOML: TITLE})
    (problem,) = problems_of("river")
    assert not problem.serious
    assert "preview.webp" in str(problem)


def test_own_parts_and_addresses_that_exist_are_no_mistakes(author: Author) -> None:
    author(
        {
            **SOUND,
            HEADER: '{% extends "components/header.html" %}{% load static %}'
            '{% block tools %}{% include "components/own.html" %}{% include name %}'
            '<img src="{% static "river/preview.svg" %}" alt="">{% endblock %}',
            "river/templates/components/own.html": '<a href="https://www.gov.cn/">x</a>',
            "river/static/river/site.css": "a { background: url('preview.svg#x') }"
            " b { background: url(data:image/png;base64,x) } /* url(no.png) */",
        }
    )
    assert problems_of("river") == []


def test_the_public_pages_of_a_plugin_may_be_dressed(author: Author) -> None:
    author({**SOUND, "river/templates/alerts/banner.html": "{{ alerts }}"})
    assert problems_of("river") == []


def test_two_themes_of_one_name_are_a_mistake_and_the_platforms_is_used(author: Author) -> None:
    folder = author({"department/theme.toml": TITLE})
    assert themes()["department"].folder.parent != folder
    assert any("department" in sentence for sentence in refusals("department"))


def test_a_theme_may_replace_what_a_theme_between_has(author: Author) -> None:
    author(
        {
            TOML: 'extends = "department"\n' + TITLE,
            "river/static/river/preview.svg": "<svg/>",
            "river/templates/components/home_tasks.html": "x",
        }
    )
    assert problems_of("river") == []
    assert themes()["river"].lineage == ("river", "department", "base")


def test_tokens_come_from_the_themes_below(author: Author) -> None:
    author({TOML: 'extends = "department"\n' + TITLE + '[colours]\nmark = "#7a2a25"\n'})
    river, department = themes()["river"].tokens, themes()["department"].tokens
    assert (river.main, river.mark) == (department.main, "#7a2a25")
    assert river.sans == themes()["base"].tokens.sans


def test_new_sites_of_a_kind_wear_the_theme_that_claims_it(author: Author) -> None:
    author({TOML: 'kinds = ["township", "party"]\n' + TITLE})
    kinds = ("township", "party", "department", "portal")
    assert [default_theme(kind) for kind in kinds] == ["river", "river", "department", "portal"]


def test_a_new_site_wears_the_theme_of_its_kind(gamma: Site, beta: Site) -> None:
    assert (gamma.theme, beta.theme) == ("department", "township")


def test_the_platforms_own_themes_have_no_fault() -> None:
    for name in catalogue().problems:
        assert [str(problem) for problem in problems_of(name)] == []


def test_the_command_lists_themes_and_their_kinds(author: Author) -> None:
    author(SOUND)
    output = io.StringIO()
    call_command("themes", stdout=output)
    lines = output.getvalue().splitlines()
    names = [line.split("\t")[0] for line in lines]
    assert names == ["base", "department", "portal", "township", "river"]
    assert "party" in lines[1]
    with pytest.raises(CommandError, match="sea"):
        call_command("themes", "sea")


def test_starting_and_upgrading_name_broken_themes(author: Author, monkeypatch: Any) -> None:
    from sitecluster.theming.inspection import name_broken

    said: list[str] = []
    name_broken(said.append)
    assert said == []
    author({TOML: "colours = 3"})
    name_broken(said.append)
    assert "river" in said[0]
    assert "theme.toml" in said[1]
