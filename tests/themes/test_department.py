"""The department theme: services at the head of the home page, the office at its foot."""

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sitecluster.cms.models import SiteIdentity
from sitecluster.tenancy import tenant_context
from tenants import directory
from tenants.directory import Site
from tenants.models import Tenant
from tests.conftest import client_for

HOST = "gamma.alpha.localhost"
CONTACTS = {
    "address": "阿县示例路2号",
    "contact_phone": "0912-0000002",
    "contact_email": "a@b.example",
}


def soup(path: str = "/") -> BeautifulSoup:
    return BeautifulSoup(client_for(HOST).get(path).content, "html.parser")


def identify(site: Site, **values: str) -> None:
    with tenant_context(site):
        SiteIdentity.objects.update(**values)


def test_columns_with_columns_below_stand_as_cards(gamma: Site) -> None:
    cards = soup().select(".services > li")
    names = [card.select_one("a").get_text() for card in cards]  # type: ignore[union-attr]
    assert names == ["单位概况", "政务公开", "办事服务", "互动交流"]
    for card in cards:
        links = [str(link["href"]) for link in card.select("a")]
        assert 2 <= len(links) <= 4
        assert all(link.startswith(links[0]) for link in links)


def test_telephone_and_office_stand_on_the_page_if_they_are_known(gamma: Site) -> None:
    identify(gamma, address="", contact_phone="", contact_email="")
    assert not soup().select(".hotline, .office")
    identify(gamma, **CONTACTS)
    page = soup()
    (phone,) = page.select(".hotline a")
    assert phone["href"] == "tel:0912-0000002"
    words = page.select(".office")[0].get_text()
    assert all(contact in words for contact in CONTACTS.values())
    assert soup("/tzgg/").select(".hotline")
    assert not soup("/tzgg/").select(".office")


def test_pictures_and_sheet_are_the_themes(gamma: Site) -> None:
    page = soup()
    drawn = [str(use["href"]) for use in page.select(".brand use, .hero use")]
    assert drawn == ["/static/department/mark.svg#mark", "/static/department/hall.svg#hall"]
    (icon,) = page.select('link[rel="icon"]')
    assert icon["href"] == "/static/department/mark.svg"
    notice = soup("/nothing/").select_one(".notice__scene use")
    assert notice is not None
    assert notice["href"] == "/static/base/gate.svg#gate"


@pytest.mark.parametrize("path", ["/", "/tzgg/", "/nothing/"])
def test_a_page_costs_the_statements_that_it_costs_in_base(gamma: Site, path: str) -> None:
    counts: dict[str, list[int]] = {}
    for theme in ("base", "department", "base", "department"):
        Tenant.objects.filter(pk=gamma.id).update(theme=theme)
        directory.forget()
        client_for(HOST).get(path)
        with CaptureQueriesContext(connection) as statements:
            client_for(HOST).get(path)
        counts.setdefault(theme, []).append(len(statements))
    assert counts["department"] == counts["base"]


def test_links_have_no_prefix_twice_below_a_path(beta: Site) -> None:
    Tenant.objects.filter(pk=beta.id).update(theme="department")
    directory.forget()
    answer = client_for("www.alpha.localhost").get("/zz/beta/")
    links = BeautifulSoup(answer.content, "html.parser").select(".services a")
    assert links
    assert all(str(link["href"]).startswith("/zz/beta/") for link in links)
    assert not any("/zz/beta/zz/" in str(link["href"]) for link in links)
