"""Addresses of a site: added, made primary, leading elsewhere, taken away."""

from collections.abc import Iterator

import pytest
from wagtail.models import Site as WagtailSite

from sitecluster.audit.models import Entry
from sitecluster.tenancy import shared_context, tenant_context
from tenants import directory
from tenants.addresses import add_address, drop_address, make_primary, redirect
from tenants.directory import Site
from tenants.models import Domain
from tenants.provisioning import ProvisionError
from tests.conftest import client_for

pytestmark = pytest.mark.django_db
OLD, NEW = "gamma.alpha.localhost", "slj.alpha.localhost"


@pytest.fixture(autouse=True)
def _english(english: None) -> Iterator[None]:
    with shared_context():
        yield


def now(code: str) -> Site:
    directory.forget()
    return directory.snapshot().by_code[code]


def test_one_more_address_shows_the_same_pages(gamma: Site) -> None:
    add_address("gamma", NEW, reason="机构改名", document="3号")
    site = now("gamma")
    assert [place.host for place in site.addresses] == [OLD, NEW]
    assert client_for(NEW).get("/").status_code == 200
    entry = Entry.objects.get(act="site.address_added")
    assert (entry.before, entry.after) == ({"addresses": [OLD]}, {"addresses": [OLD, NEW]})
    assert (entry.reason, entry.document) == ("机构改名", "3号")


def test_an_old_address_leads_to_the_same_path(gamma: Site) -> None:
    add_address("gamma", NEW)
    make_primary("gamma", NEW, redirect_old=True)
    site = now("gamma")
    assert site.address
    assert site.address.host == NEW
    client = client_for(OLD)
    for path in ("/", "/tzgg/", "/tzgg/?page=2&q=%E6%B0%B4", "/media/a%20b.png", "//evil.example/"):
        answer = client.get("/", PATH_INFO=path.partition("?")[0].replace("%20", " "),
                            QUERY_STRING=path.partition("?")[2])  # fmt: skip
        assert answer.status_code == 301
        assert answer.headers["location"].startswith(f"http://{NEW}:8000/")
    answer = client.get("/tzgg/?page=2&q=%E6%B0%B4")
    assert answer.headers["location"] == f"http://{NEW}:8000/tzgg/?page=2&q=%E6%B0%B4"
    with tenant_context(site):
        assert WagtailSite.objects.get().hostname == NEW
    redirect("gamma", OLD, redirects=False)
    now("gamma")
    assert client.get("/").status_code == 200


def test_below_a_prefix_as_well(beta: Site) -> None:
    add_address("beta", "bei.example/b")
    make_primary("beta", "bei.example/b", redirect_old=True)
    now("beta")
    client = client_for("www.alpha.localhost")
    for path, target in (
        ("/zz/beta/", "/b/"),
        ("/zz/beta", "/b/"),
        ("/zz/beta/tzgg/?a=1", "/b/tzgg/?a=1"),
    ):
        answer = client.get(path)
        assert answer.status_code == 301
        assert answer.headers["location"] == f"http://bei.example:8000{target}"
    assert client.get("/").status_code == 200


def test_the_first_address_is_the_primary_one(gamma: Site) -> None:
    Domain.objects.filter(tenant_id=gamma.id).delete()
    add_address("gamma", NEW, redirects=True)
    assert Domain.objects.get(tenant_id=gamma.id).is_primary
    assert now("gamma").leading == frozenset()


def test_an_address_that_leads_can_become_primary(gamma: Site) -> None:
    add_address("gamma", NEW, redirects=True)
    now("gamma")
    assert client_for(NEW).get("/").status_code == 301
    make_primary("gamma", NEW)
    site = now("gamma")
    assert (site.address and site.address.host, site.leading) == (NEW, frozenset())
    assert client_for(OLD).get("/").status_code == 200


def test_a_dropped_address_is_nobodys(gamma: Site) -> None:
    add_address("gamma", NEW)
    drop_address("gamma", NEW, reason="域名注销")
    now("gamma")
    assert client_for(NEW).get("/").status_code == 404
    assert Entry.objects.get(act="site.address_dropped").reason == "域名注销"


@pytest.mark.parametrize(
    ("verb", "code", "domain"),
    [
        (add_address, "gamma", "www.alpha.localhost"),
        (add_address, "gamma", OLD),
        (add_address, "gamma", "not a host"),
        (add_address, "gamma", "x.admin.localhost"),
        (add_address, "gamma", "www.alpha.localhost/COLUMN"),
        (add_address, "gamma", "www.x.gov.cn"),
        (add_address, "control", "control.example"),
        (make_primary, "gamma", NEW),
        (redirect, "gamma", OLD),
        (drop_address, "gamma", OLD),
        (drop_address, "gamma", "www.alpha.localhost"),
    ],
)
def test_a_refusal_changes_nothing(
    alpha: Site, gamma: Site, verb: object, code: str, domain: str
) -> None:
    from sitecluster.cms.models import HomePage

    with tenant_context(alpha):
        column = HomePage.objects.get().get_children().live().first()
        assert column
    before, count = list(Domain.objects.order_by("pk").values()), Entry.objects.count()
    with pytest.raises(ProvisionError):
        verb(code, domain.replace("COLUMN", column.slug))  # type: ignore[operator]
    assert list(Domain.objects.order_by("pk").values()) == before
    assert Entry.objects.count() == count


def test_what_changes_nothing_is_no_act(gamma: Site) -> None:
    count = Entry.objects.count()
    make_primary("gamma", OLD)
    assert Entry.objects.count() == count
