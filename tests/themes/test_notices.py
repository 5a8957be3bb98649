"""Notices wear the site's theme and name who stands behind it; the page of a fault always comes."""

import logging
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import RequestFactory

from sitecluster.cms.models import SiteIdentity
from sitecluster.tenancy import tenant_context
from sitecluster.theming import faults
from sitecluster.theming.catalogue import themes
from tenants import directory
from tenants.directory import Site
from tenants.models import State, Tenant
from tests.conftest import client_for

PORTAL = "www.alpha.localhost"
KIN = ("base", "portal", "department", "township")


def put(site: Site, **fields: Any) -> None:
    Tenant.objects.filter(pk=site.id).update(**fields)
    directory.forget()


def parsed(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser")


def check(page: BeautifulSoup, theme: str) -> None:
    """One h1, the theme's sheet and drawing, nothing inline, no address that leads nowhere."""
    assert len(page.select("h1")) == 1
    (sheet,) = page.select('link[rel="stylesheet"]')
    assert sheet["href"] == f"/static/{theme}/theme.css"
    (scene,) = page.select(".notice__scene use")
    assert scene["href"] == f"/static/{themes()[theme].tokens.notice}"
    assert not page.select("style, [style], script:not([src])")
    assert page.select('meta[name="robots"][content="noindex"]')


@pytest.mark.parametrize("theme", KIN)
@pytest.mark.parametrize(("state", "status"), [(State.OFFLINE, 503), (State.CLOSED, 410)])
def test_a_site_that_is_not_shown(beta: Site, theme: str, state: str, status: int) -> None:
    with tenant_context(beta):
        SiteIdentity.objects.update(site_id_code="6108280045", host_unit="乙镇人民政府")
    put(beta, state=state, theme=theme, state_note="机房搬迁。")
    answer = client_for(PORTAL).get("/zz/beta/tzgg/")
    assert answer.status_code == status
    page = parsed(answer)
    check(page, theme)
    foot = page.select("footer")[0]
    assert "6108280045" in foot.get_text()
    assert "乙镇人民政府" in foot.get_text()
    inside = [str(link["href"]) for link in page.select("a[href^='/zz/beta']")]
    assert inside == []  # the site isn't there
    (code,) = page.select('meta[name="SiteIDCode"]')
    assert code["content"] == "6108280045"


@pytest.mark.parametrize("theme", KIN)
def test_a_missing_page_offers_the_search_and_the_columns(alpha: Site, theme: str) -> None:
    put(alpha, theme=theme)
    answer = client_for(PORTAL).get("/nothing/")
    assert answer.status_code == 404
    page = parsed(answer)
    check(page, theme)
    assert len(page.select('main form[role="search"]')) == 1
    assert not page.select('header form[role="search"]')
    assert len(page.select("main .tiles a")) > 4
    assert page.select('.notice__code a[href*="nothing"]')


@pytest.mark.parametrize("theme", KIN)
def test_a_fault_on_our_side(alpha: Site, theme: str) -> None:
    put(alpha, theme=theme)
    with tenant_context(directory.snapshot().by_code["alpha"]):
        answer = faults.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    page = parsed(answer)
    check(page, theme)
    assert alpha.name in page.get_text()
    assert page.select('.notice__ways a[href^="http://www.alpha.localhost"]')


def test_a_fault_of_every_template_still_has_an_answer(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """No template can be found at all."""
    engine = {**settings.TEMPLATES[0], "DIRS": [], "APP_DIRS": False, "OPTIONS": {}}
    settings.TEMPLATES = [{**engine, "OPTIONS": {"loaders": []}}]
    with caplog.at_level(logging.CRITICAL):
        answer = faults.server_error(RequestFactory().get("/"))
    assert (answer.status_code, answer.content) == (500, b"500 Internal Server Error")


def test_an_address_without_site(alpha: Site) -> None:
    answer = client_for("nobody.localhost").get("/")
    assert answer.status_code == 404
    check(parsed(answer), "base")
    assert not parsed(answer).select("header, footer")
