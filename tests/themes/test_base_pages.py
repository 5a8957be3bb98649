"""Pages of three sites in two themes: page tags, frame, notices."""

import re
from dataclasses import replace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.template.loader import render_to_string
from django.test import Client

from sitecluster.cms.models import ArticlePage, ColumnPage, HomePage, SiteIdentity
from sitecluster.tenancy import tenant_context
from tenants.directory import Site

# Guideline 2017-47, page tags: three for every page, four more for lists, three more for articles.
SITE_TAGS = ["SiteName", "SiteDomain", "SiteIDCode"]
COLUMN_TAGS = ["ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType"]
CONTENT_TAGS = ["ArticleTitle", "PubDate", "ContentSource"]
OPTIONAL_TAGS = ["Keywords", "Author", "Description", "Image", "Url"]


@pytest.fixture(params=["alpha", "beta", "gamma"])
def site(request: pytest.FixtureRequest, alpha: Site, beta: Site, gamma: Site) -> Site:
    """The portal, the township below the portal's path, and a department with the theme of its
    kind, each with all marks."""
    site: Site = {"alpha": alpha, "beta": beta, "gamma": gamma}[request.param]
    with tenant_context(site):
        SiteIdentity.objects.update(
            site_id_code="6108280002",
            host_unit="主办的单位",
            organiser="承办的单位",
            contact_phone="0912-0000001",
            icp_number="陕ICP备00000000号-1",
            police_number="陕公网安备 61082800000000号",
            mark_code="CA000",
            error_report_url="https://errors.example/report?site=1",
        )
    return site


def page_of(site: Site, kind: Any) -> Any:
    """A live page of this kind, the best described one."""
    with tenant_context(site):
        pages = kind.objects.live()
        if kind is ColumnPage:
            pages = pages.exclude(column_type=None)
        if kind is ArticlePage:
            columns = ColumnPage.objects.exclude(column_type=None)
            pages = [page for page in pages if page.get_parent().pk in {c.pk for c in columns}]
        return pages[0]


def soup_of(site: Site, path: str, status: int = 200) -> BeautifulSoup:
    """What the site's public host answers at ``path`` within the site."""
    assert site.address
    response = Client(headers={"host": site.address.host}).get(site.address.prefix + path)
    assert response.status_code == status
    assert not response.cookies
    return BeautifulSoup(response.content, "html.parser")


def path_of(site: Site, page: Any) -> str:
    assert site.address
    with tenant_context(site):
        address: str = page.get_full_url()
    return address.removeprefix(site.address.url("")) or "/"


def tags(soup: BeautifulSoup) -> dict[str, str]:
    """The page tags in their order; a name given twice or empty is an error."""
    found = [(tag["name"], tag["content"]) for tag in soup.select("head meta[name]")]
    named = {str(name): str(value) for name, value in found if str(name)[0].isupper()}
    assert all(named.values())
    return named


def test_home_has_the_tags_of_the_site(site: Site) -> None:
    found = tags(soup_of(site, "/"))
    assert list(found) == SITE_TAGS
    assert found["SiteIDCode"] == "6108280002"
    assert site.address
    assert found["SiteDomain"] == site.address.host + site.address.prefix


def test_column_has_seven_tags_canonical_and_feed(site: Site) -> None:
    column = page_of(site, ColumnPage)
    soup = soup_of(site, path_of(site, column))
    assert list(tags(soup)) == [*SITE_TAGS, *COLUMN_TAGS]
    with tenant_context(site):
        address = column.get_full_url()
    assert [link["href"] for link in soup.select('link[rel="canonical"]')] == [address]
    assert soup.select_one('link[type="application/rss+xml"]')


def test_article_has_ten_tags_and_the_optional_ones(site: Site) -> None:
    found = tags(soup_of(site, path_of(site, page_of(site, ArticlePage))))
    required = [*SITE_TAGS, *COLUMN_TAGS, *CONTENT_TAGS]
    assert list(found)[: len(required)] == required
    assert set(found) <= {*required, *OPTIONAL_TAGS}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", found["PubDate"])
    assert all(found[name].startswith("http") for name in ("Image", "Url") if name in found)


@pytest.mark.parametrize("kind", [HomePage, ColumnPage, ArticlePage])
def test_every_page_has_one_frame(site: Site, kind: Any) -> None:
    soup = soup_of(site, path_of(site, page_of(site, kind)))
    assert len(soup.select("h1")) == len(soup.select("main#main")) == 1
    assert soup.select_one('a.skip[href="#main"]')
    assert all(image.has_attr("alt") for image in soup.select("img"))
    assert all(image.get("width") not in (None, "0") for image in soup.select("img"))


def test_footer_shows_every_mark(site: Site) -> None:
    soup = soup_of(site, "/")
    footer = soup.select_one("footer.foot")
    assert footer
    words = footer.get_text()
    for mark in ("主办的单位", "承办的单位", "0912-0000001", "6108280002", "陕ICP备", "陕公网安备"):
        assert mark in words
    assert footer.select_one('a[href$="/sitemap/"]')
    assert footer.select_one('a[href*="bszs.conac.cn"]')
    assert footer.select_one('.foot__marks a[href*="errors.example"]')


def test_footer_offers_no_error_report_without_an_address(site: Site) -> None:
    with tenant_context(site):
        SiteIdentity.objects.update(error_report_url="")
    footer = soup_of(site, "/").select_one("footer.foot")
    assert footer
    assert not footer.select('a[href*="report"], a[href=""]')


def test_menu_leads_to_this_site_only(site: Site) -> None:
    assert site.address
    links = [str(link["href"]) for link in soup_of(site, "/").select(".menu a")]
    assert len(links) > 4
    assert all(link.startswith(site.address.prefix + "/") for link in links)


def test_missing_page_keeps_the_frame(site: Site) -> None:
    soup = soup_of(site, "/no-such-page/", 404)
    assert soup.select_one(".menu a")
    assert soup.select_one("footer.foot")


def test_notices_render_without_a_request(site: Site) -> None:
    paused = replace(site, state="offline")
    for name in ("public/offline.html", "public/closed.html"):
        html = render_to_string(name, {"tenant": paused, "notice": {"reason": "升级"}})
        assert site.name in html
        assert "升级" in html
    for name in ("public/unknown_host.html", "500.html"):
        assert "<h1>" in render_to_string(name)
