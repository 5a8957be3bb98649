"""Page URLs on public hosts, admin hosts, in previews and in tasks."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from wagtail.models import Locale, Page, Site as WagtailSite
from wagtail.rich_text import expand_db_html

from sitecluster.cms.addresses import absolute_url, local_url, sync_site
from sitecluster.tenancy import Address, Side, serve, tenant_context
from tenants.directory import Site


class Request:
    """As much of a request as an address hangs on."""

    def __init__(self, host: str) -> None:
        self.host = host

    def _get_raw_host(self) -> str:
        return self.host


def places(article: Page) -> tuple[str | None, str | None]:
    """The two addresses of an article; a fresh one, since Wagtail caches on the instance."""
    fresh = type(article).objects.get(pk=article.pk)
    return fresh.url, fresh.full_url


@pytest.fixture
def homeless(desk: Any) -> Iterator[Any]:
    """The desk's site without a domain."""
    with tenant_context(replace(desk.site, addresses=())):
        yield desk


def test_a_task_gets_absolute_addresses(desk: Any) -> None:
    expected = desk.site.address.url(f"/ywdt-test/{desk.first.slug}/")
    assert places(desk.first) == (expected, expected)


def test_the_primary_address_links_locally(desk: Any) -> None:
    address = desk.site.address
    request = Request(f"{address.host.upper()}:8000")
    with serve(Side.PUBLIC, address.prefix, request):
        url, full_url = places(desk.first)
    assert url == f"{address.prefix}/ywdt-test/{desk.first.slug}/"
    assert full_url == address.url(f"/ywdt-test/{desk.first.slug}/")


def test_a_secondary_address_links_to_the_primary_one(desk: Any) -> None:
    with serve(Side.PUBLIC, "", Request("elsewhere.example.org")):
        url, full_url = places(desk.first)
    assert url == full_url == desk.site.address.url(f"/ywdt-test/{desk.first.slug}/")


def test_an_admin_host_links_to_the_public_address(desk: Any) -> None:
    with serve(Side.ADMIN, "", Request(f"{desk.site.code}.admin.localhost")):
        url, full_url = places(desk.first)
    assert url == full_url == desk.site.address.url(f"/ywdt-test/{desk.first.slug}/")


def test_a_site_without_a_domain_has_no_address_but_in_previews(homeless: Any) -> None:
    request = Request("x.admin.localhost")
    assert places(homeless.first) == (None, None)
    with serve(Side.ADMIN, "", request):
        assert places(homeless.first) == (None, None)
    with serve(Side.PREVIEW, "", request):
        assert places(homeless.first) == (f"/ywdt-test/{homeless.first.slug}/", None)
    assert absolute_url("/") is None


def test_base_pages_have_the_same_address(desk: Any) -> None:
    page = Page.objects.get(pk=desk.first.pk)
    assert (page.url, page.full_url) == places(desk.first)


def test_the_root_of_the_tree_has_no_address(desk: Any) -> None:
    root = Page.get_first_root_node()
    assert (root.get_url_parts(), root.url, root.full_url) == (None, None, None)


def test_a_translation_lies_below_its_language(desk: Any) -> None:
    english = Locale.objects.get_or_create(language_code="en")[0]
    home = desk.home.copy_for_translation(english)
    home.save_revision().publish()
    page = desk.news.copy_for_translation(english)
    assert page.full_url == desk.site.address.url("/en/ywdt-test/")
    assert home.full_url == desk.site.address.url("/en/")


def test_links_in_rich_text_follow(desk: Any) -> None:
    address = desk.site.address
    link = f'<a linktype="page" id="{desk.first.pk}">x</a>'
    with serve(Side.PUBLIC, address.prefix, Request(address.host)):
        html = expand_db_html(link)
    assert html == f'<a href="{address.prefix}/ywdt-test/{desk.first.slug}/">x</a>'


def test_links_that_are_no_pages_follow_too(desk: Any) -> None:
    address = desk.site.address
    assert local_url("/sitemap.xml") == address.url("/sitemap.xml")
    with serve(Side.PUBLIC, address.prefix, Request(address.host)):
        assert local_url("/sitemap.xml") == f"{address.prefix}/sitemap.xml"


def test_addresses_cost_no_statement(desk: Any, django_assert_num_queries: Any) -> None:
    articles = [desk.first, desk.second]
    with django_assert_num_queries(0):
        assert all(each.full_url for each in articles)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (Address("www.x.gov.cn"), ("www.x.gov.cn", 80)),
        (Address("www.x.gov.cn", scheme="https"), ("www.x.gov.cn", 443)),
        (Address("www.x.gov.cn", "/zz/t", "https", ":8443"), ("www.x.gov.cn", 8443)),
        (None, ("localhost", 80)),
    ],
)
def test_the_site_row_follows_the_primary_address(
    alpha: Site, address: Address | None, expected: tuple[str, int]
) -> None:
    changed = replace(alpha, name="新名", addresses=(address,) if address else ())
    with tenant_context(changed):
        sync_site(changed)
        row = WagtailSite.objects.get()
    assert ((row.hostname, row.port), row.site_name) == (expected, "新名")


def test_two_sites_in_turn_get_their_own_addresses(alpha: Site, beta: Site) -> None:
    found = []
    for site in (alpha, beta, alpha, beta):
        with tenant_context(site):
            home = WagtailSite.objects.get().root_page
            found.append((home.full_url, site.address and site.address.url()))
    assert all(seen == expected for seen, expected in found)
    assert len({seen for seen, _ in found}) == 2


def test_the_view_live_link_of_the_editor_leads_to_the_public_host(desk: Any) -> None:
    answer = desk.get(f"/admin/pages/{desk.first.pk}/edit/")
    assert f'href="{desk.first.full_url}"' in answer.content.decode()


def test_a_public_page_answers_under_the_address_that_it_has(desk: Any) -> None:
    address = desk.site.address
    answer = Client(headers={"host": address.host}).get(
        f"{address.prefix}/ywdt-test/{desk.first.slug}/"
    )
    assert answer.status_code == 200
    assert f'href="{address.prefix}/ywdt-test/"' in answer.content.decode()
