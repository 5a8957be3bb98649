"""Front pages are light: what a browser fetches for one, before and without its photographs."""

import gzip
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.contrib.staticfiles import finders

from sitecluster.theming.catalogue import themes
from tenants import directory
from tenants.directory import Site
from tenants.models import Tenant
from tests.conftest import client_for

MOST_BYTES, MOST_REQUESTS = 150 * 1024, 15
OURS = ("base", "portal", "department", "township")
STATIC = f"/{settings.STATIC_URL.strip('/')}/"


@pytest.fixture(params=OURS)
def page(request: pytest.FixtureRequest, alpha: Site) -> bytes:
    """The front page of the portal in each of the themes."""
    Tenant.objects.filter(pk=alpha.id).update(theme=request.param)
    directory.forget()
    return client_for("www.alpha.localhost").get("/").content


def files_of(page: bytes) -> set[str]:
    """The static files of the page: sheet, script, icon and drawings."""
    soup = BeautifulSoup(page, "html.parser")
    found = [str(tag["src"]) for tag in soup.select("script[src], img[src]")]
    found += [str(tag["href"]) for tag in soup.select('link[rel="stylesheet"], link[rel="icon"]')]
    found += [str(tag["href"]).partition("#")[0] for tag in soup.select("use[href]")]
    return {address for address in found if address.startswith(STATIC)}


def squeezed(content: bytes) -> int:
    """Its size as a web server sends it."""
    return len(gzip.compress(content, 6))


def test_a_front_page_is_below_150_kilobytes_and_15_requests(page: bytes) -> None:
    files = files_of(page)
    paths = [finders.find(address.removeprefix(STATIC)) for address in files]
    assert all(paths), files
    # Nor do the drawings of the theme, which are pictures, bring it above that.
    sizes = [squeezed(Path(str(path)).read_bytes()) for path in paths]
    assert squeezed(page) + sum(sizes) < MOST_BYTES
    pictures = BeautifulSoup(page, "html.parser").select("main img")
    assert 1 + len(files) + len(pictures) < MOST_REQUESTS


@pytest.mark.parametrize("theme", OURS)
def test_drawings_are_small(theme: str) -> None:
    for file in (themes()[theme].folder / "static").rglob("*.svg"):
        assert squeezed(file.read_bytes()) < 12 * 1024, file


def test_pages_fetch_one_sheet_and_one_script(page: bytes) -> None:
    soup = BeautifulSoup(page, "html.parser")
    assert len(soup.select('link[rel="stylesheet"]')) == 1
    assert len(soup.select("script[src]")) <= 1
    assert not soup.select("script:not([src]):not([type='application/ld+json']), style, [style]")
