"""Public pages: addresses, slots and hooks of plugins, at no statement."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from sitecluster_board.models import NoticePage
from wagtail.models import Page

from sitecluster.cms.models import LinkPage
from sitecluster.tenancy import tenant_context
from tenants import switching
from tenants.directory import Site
from tests.conftest import client_for

from .conftest import notice, now, turn_on

PORTAL, BELOW = "www.alpha.localhost", "/zz/beta"
URLS = "sitecluster.project.urls_public"


@pytest.fixture(autouse=True)
def board_at_beta(alpha: Site, beta: Site) -> None:
    turn_on("beta", "board")


def status(path: str) -> int:
    code: int = client_for(PORTAL).get(path).status_code
    return code


def test_addresses_of_a_plugin() -> None:
    for name in ("board:feed", "board:about"):
        path = reverse(name, URLS)
        assert status(BELOW + path) == 200
        assert status(path) == 404


def test_a_page_may_stand_where_a_plugin_that_is_off_has_its_addresses(alpha: Site) -> None:
    with tenant_context(now("alpha")):
        home = Page.objects.get(depth=2, locale__language_code="zh-hans").specific
        link = LinkPage(title="Board", slug="board", url="https://example.org/")
        home.add_child(instance=link)
        assert home.get_children().get(slug="board").specific == link
    assert client_for(PORTAL).get("/board/").status_code in (301, 302)
    assert status("/board/feed/") == 404


def test_pages_of_its_types(beta: Site) -> None:
    page = notice(now("beta"))
    assert status(f"{BELOW}/notice/") == 200
    switching.disable("beta", "board", unpublish=True)
    now("beta")
    assert status(f"{BELOW}/notice/") == 404
    with tenant_context(now("beta")):  # by hand, past every gate
        with connection.cursor() as cursor:
            cursor.execute("UPDATE wagtailcore_page SET live = true WHERE id = %s", [page.pk])
        assert NoticePage.objects.get(pk=page.pk).live
    assert status(f"{BELOW}/notice/") == 404


def test_the_slot_of_the_banner() -> None:
    client = client_for(PORTAL)
    assert f"<p>board of {BELOW}/</p>" in client.get(f"{BELOW}/").content.decode()
    assert "board of" not in client.get("/").content.decode()


def test_a_plugin_that_fails_in_a_slot_fails_alone() -> None:
    answer = client_for(PORTAL).get(f"{BELOW}/?broken=1")
    assert answer.status_code == 200
    assert "board of" not in answer.content.decode()


def test_hooks_of_public_pages() -> None:
    client = client_for(PORTAL)
    assert client.get(f"{BELOW}/").wsgi_request.META.get("BOARD") == "served"
    assert "BOARD" not in client.get("/").wsgi_request.META


@pytest.mark.parametrize("path", ["/", "/sitemap.xml"])
def test_plugins_cost_no_statement(path: str) -> None:
    """As many statements with board, chime and a banner on as with none at all."""
    client = client_for(PORTAL)

    def statements() -> int:
        client.get(BELOW + path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(BELOW + path).status_code == 200
        return len(captured)

    with_plugins = statements()
    switching.disable("beta", "board")
    switching.disable("beta", "chime")
    assert now("beta").plugins == frozenset()
    assert statements() == with_plugins
