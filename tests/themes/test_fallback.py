"""Whatever happens to a theme, citizens get a page: the base theme's where need be."""

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.template import TemplateSyntaxError
from django.template.loader import get_template, render_to_string
from django.test import Client

from sitecluster.tenancy import tenant_context
from sitecluster.theming.catalogue import catalogue, current_theme, themes
from sitecluster.theming.inspection import problems_of
from tenants import directory
from tenants.directory import Site
from tenants.models import Tenant
from tests.conftest import client_for

Author = Callable[[dict[str, str]], Path]
TOML = '[title]\nzh = "大河"\nen = "River"\n'
FOOTER = "components/footer.html"
OURS = ("base", "department", "portal", "township")


def wears(site: Site, theme: str) -> None:
    Tenant.objects.filter(pk=site.id).update(theme=theme)
    directory.forget()


def home(host: str = "www.alpha.localhost") -> str:
    answer = client_for(host).get("/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("text", ["colours = 3", "[colours]\nmain = 1", "extends = 'sea'", "{"])
def test_a_site_with_a_broken_theme_looks_like_base(author: Author, alpha: Site, text: str) -> None:
    author({"river/theme.toml": TOML, f"river/templates/{FOOTER}": "the river's footer"})
    wears(alpha, "river")
    assert "the river's footer" in home()
    author({"river/theme.toml": text})
    page = home()
    assert "the river's footer" not in page
    assert "base/theme.css" in page


def test_one_broken_theme_leaves_the_others(author: Author, alpha: Site, gamma: Site) -> None:
    author({"river/theme.toml": "{", "sea/theme.toml": "colours = 3", "lake/theme.toml": TOML})
    assert set(themes()) == {*OURS, "lake"}
    assert set(catalogue().problems) == {*OURS, "lake", "river", "sea"}
    assert "department/theme.css" in home("gamma.alpha.localhost")


@pytest.mark.parametrize("text", ["{% if %}", "{% marquee %}", "{{ x|shine }}", "{% load sea %}"])
def test_the_template_below_stands_in_for_a_broken_one(
    author: Author, alpha: Site, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    author(
        {
            "river/theme.toml": 'extends = "lake"\n' + TOML,
            f"river/templates/{FOOTER}": text,
            "river/templates/components/menu.html": "the river's menu",
            "lake/theme.toml": TOML,
            f"lake/templates/{FOOTER}": "the lake's footer",
        }
    )
    wears(alpha, "river")
    with caplog.at_level(logging.ERROR):
        page = home()
    assert "the lake's footer" in page
    assert "the river's menu" in page
    (said,) = [each for each in caplog.records if "passed over" in each.getMessage()]
    assert said.getMessage().startswith(str(themes()["river"].folder))
    caplog.clear()
    page = home()  # which has all of its pictures now
    assert home() == page
    assert not caplog.records


def test_a_template_that_is_no_text_is_passed_over(author: Author, alpha: Site) -> None:
    folder = author({"river/theme.toml": TOML, f"river/templates/{FOOTER}": ""})
    (folder / "river" / "templates" / FOOTER).write_bytes(b"\xff\xfe\x00")
    wears(alpha, "river")
    assert 'class="foot"' in home()


def test_a_broken_template_that_extends_its_namesake_is_passed_over(
    author: Author, alpha: Site
) -> None:
    text = '{% extends "components/footer.html" %}{% nothing %}'
    author({"river/theme.toml": TOML, f"river/templates/{FOOTER}": text})
    wears(alpha, "river")
    assert 'class="foot"' in home()


def test_the_base_themes_own_faults_are_not_hidden(author: Author, settings: Any) -> None:
    folder = author({"base/theme.toml": TOML, "base/templates/x.html": "{% nothing %}"})
    settings.THEMES_DIRS = [folder]
    author({})
    with pytest.raises(TemplateSyntaxError):
        get_template("x.html")


def test_a_broken_theme_toml_of_base_leaves_its_templates(author: Author, settings: Any) -> None:
    folder = author({"base/theme.toml": "{", "base/templates/x.html": "here"})
    settings.THEMES_DIRS = [folder]
    author({})
    assert render_to_string("x.html") == "here"
    assert current_theme() == "base"
    assert catalogue().problems["base"]


def test_an_error_while_drawing_leads_to_the_error_page(author: Author, alpha: Site) -> None:
    author(
        {
            "river/theme.toml": TOML,
            f"river/templates/{FOOTER}": '{% include "components/gone.html" %}',
            "river/templates/500.html": "the river's sorry page",
        }
    )
    wears(alpha, "river")
    client = Client(headers={"host": "www.alpha.localhost"}, raise_request_exception=False)
    answer = client.get("/")
    assert (answer.status_code, answer.content) == (500, b"the river's sorry page")


def test_an_error_page_that_fails_is_the_base_themes(author: Author, alpha: Site) -> None:
    author(
        {
            "river/theme.toml": TOML,
            f"river/templates/{FOOTER}": '{% include "components/gone.html" %}',
            "river/templates/500.html": '{% include "components/gone.html" %}',
        }
    )
    wears(alpha, "river")
    client = Client(headers={"host": "www.alpha.localhost"}, raise_request_exception=False)
    answer = client.get("/")
    assert answer.status_code == 500
    assert b"<h1>" in answer.content


@pytest.fixture
def production_files(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """Static files as production keeps them: collected, under names with a hash."""
    before = settings.STORAGES
    settings.STATIC_ROOT = tmp_path / "static"
    hashed = {"BACKEND": "sitecluster.theming.storage.StaticFiles"}
    settings.STORAGES = {**before, "staticfiles": hashed}
    staticfiles_storage._setup()  # type: ignore[attr-defined]
    yield tmp_path / "static"
    settings.STORAGES = before
    staticfiles_storage._setup()  # type: ignore[attr-defined]


def collect() -> None:
    call_command("collectstatic", interactive=False, verbosity=0)


def test_files_that_were_not_collected_do_no_harm(
    author: Author, alpha: Site, production_files: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A theme that was added after collectstatic: the base theme's sheet and pictures."""
    collect()
    author(
        {
            "river/theme.toml": TOML + '[pictures]\nlogo = "river/m.svg#m"\n',
            "river/static/river/m.svg": '<svg viewBox="0 0 9 9"><g id="m"/></svg>',
        }
    )
    wears(alpha, "river")
    for _ in range(3):
        page = home()
        assert "/static/base/theme." in page
        assert "/static/base/mark." in page
        assert "/static/river/" not in page
    said = [each.getMessage() for each in caplog.records if "collectstatic" in each.getMessage()]
    assert len(said) == len(set(said)) == 2


def test_a_theme_with_faulty_files_does_not_stop_the_others(
    author: Author, alpha: Site, gamma: Site, production_files: Path
) -> None:
    folder = author(
        {
            "river/theme.toml": TOML,
            "river/static/river/site.css": ".own { color: var(--ink) } a { background: url(no.png) }"
            " b { background: url(../../../../../no.png) } i { background: url(there.svg) }"
            "\n/*# sourceMappingURL=site.css.map */",
            "river/static/river/there.svg": "<svg/>",
            "river/static/river/x.js": "",
        }
    )
    (folder / "river/static/river/latin1.css").write_bytes(b"/* \xe9 */")
    (folder / "river/static/river/x.js").write_bytes(b"// \xe9")
    assert len([each for each in problems_of("river") if each.serious]) == 3
    collect()
    wears(alpha, "river")
    (link,) = re.findall(r'href="/static/(river/theme\.\w+\.css)"', home())
    text = (production_files / link).read_text()
    assert ".own {" in text
    assert re.search(r"url\(.?there\.\w+\.svg", text)
    assert "url(no.png)" in text.replace('"', "")
    assert "/static/department/theme." in home("gamma.alpha.localhost")


def test_tokens_and_folders_are_read_once(author: Author, alpha: Site) -> None:
    folder = author({"river/theme.toml": TOML})
    wears(alpha, "river")
    assert "river/theme.css" in home()
    (folder / "river" / "theme.toml").unlink()
    assert "river/theme.css" in home()
    with tenant_context(directory.snapshot().by_code["alpha"]):
        assert themes()[current_theme()] is themes()["river"]
