"""What one site leaves in a cache, another never reads."""

from typing import Any

import pytest
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.template import Context, Template
from wagtail.models import Locale, Page, Site as WagtailSite

from sitecluster.tenancy import shared_context, tenant_context
from tenants.directory import Site

from .cluster import Cluster, forget_caches
from .questions import Walker

WORDS = ("wagtail_site_root_paths", "wagtail_locales_display_name", "k", "template.cache.x")


@pytest.mark.parametrize("alias", list(caches.settings))
def test_no_key_of_a_cache_is_anothers(cluster: Cluster, alias: str) -> None:
    check_apart(caches[alias], cluster.here, cluster.there)


def check_apart(cache: Any, first: Site, second: Site) -> None:
    """Under each key each site has a value of its own, and the shared schema none of theirs."""
    for key in WORDS:
        with tenant_context(first):
            cache.set(key, first.code)
        with tenant_context(second):
            assert cache.get(key) is None, f"{second.code} reads {key} of {first.code}."
            cache.set(key, second.code)
        with shared_context():
            assert cache.get(key) is None, f"The shared schema reads {key} of {second.code}."
        with tenant_context(first):
            assert cache.get(key) == first.code, f"{second.code} has overwritten {key}."


def test_all_that_serving_leaves_in_the_caches_names_its_site(
    cluster: Cluster, walkers: dict[str, Walker]
) -> None:
    """Screens and public pages of both sites, one after the other."""
    forget_caches()
    for site in (cluster.there, cluster.here):
        browser = cluster.people["platform_admin"].browser(site)
        for path in ("/admin/", "/admin/pages/", "/admin/images/", "/admin/pages/5001/edit/"):
            assert browser.get(path).status_code == 200
    foreign = [
        f"{alias}: {key}"
        for alias in caches.settings
        for key in kept(caches[alias])
        if not (cluster.here.schema_name in key or cluster.there.schema_name in key)
    ]
    assert foreign == []


def kept(cache: Any) -> list[str]:
    """The keys of a cache in memory; all aliases of the tests are."""
    assert isinstance(cache, LocMemCache)
    return list(cache._cache)  # type: ignore[attr-defined]


def test_what_wagtail_keeps_of_a_site_is_that_sites(cluster: Cluster) -> None:
    forget_caches()
    paths: dict[str, Any] = {}
    for site in (cluster.there, cluster.here, cluster.there):
        with tenant_context(site):
            roots = WagtailSite.get_site_root_paths()
            paths.setdefault(site.code, roots)
            assert roots == paths[site.code]
            assert {each.root_url for each in roots} == {site.address and site.address.root_url}
            assert Locale.objects.get(language_code="en").get_display_name()


def test_fragments_and_renditions_are_a_sites_own(cluster: Cluster) -> None:
    template = Template("{% load cache %}{% cache 600 part %}{{ text }}{% endcache %}")
    wagtail = Template(
        "{% load wagtail_cache %}{% wagtailpagecache 600 'part' %}{{ text }}{% endwagtailpagecache %}"
    )
    for site, mark in ((cluster.there, cluster.theirs), (cluster.here, cluster.ours)):
        with tenant_context(site):
            context = Context({"text": mark.text(), "page": Page.objects.get(pk=5001)})
            assert template.render(context) == mark.text()
            assert mark.text() in wagtail.render(context)


def test_the_other_sites_screens_show_nothing_of_this_one(
    cluster: Cluster, seen_there: list[str]
) -> None:
    """They were drawn right after this site's; all further tests ask after them."""
    assert seen_there == []
    there = cluster.people["platform_admin"].browser(cluster.there)
    assert cluster.theirs.found_in(there.get("/admin/pages/5001/edit/").content.decode())
