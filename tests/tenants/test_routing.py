"""Which site and which side an address leads to, and what it never leads to."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from django.urls import get_resolver, get_script_prefix, reverse

from sitecluster.cms.models import ArticlePage, ColumnPage
from sitecluster.tenancy import connection, tenant_context
from tenants import directory
from tenants.directory import Site
from tenants.models import Domain, State, Tenant
from tests.conftest import client_for

PORTAL, DEPARTMENT = "www.alpha.localhost", "gamma.alpha.localhost"
TOWNSHIP = "/zz/beta"


def name_on(response: Any) -> str:
    """The site whose page this is, by the meta element that the norm asks for."""
    text = response.content.decode()
    assert response.status_code == 200, text[:2000]
    mark = '<meta name="SiteName" content="'
    return str(text.partition(mark)[2].partition('"')[0])


def is_plain_404(response: Any) -> bool:
    return response.status_code == 404 and b"SiteName" not in response.content


def put(code: str, **fields: Any) -> None:
    """Change a site's row as any process might."""
    Tenant.objects.filter(code=code).update(**fields)
    directory.forget()


# --- Hosts and prefixes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "path", "code"),
    [
        (PORTAL, "/", "alpha"),
        (PORTAL, "/zz/beta/", "beta"),
        (DEPARTMENT, "/", "gamma"),
        ("WWW.Alpha.LOCALHOST", "/", "alpha"),
        ("www.alpha.localhost.", "/", "alpha"),
        ("www.alpha.localhost:8000", "/", "alpha"),
        ("www.alpha.localhost:8000", "/zz/beta/", "beta"),
        ("WWW.ALPHA.LOCALHOST.:443", "/zz/beta/", "beta"),
    ],
)
def test_an_address_leads_to_its_site(
    alpha: Site, beta: Site, gamma: Site, host: str, path: str, code: str
) -> None:
    expected = {"alpha": alpha, "beta": beta, "gamma": gamma}[code]
    assert name_on(client_for(host).get(path)) == expected.name


@pytest.mark.parametrize("path", ["/zz/betax/", "/zz/bet/", "/zz/", "/ZZ/beta/", "/zz//beta/"])
def test_what_only_looks_like_a_prefix_is_the_portals(alpha: Site, path: str) -> None:
    response = client_for(PORTAL).get(path)
    assert response.status_code == 404
    assert f'content="{alpha.name}"' in response.content.decode()


def test_the_longest_prefix_wins(alpha: Site, beta: Site, gamma: Site) -> None:
    Domain.objects.create(tenant_id=gamma.id, host=PORTAL, prefix="/zz/beta/sl", is_primary=False)
    Domain.objects.create(tenant_id=gamma.id, host=PORTAL, prefix="/zz", is_primary=False)
    directory.forget()
    client = client_for(PORTAL)
    assert name_on(client.get("/zz/beta/sl/")) == gamma.name
    assert name_on(client.get("/zz/beta/")) == beta.name
    assert name_on(client.get("/zz/")) == gamma.name
    assert name_on(client.get("/")) == alpha.name


@pytest.mark.parametrize("query", ["", "?page=2&q=%E6%B0%B4"])
def test_a_prefix_without_its_slash_leads_to_the_one_with_it(beta: Site, query: str) -> None:
    response = client_for(PORTAL).get(TOWNSHIP + query)
    assert response.status_code == 301
    assert response.headers["location"] == f"{TOWNSHIP}/{query}"


def test_slashes_are_added_below_a_prefix_too(beta: Site) -> None:
    with tenant_context(beta):
        column = ColumnPage.objects.live().first()
        assert column is not None
        path = column.get_full_url().removeprefix(beta.address.root_url)  # type: ignore[union-attr]
    response = client_for(PORTAL).get(path.rstrip("/"))
    assert (response.status_code, response.headers["location"]) == (301, path)
    assert response.headers["location"].startswith(TOWNSHIP)


@pytest.mark.parametrize(
    "path", ["//evil.example", "/zz/beta//evil.example", "//zz/beta", "//e.x/a"]
)
def test_no_redirect_leaves_the_host(beta: Site, path: str) -> None:
    response = client_for(PORTAL).get("/", PATH_INFO=path)
    assert response.status_code in (301, 404)
    assert not response.headers.get("location", "/x").startswith("//")


def test_reverse_knows_the_prefix_while_a_request_lasts(beta: Site) -> None:
    seen = []

    def look(execute: Any, *args: Any) -> Any:
        seen.append((get_script_prefix(), reverse("sitemap")))
        return execute(*args)

    with connection.execute_wrapper(look):
        assert client_for(PORTAL).get("/zz/beta/sitemap.xml").status_code == 200
    assert set(seen) == {("/zz/beta/", "/zz/beta/sitemap.xml")}
    assert get_script_prefix() == "/"


# --- Hosts of nobody -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "nobody.example",
        "alpha.localhost",
        "localhost",
        "127.0.0.1",
        "[::1]:8000",
        "admin.localhost",
        "uploads.localhost",
        "nobody.admin.localhost",
        "nobody.uploads.localhost",
        "a.alpha.admin.localhost",
        "www.alpha.localhost.evil.example",
        "xwww.alpha.localhost",
        "s_alpha.admin.localhost",
    ],
)
@pytest.mark.parametrize("path", ["/", "/admin/", "/media/x.png", "/zz/beta/"])
def test_unknown_hosts_get_a_plain_page(alpha: Site, host: str, path: str) -> None:
    response = client_for(host).get(path)
    assert is_plain_404(response)
    text = response.content.decode()
    assert "<h1>" in text
    assert alpha.name not in text
    assert "no-store" in response.headers["cache-control"]
    assert not response.cookies


@pytest.mark.parametrize(
    "host",
    ["", " ", "bad host", "www.alpha.localhost/x", "www.alpha.localhost:abc", "..", "a@b", "ä.example",
     "www.alpha.localhost:80:80", "<script>", "www.alpha.localhost\x00", "x" * 5000],
)  # fmt: skip
def test_bad_hosts_get_the_same(alpha: Site, host: str) -> None:
    response = client_for(host).get("/", raise_request_exception=True)
    assert is_plain_404(response)


def test_unknown_hosts_speak_the_clusters_language_whatever_came_before(alpha: Site) -> None:
    admin = client_for(alpha.admin_host)
    assert admin.get("/admin/login/", headers={"accept-language": "en"}).status_code == 200
    assert '<html lang="zh-hans">' in client_for("nobody.example").get("/").content.decode()


def test_the_control_site_has_no_public_host(alpha: Site) -> None:
    control = directory.snapshot().by_code["control"]
    assert control.addresses == ()
    for host in ("control.localhost", "www.control.localhost", "control.alpha.localhost"):
        assert is_plain_404(client_for(host).get("/"))
    assert client_for(control.admin_host).get("/admin/login/").status_code == 200


# --- Sides -----------------------------------------------------------------------------------


def admin_paths() -> list[str]:
    """Every address that admin hosts answer, each of its variables being 1."""
    return sorted(set(_paths(get_resolver("sitecluster.project.urls_admin"), "/")) - {"/"})


def _paths(resolver: Any, before: str) -> Iterator[str]:
    for possibilities, *_ in resolver.reverse_dict.values():
        for template, names in possibilities:
            yield before + template % dict.fromkeys(names, "1")
    for prefix, nested in resolver.namespace_dict.values():
        yield from _paths(nested, before + prefix)


@pytest.mark.parametrize("prefix", ["", TOWNSHIP])
def test_no_address_of_the_admin_answers_on_a_public_host(
    alpha: Site, beta: Site, prefix: str
) -> None:
    paths = admin_paths()
    assert len(paths) > 250
    assert "/admin/" in paths
    client = client_for(PORTAL)
    answers = {path: client.get(prefix + path).status_code for path in paths}
    assert {path: code for path, code in answers.items() if code not in (404, 301)} == {}
    # Only a slash at the end may be missing.
    for path, code in answers.items():
        if code == 301:
            assert client.get(f"{prefix}{path}/").status_code == 404


@pytest.mark.parametrize("host", [PORTAL, DEPARTMENT])
@pytest.mark.parametrize(
    "path",
    ["/admin/", "//admin/", "/ADMIN/", "/Admin/login/", "/%61dmin/", "/admin%2F", "/./admin/", "/x/../admin/",
     "/zz/beta/admin/", "/zz/beta//admin/", "/zz/beta/../../admin/", "/zz/beta/%2e%2e/admin/", "/en/admin/",
     "/zz/beta/en/admin/", "/admin/login/", "/admin/pages/", "/admin/api/main/pages/", "/api/v3/pages/",
     "/api/v3/docs/", "/admin/;x", "/_util/login/", "/documents/1/x.pdf", "/django-admin/"],
)  # fmt: skip
def test_tricky_ways_to_the_admin_are_no_ways(alpha: Site, host: str, path: str) -> None:
    for method in ("get", "post"):
        response = getattr(client_for(host), method)("/", PATH_INFO=unquote(path))
        assert response.status_code == 404
        assert not response.cookies
        assert b"password" not in response.content


def test_admin_hosts_answer_no_pages_and_no_uploads(alpha: Site, beta: Site) -> None:
    client = client_for(beta.admin_host)
    assert client.get("/").headers["location"] == "/admin/"
    for path in ("/tzgg/", "/sitemap.xml", "/media/x.png", "/en/", "/zz/beta/", "/tzgg/feed.xml"):
        assert client.get(path).status_code == 404


def test_uploads_hosts_answer_nothing_but_uploads(alpha: Site) -> None:
    client = client_for("alpha.uploads.localhost")
    for path in ("/", "/admin/", "/admin/login/", "/sitemap.xml", "/en/", "/api/v3/pages/"):
        response = client.get(path)
        assert response.status_code == 404
        assert not response.cookies


# --- No cookies ------------------------------------------------------------------------------


@pytest.mark.parametrize("state", State.values)
def test_public_hosts_set_no_cookie(alpha: Site, beta: Site, state: str) -> None:
    put("beta", state=state)
    with tenant_context(beta):
        column, article = ColumnPage.objects.live().first(), ArticlePage.objects.live().first()
        assert column is not None
        assert article is not None
        pages = [page.get_full_url() for page in (column, article)]
    paths = [url.partition("8000")[2] for url in pages]
    others = [
        "",
        "/",
        "/nothing/",
        "/sitemap.xml",
        "/media/none.png",
        "/admin/",
        "/en/",
        "/?page=9",
    ]
    paths += [*(TOWNSHIP + path for path in others), f"{paths[0]}feed.xml"]
    jar = {"sitecluster_session": "x" * 32, "sitecluster_csrf": "y" * 32}
    for path in paths:
        for method in ("get", "head", "post"):
            client = client_for(PORTAL)
            client.cookies.load(jar)
            response = getattr(client, method)(path)
            assert "set-cookie" not in response.headers
            assert not response.cookies
            vary = response.headers.get("vary", "").lower()
            assert not {"cookie", "accept-language"} & set(vary.split(", "))


# --- States ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("requested", 404),
        ("approved", 404),
        ("building", 404),
        ("live", 200),
        ("offline", 503),
        ("readonly", 200),
        ("closed", 410),
        ("removed", 404),
    ],
)
@pytest.mark.parametrize("code", ["alpha", "beta"])
def test_a_sites_state_decides_what_citizens_see(
    alpha: Site, beta: Site, state: str, status: int, code: str
) -> None:
    put(code, state=state, state_note="系统升级至明日。")
    paths = {"alpha": "", "beta": TOWNSHIP}
    client = client_for(PORTAL)
    response = client.get(f"{paths[code]}/")
    assert response.status_code == status
    if status == 503:
        assert response.headers["retry-after"] == "3600"
        assert "系统升级至明日。" in response.content.decode()
    if status in (503, 410):
        assert "no-store" in response.headers["cache-control"]
        assert client.get(f"{paths[code]}/sitemap.xml").status_code == status
    if status == 404:
        assert is_plain_404(response)
    other = {"alpha": TOWNSHIP, "beta": ""}[code]
    assert client.get(f"{other}/").status_code == 200


@pytest.mark.parametrize("state", State.values)
def test_editors_reach_every_site_but_a_removed_one(alpha: Site, state: str) -> None:
    put("alpha", state=state)
    status = 404 if state == "removed" else 200
    assert client_for(alpha.admin_host).get("/admin/login/").status_code == status


def test_a_request_leaves_no_site_for_an_unknown_host(alpha: Site) -> None:
    assert client_for(PORTAL).get("/").status_code == 200
    client_for("nobody.example").get("/")
    assert connection.schema_name == "public"
