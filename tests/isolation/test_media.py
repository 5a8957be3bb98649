"""A site's uploads come from its own hosts and from no other, whatever the address is made of."""

from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models
from django.test import Client

from sitecluster.tenancy import tenant_context
from tenants.directory import Site

from .asking import body_of
from .cluster import Cluster
from .keys import models_of_a_site

TRICKS = (
    "/media/{name}",
    "/media/../{schema}/{name}",
    "/media/../../sites/{schema}/{name}",
    "/media/%2e%2e/{schema}/{name}",
    "/media/%2e%2e%2f{schema}%2f{name}",
    "/media/..%2f{schema}/{name}",
    "/media/images/../../{schema}/{name}",
    "/media/./../{schema}/{name}",
    "/media//{root}/sites/{schema}/{name}",
    "/media/%2Fsites/{schema}/{name}",
    "/media/starter/../sites/{schema}/{name}",
    "/media/starter/%2e%2e/sites/{schema}/{name}",
    "/media/..\\{schema}\\{name}",
    "/media/%252e%252e/{schema}/{name}",
    "/media/sites/{schema}/{name}",
    "/media/{name}%00.txt",
)


def files_of(site: Site) -> list[str]:
    """Every file that a row of the site names."""
    names = []
    with tenant_context(site):
        for model in models_of_a_site(site.schema_name):
            for field in model._meta.concrete_fields:
                if isinstance(field, models.FileField):
                    names += model._base_manager.values_list(field.name, flat=True)
    return [name for name in names if name and not name.startswith("starter/")]


def hosts_of(site: Site) -> list[tuple[str, str]]:
    """Host and prefix of its public addresses, and its uploads host."""
    public = [(place.host, place.prefix) for place in site.addresses]
    return [*public, (f"{site.code}.{settings.UPLOADS_DOMAIN}", "")]


def fetch(host: str, path: str) -> Any:
    return Client(headers={"host": host}, raise_request_exception=False).get(path)


def test_every_file_is_served_on_its_own_hosts(cluster: Cluster) -> None:
    for site, mark in ((cluster.here, cluster.ours), (cluster.there, cluster.theirs)):
        names = files_of(site)
        assert len([name for name in names if mark.found_in(name)]) >= 6
        for host, prefix in hosts_of(site):
            assert {fetch(host, f"{prefix}/media/{name}").status_code for name in names} == {200}


@pytest.mark.parametrize("trick", TRICKS)
def test_no_address_reaches_another_sites_file(cluster: Cluster, trick: str) -> None:
    pairs = (
        (cluster.here, cluster.there, cluster.theirs),
        (cluster.there, cluster.here, cluster.ours),
    )
    for site, other, mark in pairs:
        root = str(settings.MEDIA_ROOT).strip("/")
        with tenant_context(other):
            contents = {name: default_storage.open(name).read() for name in files_of(other)}
        for name, content in contents.items():
            if not mark.found_in(name):
                continue
            path = trick.format(name=name, schema=other.schema_name, root=root)
            for host, prefix in hosts_of(site):
                answer = fetch(host, prefix + path)
                assert answer.status_code in (301, 302, 400, 404), f"{host}{prefix}{path}"
                assert content.decode(errors="replace") != body_of(answer)


def test_files_of_the_same_name_are_two(cluster: Cluster) -> None:
    from django.core.files.base import ContentFile

    for site in (cluster.here, cluster.there):
        with tenant_context(site):
            default_storage.save("documents/same.txt", ContentFile(site.code.encode()))
    for site in (cluster.here, cluster.there):
        for host, prefix in hosts_of(site):
            assert body_of(fetch(host, f"{prefix}/media/documents/same.txt")) == site.code
