"""Portal, department and township: kin of one another, each with drawings and colours of its own."""

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sitecluster.cms.models import SiteIdentity
from sitecluster.tenancy import tenant_context
from sitecluster.theming.catalogue import themes
from tenants import directory
from tenants.directory import Site
from tenants.models import Tenant
from tests.conftest import client_for

KIN = ("portal", "department", "township")
HOST = "gamma.alpha.localhost"
CONTACTS = {
    "address": "阿县示例路2号",
    "contact_phone": "0912-0000002",
    "contact_email": "a@b.example",
}


def soup(path: str = "/", host: str = HOST) -> BeautifulSoup:
    return BeautifulSoup(client_for(host).get(path).content, "html.parser")


def identify(site: Site, **values: str) -> None:
    with tenant_context(site):
        SiteIdentity.objects.update(**values)


def wears(site: Site, theme: str) -> None:
    Tenant.objects.filter(pk=site.id).update(theme=theme)
    directory.forget()


def test_columns_with_columns_below_stand_as_cards(gamma: Site) -> None:
    cards = soup().select(".tasks > li")
    assert 2 <= len(cards) <= 4
    for card in cards:
        links = [str(link["href"]) for link in card.select("a")]
        assert 2 <= len(links) <= 4
        assert all(link.startswith(links[0]) for link in links)


def test_telephone_and_office_stand_on_the_page_if_they_are_known(gamma: Site) -> None:
    identify(gamma, address="", contact_phone="", contact_email="")
    assert not soup().select(".hotline, .half--office")
    identify(gamma, **CONTACTS)
    page = soup()
    (phone,) = page.select(".hotline a")
    assert phone["href"] == "tel:0912-0000002"
    words = page.select(".half--office")[0].get_text()
    assert all(contact in words for contact in CONTACTS.values())
    assert soup("/tzgg/").select(".hotline")
    assert not soup("/tzgg/").select(".half--office")


@pytest.mark.parametrize("theme", KIN)
def test_pictures_and_sheet_are_the_themes(gamma: Site, theme: str) -> None:
    wears(gamma, theme)
    page, tokens = soup(), themes()[theme].tokens
    drawn = [str(use["href"]) for use in page.select(".brand use, .hero use")]
    assert drawn[:1] == [f"/static/{tokens.logo}"]
    assert f"/static/{tokens.header}" in drawn
    (icon,) = page.select('link[rel="icon"]')
    assert icon["href"] == f"/static/{theme}/mark.svg"
    (link,) = page.select('link[rel="stylesheet"]')
    assert link["href"] == f"/static/{theme}/theme.css"
    notice = soup("/nothing/").select_one(".notice__scene use")
    assert notice is not None
    assert notice["href"] == f"/static/{tokens.notice}"


def test_each_draws_its_own_and_offers_colours() -> None:
    for name in ("logo", "header", "notice"):
        drawings = {str(getattr(themes()[theme].tokens, name)) for theme in ("base", *KIN)}
        assert len(drawings) == 4
    for theme in KIN:
        assert len(themes()[theme].sets) >= 3
        assert len(themes()[theme].home) >= 5
        for chosen in themes()[theme].sets.values():
            assert set(chosen.titles) == {"zh-hans", "en"}


@pytest.mark.parametrize("path", ["/", "/tzgg/", "/nothing/"])
def test_no_theme_costs_statements(gamma: Site, path: str) -> None:
    """Beside its sections: with the same ones all of them cost the same."""
    counts: dict[str, list[int]] = {}
    for theme in ("base", *KIN) * 2 if path != "/" else ("department", "township") * 2:
        wears(gamma, theme)
        client_for(HOST).get(path)
        with CaptureQueriesContext(connection) as statements:
            client_for(HOST).get(path)
        counts.setdefault(theme, []).append(len(statements))
    assert len({tuple(numbers) for numbers in counts.values()}) == 1, counts


@pytest.mark.parametrize("theme", KIN)
def test_links_have_no_prefix_twice_below_a_path(beta: Site, theme: str) -> None:
    wears(beta, theme)
    page = soup("/zz/beta/", "www.alpha.localhost")
    links = [str(link["href"]) for link in page.select("main a")]
    own = [link for link in links if link.startswith("/")]
    assert own
    assert all(link.startswith("/zz/beta/") for link in own)
    assert not any("/zz/beta/zz/" in link for link in own)
