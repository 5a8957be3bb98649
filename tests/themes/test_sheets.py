"""The style sheet of a theme: one file, one request, names that never meet."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.views import serve
from django.core.management import call_command
from django.test import RequestFactory

from sitecluster.tenancy import connection
from sitecluster.theming.catalogue import themes
from sitecluster.theming.finders import static_file
from sitecluster.theming.pictures import picture
from sitecluster.theming.sheet import sheet, sheet_folder, write_sheet
from tenants.directory import Site
from tests.conftest import client_for

Author = Callable[[dict[str, str]], Path]
TOML = '[title]\nzh = "大河"\nen = "River"\n'
CODE = "script:not([src]):not([type='application/ld+json'])"  # not data for search engines


@pytest.fixture(autouse=True)
def _no_site() -> None:
    """What ran before may have left a site, and with it a theme, on the connection."""
    connection.set_schema_to_public()


def test_a_sheet_is_tokens_then_base_then_the_theme(author: Author) -> None:
    author(
        {
            "river/theme.toml": 'extends = "lake"\n' + TOML + '[colours]\nmain = "#112233"\n',
            "lake/theme.toml": TOML,
            "lake/static/lake/site.css": "/* Lake */",
            "river/static/river/site.css": '@charset "utf-8";\n.river { color: var(--main) }',
        }
    )
    text = sheet(themes()["river"])
    parts = [
        '@charset "utf-8";',
        "--main: #112233;",
        "/* The base theme",
        "/* Lake",
        ".river",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert text.count("@charset") == 1


def test_addresses_of_the_themes_below_still_lead_to_their_files(author: Author) -> None:
    author(
        {
            "lake/theme.toml": TOML,
            "lake/static/lake/site.css": "a { background: url('pics/a.svg') } b { src: url(#x) }",
            "river/theme.toml": 'extends = "lake"\n' + TOML,
            "river/static/river/site.css": "i { background: url(b.svg) }",
        }
    )
    text = sheet(themes()["river"])
    assert "url('../lake/pics/a.svg')" in text
    assert "url(#x)" in text
    assert "url(b.svg)" in text


def test_pages_ask_for_one_sheet_and_have_no_inline_style(alpha: Site, gamma: Site) -> None:
    for host, theme in (("www.alpha.localhost", "portal"), ("gamma.alpha.localhost", "department")):
        soup = BeautifulSoup(client_for(host).get("/").content, "html.parser")
        (link,) = soup.select('link[rel="stylesheet"]')
        assert link["href"] == f"/static/{theme}/theme.css"
        assert soup.select(f"style, {CODE}, [style]") == []


def test_only_the_folder_of_the_themes_name_is_found(author: Author) -> None:
    folder = author(
        {
            "river/theme.toml": TOML,
            "river/static/river/a.svg": "<svg/>",
            "river/static/base/gate.svg": "stolen",
            "river/static/loose.css": "stolen",
            "secret.txt": "secret",
        }
    )
    assert finders.find("river/a.svg") == str(folder / "river/static/river/a.svg")
    assert finders.find("river/a.svg", find_all=True) == [str(folder / "river/static/river/a.svg")]
    base = themes()["base"].folder
    assert finders.find("base/gate.svg") == str(base / "static/base/gate.svg")
    for name in ("loose.css", "river/../../../secret.txt", "river/none.svg", "river", ""):
        assert static_file(name) is None, name
    assert finders.find("wagtailadmin/css/core.css")


def test_a_sheet_is_written_once_and_again_when_it_changes(author: Author) -> None:
    author({"river/theme.toml": TOML})
    file = write_sheet(themes()["river"])
    assert file == sheet_folder() / "river" / "theme.css"
    before = file.stat()
    assert write_sheet(themes()["river"]).stat() == before
    author({"river/theme.toml": TOML + '[colours]\nmain = "#112233"\n'})
    assert "#112233" in write_sheet(themes()["river"]).read_text()


def test_the_development_server_finds_sheets_without_collecting(author: Author) -> None:
    author({"river/theme.toml": TOML + '[colours]\nmain = "#112233"\n'})
    answer = serve(RequestFactory().get("/"), "river/theme.css", insecure=True)
    assert b"--main: #112233;" in b"".join(answer)


def test_collected_files_carry_a_hash(author: Author, settings: Any, tmp_path: Path) -> None:
    author(
        {
            "river/theme.toml": TOML,
            "river/static/river/site.css": "a { background: url(a.svg) }",
            "river/static/river/a.svg": "<svg/>",
            "river/static/loose.css": "a {}",
        }
    )
    settings.STATIC_ROOT = tmp_path / "static"
    call_command("collectstatic", interactive=False, verbosity=0)
    collected = {str(p.relative_to(tmp_path / "static")) for p in (tmp_path / "static").rglob("*")}
    assert {"river/theme.css", "river/a.svg", "base/theme.css", "department/theme.css"} <= collected
    assert "loose.css" not in collected


@pytest.mark.parametrize("name", ["logo", "header", "notice"])
def test_a_drawing_knows_its_part_and_its_box(name: str) -> None:
    found = picture(name)
    assert found.url.startswith("/static/base/")
    assert found.part
    assert len(found.view_box.split()) == 4


def test_a_photograph_knows_its_size(author: Author, gamma: Site) -> None:
    preview = (themes()["base"].folder / "static/base/preview.webp").read_bytes()
    folder = author({"river/theme.toml": TOML + '[pictures]\nheader = "river/p.webp"\n'})
    (folder / "river/static/river").mkdir(parents=True)
    (folder / "river/static/river/p.webp").write_bytes(preview)
    from sitecluster.theming import pictures

    found = pictures._sized("river/p.webp")
    assert (found.width, found.height, found.part) == (960, 600, "")
