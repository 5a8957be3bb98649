"""Which links ask before they lead away, and that nothing else leads anywhere."""

import re
import time
from html import unescape
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.test import Client
from wagtail.contrib.redirects.models import Redirect

from sitecluster.cms.leaving import addresses as leaving
from sitecluster.cms.leaving.links import rewritten
from sitecluster.cms.models import LinkPage, SiteIdentity
from sitecluster.tenancy import tenant_context
from tenants.directory import Site
from tests.conftest import client_for

from .conftest import Desk, add, article

HOST = "www.alpha.localhost"
AWAY = "https://www.example.com/a?b=1&c=2#d"


def go(address: str) -> str:
    """Stands for the prompt's address."""
    return f"/go/?u={quote(address)}"


def page_with(body: str, desk: Desk) -> tuple[Client, str]:
    """The public page of an article with this text, and its path."""
    made = article(desk.news, "外链", body=[("text", body)])
    return client_for(HOST), urlsplit(made.full_url).path


def links(html: str) -> list[str]:
    main = html.partition("<main")[2].partition("</main>")[0]
    return [unescape(href) for href in re.findall(r'<a [^>]*href="([^"]*)"', main)]


@pytest.mark.parametrize(
    "href",
    [
        "http://example.com/",
        "HTTPS://Example.com",
        "  https://example.com",
        "ht\ntps://example.com/",
        "//example.com/x",
        "/\\example.com/x",
        "\\\\example.com",
        "https:example.com",
        "https:\\\\example.com",
        "https:/example.com",
        "http://www.gov.cn@example.com/",
        "http://example.com:80/?http://www.gov.cn/",
        "http://gov.cn.example.com/",
        "http://notgov.cn/",
        "http://www.gov.cn\\@example.com:8/",
        "ftp://example.com/",
        "http://例子.中国/",
    ],
)
def test_other_hosts_are_asked_about(alpha: Site, href: str) -> None:
    target = leaving.absolute(href)
    assert target
    with tenant_context(alpha):
        known = leaving.is_known(leaving.host_of(target), lambda: "")
    # What a browser takes for gov.cn may go by: the backslash ends the host.
    assert known is (href == "http://www.gov.cn\\@example.com:8/")


@pytest.mark.parametrize(
    "href",
    [
        "/a/",
        "a",
        "#x",
        "?y=1",
        "",
        "mailto:a@example.com",
        "tel:12345",
        "javascript:void(0)",
        "data:text/html,x",
    ],
)
def test_what_stays_and_what_is_no_page_is_let_alone(href: str) -> None:
    assert leaving.absolute(href) is None


@pytest.mark.parametrize(
    "host",
    ["www.gov.cn", "gov.cn", "jiaxian.gov.cn.", "某局.政务", "www.某局。政务", "gamma.alpha.localhost",
     "www.alpha.localhost", "bszs.conac.cn", "friend.example", "www.friend.example", "other.example"],
)  # fmt: skip
def test_governments_own_sites_and_the_white_list_are_known(alpha: Site, host: str) -> None:
    listed = "  Friend.example \n*.other.example\n\nhttps://third.example/x\n???"
    with tenant_context(alpha):
        assert leaving.is_known(leaving.host_of(f"https://{host}/"), lambda: listed)
        assert not leaving.is_known("xfriend.example", lambda: listed)


def test_a_link_in_a_text_leads_to_the_prompt(desk: Desk) -> None:
    body = (
        f'<p><a href="{AWAY.replace("&", "&amp;")}">外</a> <a href="https://www.gov.cn/">内</a></p>'
    )
    client, path = page_with(body, desk)
    html = client.get(path).content.decode()
    found = links(html)
    assert "https://www.gov.cn/" in found
    (prompt,) = [link for link in found if "/go/?" in link]
    assert prompt.startswith(
        urlsplit(path).path.partition("/ywdt-test")[0] + "/go/?u=https://www.example.com/a"
    )
    assert parse_qs(urlsplit(prompt).query)["u"] == [AWAY]
    assert f'data-leaving="{AWAY.replace("&", "&amp;")}"' in html
    assert 'href="https://www.example.com' not in html


def test_the_prompt_names_site_and_address_and_leads_on(desk: Desk) -> None:
    client, path = page_with(f'<p><a href="{AWAY.replace("&", "&amp;")}">外</a></p>', desk)
    (prompt,) = [link for link in links(client.get(path).content.decode()) if "/go/?" in link]
    answer = client.get(prompt, headers={"referer": f"http://{HOST}{path}"})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert not answer.cookies
    assert unescape(html).count(AWAY) >= 2
    assert AWAY in links(html)
    assert path in links(html)
    assert "Location" not in answer.headers


def test_the_prompt_is_no_open_door(alpha: Site, beta: Site) -> None:
    client = client_for(HOST)
    with tenant_context(beta):
        others = leaving.signature(AWAY)
    with tenant_context(alpha):
        own = leaving.signature(AWAY)
    for query in (
        "",
        f"u={quote(AWAY)}",
        f"u={quote(AWAY)}&s=",
        f"u={quote(AWAY)}&s={others}",
        f"u={quote('https://evil.example/')}&s={own}",
        f"u={quote(AWAY)}&s={quote('é')}",
        "u=%00&s=%00",
        "u=javascript:alert(1)&s=x",
    ):
        answer = client.get(f"/go/?{query}")
        assert answer.status_code == 404, query
        assert "evil.example" not in answer.content.decode().partition("<main")[2]
    assert client.get(f"/go/?u={quote(AWAY)}&s={own}").status_code == 200
    assert client.post(f"/go/?u={quote(AWAY)}&s={own}").status_code == 405


@pytest.mark.parametrize(
    "referer", ["http://evil.example/x", "http://[", "http://www.alpha.localhost//evil.example"]
)
def test_staying_leads_nowhere_else(alpha: Site, referer: str) -> None:
    with tenant_context(alpha):
        path = "/go/" + leaving.query_of(AWAY)
    html = client_for(HOST).get(path, headers={"referer": referer}).content.decode()
    assert "evil.example" not in html
    assert links(html)[-1] == "/"


def test_the_white_list_opens_the_way(desk: Desk) -> None:
    client, path = page_with(f'<p><a href="{AWAY.replace("&", "&amp;")}">外</a></p>', desk)
    identity = SiteIdentity.objects.get()
    identity.white_list = "example.com"
    identity.save()
    assert AWAY in links(client.get(path).content.decode())


@pytest.mark.parametrize(
    "address", ["http://192.168.1.5/oa", "http://10.0.0.1/", "http://oa/", "http://oa.lan/"]
)
def test_internal_networks_are_named(alpha: Site, address: str) -> None:
    with tenant_context(alpha):
        path = "/en/go/" + leaving.query_of(address)
    assert "internal network" in client_for(HOST).get(path).content.decode()


def test_redirects_ask_too(desk: Desk) -> None:
    link = add(desk.news, LinkPage(title="外部系统", slug="wbxt", url=AWAY))
    Redirect.objects.create(old_path="/alt", redirect_link=AWAY, is_permanent=True)
    base = urlsplit(desk.home.full_url).path.rstrip("/")
    for path in (urlsplit(link.full_url).path if link.full_url else "", f"{base}/alt/"):
        answer = client_for(HOST).get(path)
        if answer.status_code == 404:
            continue
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(f"{base}/go/?u=https://www.example.com/")


@pytest.mark.parametrize(
    ("tag", "changed"),
    [
        ('<a class="x" href="http://e.example/">', True),
        ("<a href='http://e.example/'>", True),
        ("<a href=http://e.example/>", True),
        ("<A HREF = 'http://e.example/' >", True),
        ('<a\nhref="http://e.example/">', True),
        ('<a title="a > b" href="http://e.example/">', True),
        ('<a title=" href=/own/ " href="http://e.example/">', True),
        ('<a href="&#104;ttp://e.example/">', True),
        ('<area href="http://e.example/">', True),
        ('<a data-href="http://e.example/" href="/own/">', False),
        ('<a title="href=http://e.example/" href="/own/">', False),
        ('<a href="/own/" href="http://e.example/">', False),
        ('<!-- <a href="http://e.example/"> -->', False),
        ('<script type="application/ld+json">"<a href=\\"http://e.example/\\">"</script>', False),
        ('<textarea><a href="http://e.example/"></textarea>', False),
        ('<link href="http://e.example/">', False),
        ('<abbr href="http://e.example/">', False),
        ('<a href="http://e.example/', False),
        ("<a>", False),
        ("<a href>", False),
    ],
)
def test_html_of_every_kind(tag: str, changed: bool) -> None:
    made = rewritten(tag, go)
    assert ("/go/?u=http%3A//e.example/" in made) is changed
    assert ('data-leaving="http://e.example/"' in made) is changed
    if not changed:
        assert made == tag


def test_a_quote_in_an_address_stays_within_its_attribute() -> None:
    made = rewritten("""<a href='http://e.example/?"><script>'>""", go)
    assert "<script>" not in made
    assert made.count("<") == 1


@pytest.mark.parametrize(
    "text",
    [
        "<a " * 20_000,
        "<a " + "x='" * 20_000,
        "<!--" * 20_000,
        "<script" * 20_000,
        "<a " + "=" * 50_000,
    ],
)
def test_no_page_takes_long(text: str) -> None:
    begun = time.perf_counter()
    rewritten(text, go)
    assert time.perf_counter() - begun < 5


def test_nothing_but_html_of_public_hosts_is_touched(desk: Desk) -> None:
    link: Any = f'<p><a href="{AWAY.replace("&", "&amp;")}">外</a></p>'
    client, _path = page_with(link, desk)
    feed = client.get(urlsplit(desk.news.full_url).path + "feed.xml").content.decode()
    assert "/go/?" not in feed
    assert "data-leaving" not in desk.get("/admin/").content.decode()


def test_it_costs_no_statement(desk: Desk) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for href in (AWAY.replace("&", "&amp;"), "https://www.gov.cn/"):
        client, path = page_with(f'<p><a href="{href}">一</a></p>' * 30, desk)
        client.get(path)
        with CaptureQueriesContext(connection) as seen:
            client.get(path)
        counts.append(len(seen))
    assert counts[0] == counts[1]
