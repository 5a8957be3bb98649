"""Uploads over HTTP: from which hosts, of which site, and how much of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from wagtail.images import get_image_model

from sitecluster.tenancy import tenant_context
from tenants import directory
from tenants.directory import Site
from tenants.models import Domain, Tenant
from tests.conftest import client_for

PORTAL = "www.alpha.localhost"
UPLOADS = "alpha.uploads.localhost"
BYTES = bytes(range(256)) * 1000


@pytest.fixture
def upload(alpha: Site) -> Iterator[Any]:
    """Puts a file of a site in place; gives its path on any host that serves it."""
    kept: list[tuple[Site, str]] = []

    def put(name: str, content: bytes = BYTES, site: Site = alpha) -> str:
        with tenant_context(site):
            saved = default_storage.save(name, ContentFile(content))
        kept.append((site, saved))
        return f"/media/{quote(saved)}"

    yield put
    for site, name in kept:
        with tenant_context(site):
            Path(default_storage.path(name)).unlink(missing_ok=True)


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


# --- Hosts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("host", [PORTAL, UPLOADS])
def test_public_and_uploads_hosts_serve_uploads(upload: Any, host: str) -> None:
    response = client_for(host).get(upload("documents/通知.pdf"))
    assert response.status_code == 200
    assert body(response) == BYTES
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["cache-control"] == "public, max-age=3600"
    assert not response.cookies


@pytest.mark.parametrize("host", ["alpha.admin.localhost", "nobody.uploads.localhost", "x.example"])
def test_other_hosts_serve_none(upload: Any, host: str) -> None:
    assert client_for(host).get(upload("documents/a.pdf")).status_code == 404


def test_a_site_below_a_prefix_serves_its_uploads_there(beta: Site, upload: Any) -> None:
    path = upload("documents/b.pdf", b"beta", beta)
    assert body(client_for(PORTAL).get(f"/zz/beta{path}")) == b"beta"
    assert client_for(PORTAL).get(path).status_code == 404


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        ("public", "/zz/beta/media/a%20b.png"),
        ("admin", "http://beta.uploads.localhost:8000/media/a%20b.png"),
        ("task", "http://www.alpha.localhost:8000/zz/beta/media/a%20b.png"),
    ],
)
def test_addresses_of_uploads_follow_whom_they_are_for(
    beta: Site, side: str, expected: str
) -> None:
    from sitecluster.tenancy import Side, serve

    with tenant_context(beta):
        if side == "task":
            assert default_storage.url("a b.png") == expected
        else:
            with serve(Side(side), beta.addresses[0].prefix if side == "public" else "", None):
                assert default_storage.url("a b.png") == expected


def test_uploads_of_a_site_without_an_address_are_on_its_uploads_host(
    gamma: Site, upload: Any
) -> None:
    path = upload("documents/c.pdf", b"gamma", gamma)
    Domain.objects.filter(tenant_id=gamma.id).delete()
    directory.forget()
    with tenant_context(directory.snapshot().by_code["gamma"]):
        url = default_storage.url("documents/c.pdf")
    assert url == f"http://gamma.uploads.localhost:8000{path}"
    assert body(client_for("gamma.uploads.localhost").get(path)) == b"gamma"


@pytest.mark.parametrize(("state", "status"), [("offline", 503), ("closed", 410), ("removed", 404)])
def test_uploads_go_off_with_their_site(upload: Any, state: str, status: int) -> None:
    path = upload("documents/a.pdf")
    Tenant.objects.filter(code="alpha").update(state=state)
    directory.forget()
    assert client_for(PORTAL).get(path).status_code == status


# --- What can't be reached -------------------------------------------------------------------


def traversals(path: str, schema: str) -> list[str]:
    """Ways to write ``path`` of the schema from elsewhere."""
    there = f"{schema}{path.removeprefix('/media')}"
    return [
        path,
        f"/media/../{there}",
        f"/media/../../sites/{there}",
        f"/media/images/../../{there}",
        f"/media//../{there}",
        f"/media/sites/{there}",
        f"/media/starter/../sites/{there}",
        f"/media/starter/../../media/sites/{there}",
        f"/media/..\\{there}",
        f"/media/{settings.MEDIA_ROOT}/sites/{there}",
        f"/media/./../{there}",
    ]


@pytest.mark.parametrize("host", [PORTAL, UPLOADS, "gamma.alpha.localhost"])
def test_another_sites_file_is_out_of_reach(beta: Site, upload: Any, host: str) -> None:
    path = upload("documents/secret.pdf", b"secret", beta)
    for way in traversals(path, beta.schema_name):
        for written in (way, way.replace("..", "%2e%2e"), way.replace("/", "%2F")):
            response = client_for(host).get("/", PATH_INFO=written)
            assert response.status_code == 404, written
            assert client_for(host).get(written).status_code == 404, written


@pytest.mark.parametrize(
    "name",
    ["", "images/", ".", "..", "../", "\x00", "a\x00b", "x" * 5000, "../../secret-key", "%00"],
)
def test_what_is_no_file_is_not_found(alpha: Site, upload: Any, name: str) -> None:
    upload("images/a.png")
    for host in (PORTAL, UPLOADS):
        assert client_for(host).get("/", PATH_INFO=f"/media/{name}").status_code == 404


def test_symbolic_names_of_the_storage_stay_in_the_site(alpha: Site) -> None:
    with tenant_context(alpha):
        for name in ("../s_beta/x", "/etc/passwd", "starter/../sites/s_beta/x", "starter/../x"):
            with pytest.raises(SuspiciousFileOperation):
                default_storage.path(name)


# --- Starter pictures ------------------------------------------------------------------------


def starter(site: Site) -> Any:
    with tenant_context(site):
        return get_image_model().objects.filter(file__startswith="starter/").first()


def test_all_sites_share_the_starter_pictures(alpha: Site, beta: Site) -> None:
    names = [{starter(site).file.name} for site in (alpha, beta)]
    assert names[0]
    hosts = {alpha: (PORTAL, ""), beta: (PORTAL, "/zz/beta")}
    for site, (host, prefix) in hosts.items():
        image = starter(site)
        response = client_for(host).get(f"{prefix}/media/{image.file.name}")
        assert response.status_code == 200
        with tenant_context(site):
            place = Path(image.file.path)
        assert place.parent == Path(settings.MEDIA_ROOT) / "starter"
        assert body(response) == place.read_bytes()


def test_no_site_changes_a_starter_picture(
    alpha: Site, django_capture_on_commit_callbacks: Any
) -> None:
    image = starter(alpha)
    with tenant_context(alpha):
        place = Path(image.file.path)
        before = place.read_bytes()
        with pytest.raises(SuspiciousFileOperation):
            default_storage.save(image.file.name, ContentFile(b"other"))
        with pytest.raises(SuspiciousFileOperation):
            default_storage.save("starter/new.jpg", ContentFile(b"other"))
        with pytest.raises(SuspiciousFileOperation):
            default_storage.open(image.file.name, "wb")
        default_storage.delete(image.file.name)
        with django_capture_on_commit_callbacks(execute=True):
            image.delete()
    assert place.read_bytes() == before


def test_renditions_of_a_starter_picture_are_the_sites_own(alpha: Site, beta: Site) -> None:
    for site in (alpha, beta):
        with tenant_context(site):
            rendition = starter(site).get_rendition("width-50")
            assert f"/sites/{site.schema_name}/" in rendition.file.path


# --- What browsers may do with a file ----------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["a.svg", "a.html", "a.htm", "a.xhtml", "a.xml", "a.js", "a", "a.svgz", "a.mht"]
)
def test_nothing_uploaded_runs_in_the_sites_name(upload: Any, name: str) -> None:
    response = client_for(PORTAL).get(upload(f"documents/{name}", b"<script>alert(1)</script>"))
    assert response.status_code == 200
    assert response.headers["x-content-type-options"] == "nosniff"
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "media-src 'self'" in policy  # else no browser plays a video opened by itself
    if not name.startswith("a.svg"):
        assert response.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize("name", ["a.png", "a.mp4", "a.mp3", "a.pdf", "a.txt", "a.svg"])
def test_harmless_types_are_shown(upload: Any, name: str) -> None:
    response = client_for(PORTAL).get(upload(f"documents/{name}"))
    assert not response.headers.get("content-disposition", "").startswith("attachment")


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
def test_uploads_are_only_read(upload: Any, method: str) -> None:
    assert getattr(client_for(PORTAL), method)(upload("documents/a.pdf")).status_code == 405


# --- Parts and conditions ----------------------------------------------------------------------


def test_unchanged_files_are_not_sent_again(upload: Any) -> None:
    client, path = client_for(PORTAL), upload("documents/a.pdf")
    stamp = client.get(path).headers["last-modified"]
    response = client.get(path, headers={"if-modified-since": stamp})
    assert response.status_code == 304
    assert body(response) == b""
    assert response.headers["cache-control"] == "public, max-age=3600"
    long_ago = "Thu, 01 Jan 1970 00:00:00 GMT"
    for stale in (long_ago, "nonsense", ""):
        assert client.get(path, headers={"if-modified-since": stale}).status_code == 200


def test_head_tells_of_the_file_without_it(upload: Any) -> None:
    response = client_for(PORTAL).head(upload("documents/a.mp4"))
    assert response.status_code == 200
    assert response.headers["content-length"] == str(len(BYTES))
    assert response.headers["accept-ranges"] == "bytes"
    assert body(response) == b""


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("0-", 0, 255_999),
        ("0-0", 0, 0),
        ("0-1", 0, 1),
        ("1000-200000", 1000, 200_000),
        ("255999-", 255_999, 255_999),
        ("200-999999999", 200, 255_999),
        ("-1", 255_999, 255_999),
        ("-999999999", 0, 255_999),
    ],
)
@pytest.mark.parametrize("method", ["get", "head"])
def test_one_range_of_bytes_is_sent(
    upload: Any, wanted: str, first: int, last: int, method: str
) -> None:
    client, path = client_for(PORTAL), upload("documents/a.mp4")
    response = getattr(client, method)(path, headers={"range": f"bytes={wanted}"})
    assert response.status_code == 206
    assert response.headers["content-range"] == f"bytes {first}-{last}/256000"
    assert response.headers["content-length"] == str(last - first + 1)
    assert body(response) == (BYTES[first : last + 1] if method == "get" else b"")


@pytest.mark.parametrize("wanted", ["256000-", "999999999-", "-0"])
def test_a_range_beyond_the_file_is_refused(upload: Any, wanted: str) -> None:
    client, path = client_for(PORTAL), upload("documents/a.mp4")
    response = client.get(path, headers={"range": f"bytes={wanted}"})
    assert response.status_code == 416
    assert response.headers["content-range"] == "bytes */256000"
    assert body(response) == b""


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=-",
        "bytes=5-2",
        "bytes=0-1,5-6",
        "lines=0-1",
        "bytes=a-b",
        "bytes=" + "9" * 50 + "-",
        "0-1",
    ],
)
def test_ranges_that_make_no_sense_are_ignored(upload: Any, wanted: str) -> None:
    client, path = client_for(PORTAL), upload("documents/a.mp4")
    response = client.get(path, headers={"range": wanted})
    assert response.status_code == 200
    assert body(response) == BYTES


def test_a_range_of_a_file_that_changed_is_the_whole_file(upload: Any) -> None:
    client, path = client_for(PORTAL), upload("documents/a.mp4")
    stamp = client.get(path).headers["last-modified"]
    headers = {"range": "bytes=0-1", "if-range": stamp}
    assert client.get(path, headers=headers).status_code == 206
    headers["if-range"] = "Thu, 01 Jan 1970 00:00:00 GMT"
    assert client.get(path, headers=headers).status_code == 200


def test_an_empty_file_can_be_asked_for(upload: Any) -> None:
    client, path = client_for(PORTAL), upload("documents/empty.txt", b"")
    assert body(client.get(path)) == b""
    assert client.get(path, headers={"range": "bytes=0-"}).status_code == 416


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("wanted", ["", "bytes=0-1", "bytes=999999999-"])
def test_files_are_closed(upload: Any, method: str, wanted: str) -> None:
    path = upload("documents/a.mp4")
    response = getattr(client_for(PORTAL), method)(path, headers={"range": wanted})
    body(response)
    response.close()
    with tenant_context(directory.snapshot().by_code["alpha"]):
        place = default_storage.path("documents/a.mp4")
    assert place not in {str(link.resolve()) for link in Path("/proc/self/fd").iterdir()}
