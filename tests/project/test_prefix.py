"""Whole sites as a visitor and a search engine walk them: no link leaves the site's address."""

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from wagtail.models import APIToken, Collection, Page, Site as WagtailSite

from sitecluster.accounts.models import User
from sitecluster.cms.blank_columns import without_blank_columns
from sitecluster.cms.models import LinkPage
from sitecluster.tenancy import shared_context, tenant_context
from tenants import directory
from tenants.directory import Site
from tenants.models import Domain
from tenants.orders import Order
from tenants.provisioning import ProvisionError, provision
from tests.conftest import client_for

PASSWORD = "Zhongguo-2026"
LINKS = [("a", "href"), ("img", "src"), ("link", "href"), ("source", "src"), ("form", "action")]


def addresses_in(url: str, response: Any) -> set[str]:
    """Every address that a page, a feed or a site map names."""
    if "xml" in response.headers["content-type"]:
        text = response.content.decode()
        return set(re.findall(r"<(?:loc|link|guid[^>]*)>([^<]+)<", text))
    soup = BeautifulSoup(response.content.decode(), "html.parser")
    found = {str(tag[name]) for tag, name in _tags(soup)}
    found |= {
        part.split()[0] for img in soup.select("[srcset]") for part in str(img["srcset"]).split(",")
    }
    found |= {str(tag["content"]) for tag in soup.select("meta[content^=http]")}
    links = {urljoin(url, link).partition("#")[0] for link in found}
    return {link for link in links if not urlsplit(link).path.startswith("/static/")}


def _tags(soup: BeautifulSoup) -> list[tuple[Any, str]]:
    return [(tag, name) for kind, name in LINKS for tag in soup.select(f"{kind}[{name}]")]


def walk(site: Site) -> tuple[set[str], set[str]]:
    """All addresses below the site's own that a walk from its front page finds, and all others."""
    assert site.address is not None
    home = site.address.url()
    client = client_for(site.address.host + site.address.port_suffix)
    inside: set[str] = set()
    outside: set[str] = set()
    todo = {home, site.address.url("/sitemap.xml")}
    while todo:
        url = todo.pop()
        inside.add(url)
        response = client.get(url.removeprefix(site.address.root_url))
        assert response.status_code == 200, url
        assert not response.cookies
        if response.streaming or urlsplit(url).path.endswith((".pdf", ".jpg", ".png", ".webp")):
            continue
        for link in addresses_in(url, response):
            (todo if link.startswith(home) else outside).add(link)
        todo -= inside
    return inside, outside


@pytest.mark.parametrize(
    ("code", "change"),
    [("alpha", ""), ("beta", ""), ("gamma", "/a/deep-er/place"), ("beta", "other host")],
)
def test_every_link_of_a_site_is_below_its_address(
    alpha: Site, beta: Site, gamma: Site, code: str, change: str
) -> None:
    site = directory.snapshot().by_code[code]
    if change:
        host, prefix = ("new.example", "") if change == "other host" else (PORTAL, change)
        Domain.objects.filter(tenant_id=site.id).update(host=host, prefix=prefix)
        directory.forget()
        site = directory.snapshot().by_code[code]
    assert site.address is not None
    inside, outside = walk(site)
    with tenant_context(site):
        pages = Page.objects.live().filter(depth__gte=2).not_type(LinkPage).specific()
        urls = {page.full_url for page in without_blank_columns(pages)}
    assert len(urls) > 10
    assert urls <= inside
    assert any("/media/" in url for url in inside)
    assert any(url.endswith("feed.xml") for url in inside)
    below = [each for each in directory.sites() if site in parents(each)]
    family = {each.address.url() for each in [*parents(site), *below] if each.address}
    strangers = {
        url for url in outside - family
        if urlsplit(url).hostname in {"www.alpha.localhost", "gamma.alpha.localhost", "new.example"}
    }  # fmt: skip
    assert strangers == set()
    assert not [url for url in outside if "admin" in url or "uploads" in url]


PORTAL = "www.alpha.localhost"


def parents(site: Site) -> list[Site]:
    """The sites above."""
    return [] if site.parent is None else [site.parent, *parents(site.parent)]


def test_a_site_is_not_opened_where_the_portal_has_a_page(alpha: Site) -> None:
    with tenant_context(alpha):
        page = Page.objects.live().filter(depth=3).first()
        assert page is not None
        path = page.get_full_url().removeprefix(alpha.addresses[0].root_url).rstrip("/")
    order = Order(code="delta", name="丁镇人民政府", kind="township", parent="alpha",
                  domain=PORTAL + path)  # fmt: skip
    with pytest.raises(ProvisionError) as refusal:
        provision(order)
    assert page.title in str(refusal.value)
    assert not Domain.objects.filter(host=PORTAL, prefix=path).exists()


# --- Privacy is out ----------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["alpha", "beta"])
def test_neither_screen_nor_api_offers_privacy(alpha: Site, beta: Site, code: str) -> None:
    site = directory.snapshot().by_code[code]
    with shared_context():
        boss = User.everyone.create_superuser("boss@example.cn", PASSWORD)
    with tenant_context(site):
        home = WagtailSite.objects.get().root_page
        folder = Collection.get_first_root_node().add_child(name="照片")
        token = APIToken.create_token(user=boss, name="t")[1]
    client = client_for(site.admin_host)
    client.force_login(boss)
    for path in (f"pages/{home.pk}", f"collections/{folder.pk}", "pages/999999"):
        for method in ("get", "post"):
            answer = getattr(client, method)(
                f"/admin/{path}/privacy/", {"restriction_type": "login"}
            )
            assert answer.status_code == 404
    for path in (f"pages/{home.pk}/edit", f"pages/{home.pk}", f"collections/{folder.pk}",
                 "pages", f"pages/add/cms/columnpage/{home.pk}"):  # fmt: skip
        screen = client.get(f"/admin/{path}/")
        assert screen.status_code == 200
        for word in (
            "set-privacy",
            "privacy-indicator",
            "/privacy/",
            'data-a11y-dialog-show="set-privacy"',
        ):
            assert word not in screen.content.decode(), (path, word)
    documentation = client.get("/api/v3/openapi.json").content.decode()
    answer = client.get(f"/api/v3/pages/{home.pk}/", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    for text in (documentation, answer.content.decode()):
        assert "openapi" in text or "title" in text
        assert not re.search("privacy|view_?restriction", text, re.IGNORECASE)
