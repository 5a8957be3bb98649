"""The frame of every public page: the same bytes for all, tools and marks where they belong."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.template import Context, Template
from django.test import Client

from sitecluster.cms.models import SiteIdentity
from sitecluster.cms.templatetags.sharing import LONGEST, qr_code
from sitecluster.tenancy import tenant_context
from tenants.directory import Site

READERS: tuple[dict[str, Any], ...] = (
    {},
    {"cookie": "view=elder; sessionid=x; django_language=en", "accept-language": "en"},
    {"user-agent": "Mozilla/5.0 (Linux; Android 14) Mobile", "save-data": "on"},
)


def soup_at(site: Site, path: str = "/") -> BeautifulSoup:
    """What a citizen gets."""
    assert site.address
    answer = Client(headers={"host": site.address.host}).get(site.address.prefix + path)
    return BeautifulSoup(answer.content, "html.parser")


def test_a_page_is_the_same_bytes_for_every_reader(alpha: Site) -> None:
    assert alpha.address
    soup_at(alpha)  # the first reader has the pictures' renditions made
    answers = [
        Client(headers={"host": alpha.address.host, **reader}).get("/") for reader in READERS
    ]
    assert len({answer.content for answer in answers}) == 1
    for answer in answers:
        assert not answer.cookies
        assert "cookie" not in answer.headers.get("Vary", "").lower()


def test_the_script_stands_before_the_sheet_and_nothing_runs_inline(alpha: Site) -> None:
    soup = soup_at(alpha)
    first = soup.select_one("head > script, head > link[rel=stylesheet]")
    assert first
    assert first["src"] == "/static/base/base.js"
    assert not first.has_attr("defer")
    handlers = [name for tag in soup.find_all(True) for name in tag.attrs if name.startswith("on")]
    assert handlers == []


def test_skip_links_lead_to_what_exists(alpha: Site) -> None:
    soup = soup_at(alpha)
    targets = [str(link["href"]) for link in soup.select("a.skip")]
    assert targets == ["#main", "#menu", "#foot"]
    assert all(len(soup.select(target)) == 1 for target in targets)


def test_what_needs_a_script_says_so(alpha: Site) -> None:
    soup = soup_at(alpha)
    for button in soup.select("button[type=button]"):
        assert button.find_parent(class_="with-script") or button.get("class"), button


def test_the_imprint_shows_what_is_known_and_nothing_else(alpha: Site) -> None:
    with tenant_context(alpha):
        SiteIdentity.objects.update(
            postcode="719200", office_hours="工作日 8:00—12:00", supports_ipv6=True
        )
    text = str(soup_at(alpha).select_one(".foot__text"))
    assert "719200" in text
    assert "工作日 8:00—12:00" in text
    assert "IPv6" in text
    with tenant_context(alpha):
        SiteIdentity.objects.update(postcode="", office_hours="", supports_ipv6=False)
    text = str(soup_at(alpha).select_one(".foot__text"))
    assert "719200" not in text
    assert "IPv6" not in text
    assert not BeautifulSoup(text, "html.parser").select("p:empty, span:empty")


def test_the_footers_first_link_is_home_and_a_map_follows(alpha: Site) -> None:
    links = [str(link["href"]) for link in soup_at(alpha).select(".foot__links a")]
    assert links[:2] == ["/", "/sitemap/"]


@pytest.mark.parametrize("address", ["", "x" * (LONGEST + 1)])
def test_no_code_is_drawn_of_what_no_camera_reads(address: str) -> None:
    assert qr_code(address) == ""


def test_a_code_is_a_drawing_without_text_of_the_address() -> None:
    template = Template("{% load sharing %}{% qr_code address %}")
    address = 'https://www.example.gov.cn/?a="><script>'
    drawing = template.render(Context({"address": address}))
    svg = BeautifulSoup(drawing, "html.parser").svg
    assert svg
    assert svg["viewbox"]
    assert not svg.has_attr("width")
    assert "script" not in drawing
