"""Preview, view draft and compare, wherever the site stands and whether or not it does."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.images import ImageFile
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import clear_url_caches, get_urlconf, path as url, reverse
from django.utils import translation
from django.utils.module_loading import import_string
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import APIToken, Page, Site as WagtailSite
from wagtail.test.utils.form_data import querydict_from_html

from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import User
from sitecluster.cms.models import ArticlePage, ColumnPage
from sitecluster.tenancy import Side, connection, serving, shared_context, tenant_context
from tenants import directory
from tenants.directory import Site
from tenants.models import Domain, Tenant
from tests.conftest import client_for

PASSWORD = "Zhongguo-2026"


def as_it_is(site: Site) -> None:
    """A site at its address."""


def without_domain(site: Site) -> None:
    """A site that has no address (yet)."""
    Domain.objects.filter(tenant_id=site.id).delete()


def moved(site: Site) -> None:
    """A site whose address has changed; Wagtail's own row may be older."""
    Domain.objects.filter(tenant_id=site.id).update(host="moved.example", prefix="/p/q")


def posing(site: Site) -> None:
    """A site for which Wagtail's row names the host of another site."""
    with tenant_context(site):
        WagtailSite.objects.update(hostname="gamma.alpha.localhost", port=8000)


def in_state(state: str) -> Callable[[Site], None]:
    """A site that citizens don't see (any more)."""

    def change(site: Site) -> None:
        Tenant.objects.filter(pk=site.id).update(state=state)

    return change


SITUATIONS = {
    "as it is": as_it_is,
    "no domain": without_domain,
    "moved": moved,
    "posing": posing,
    "offline": in_state("offline"),
    "building": in_state("building"),
}


@dataclass
class Desk:
    """An editor at work on an article of a site, of which there is a newer draft."""

    site: Site
    user: User
    client: Client
    article: ArticlePage

    def get(self, path: str) -> Any:
        """The admin host's answer; the site's schema stays active, no site is looked up."""
        with CaptureQueriesContext(connection) as captured:
            response = self.client.get(path)
        assert response.status_code == 200, (path, response.headers)
        assert connection.schema_name == self.site.schema_name
        assert not [q for q in captured if re.search("tenants_(tenant|domain)", q["sql"])]
        return response


def write(site: Site, picture: bool = True) -> ArticlePage:
    """A published article, and a draft of it that is newer; the site's schema is active."""
    column = ColumnPage.objects.live().filter(depth=3).first()
    assert column is not None
    image = None
    if picture:
        image = get_image_model().objects.create(title="图", file=_picture())
    article = ArticlePage(
        title="旧标题", source="办公室", body=[("text", "<p>旧正文</p>")], lead_image=image
    )
    article.live = False
    Page.objects.get(pk=column.pk).add_child(instance=article)
    article.save_revision().publish()
    article = ArticlePage.objects.get(pk=article.pk)
    article.title = "新草稿"
    article.save_revision()
    return ArticlePage.objects.get(pk=article.pk)


def _picture() -> ImageFile:
    return get_test_image_file("preview.png", size=(1200, 800))


@pytest.fixture
def new_desk(alpha: Site, beta: Site, gamma: Site, settings: Any) -> Callable[[str, str], Desk]:
    """Makes a desk on the site of a code, once the site is in a situation."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    def make(code: str, situation: str) -> Desk:
        site = directory.snapshot().by_code[code]
        with shared_context():
            user = add_member("e@example.cn", site, ["editor"], name="E", password=PASSWORD)[0]
        with tenant_context(site):
            article = write(site)
        SITUATIONS[situation](site)
        directory.forget()
        site = directory.snapshot().by_code[code]
        client = client_for(site.admin_host)
        client.force_login(user)
        assert client.get("/admin/").status_code == 200
        return Desk(site, user, client, article)

    return make


@pytest.fixture(
    params=[
        ("alpha", "as it is"),
        ("beta", "as it is"),
        ("gamma", "no domain"),
        ("beta", "moved"),
        ("beta", "posing"),
        ("alpha", "offline"),
        ("gamma", "building"),
    ],
    ids=" ".join,
)
def desk(request: pytest.FixtureRequest, new_desk: Callable[[str, str], Desk]) -> Desk:
    """A desk on sites of every kind in every situation."""
    return new_desk(*request.param)


def check_is_of(response: Any, desk: Desk) -> None:
    """The answer is a page of the desk's site, made for its user, with pictures that load."""
    request = response.context["request"]
    assert request.is_dummy
    assert (request.tenant, request.side, request.user) == (desk.site, Side.PREVIEW, desk.user)
    assert request.session.session_key == desk.client.session.session_key
    soup = BeautifulSoup(response.content.decode(), "html.parser")
    [mark] = soup.select("meta[name=SiteName]")
    assert mark["content"] == desk.site.name
    sources = [str(img["src"]) for img in soup.select("img")]
    assert sources
    for source in sources:
        start = f"http://{desk.site.code}.uploads.localhost:8000/media/"
        assert source.startswith(start)
        uploads = client_for(f"{desk.site.code}.uploads.localhost")
        assert uploads.get(source.partition(":8000")[2]).status_code == 200


def form_of(response: Any) -> QueryDict:
    """What the editor's script would send for a preview."""
    html = response.content.decode()
    data = querydict_from_html(html, form_id="page-edit-form")
    for mark in BeautifulSoup(html, "html.parser").select("[data-streamfield-stream-count]"):
        data.setdefault(mark["name"], "0")
    data.setlistdefault("body-count", ["0"])
    return data


def test_the_live_preview_shows_what_is_being_typed(desk: Desk) -> None:
    path = f"/admin/pages/{desk.article.pk}/edit/"
    data = form_of(desk.get(path))
    data["title"] = "正在输入"
    posted = desk.client.post(f"{path}preview/", data)
    assert posted.json()["is_valid"] is True
    response = desk.get(f"{path}preview/?mode=")
    assert "正在输入" in response.content.decode()
    check_is_of(response, desk)
    assert response.headers["x-frame-options"] == "SAMEORIGIN"


def test_a_new_page_can_be_previewed(desk: Desk) -> None:
    with tenant_context(desk.site):
        parent = desk.article.get_parent()
    path = f"/admin/pages/add/cms/articlepage/{parent.pk}/"
    data = form_of(desk.get(path))
    data["title"], data["source"] = "全新文章", "办公室"
    with tenant_context(desk.site):
        data["lead_image"] = str(get_image_model().objects.get(title="图").pk)
    posted = desk.client.post(f"{path}preview/", data)
    assert posted.json()["is_valid"] is True
    response = desk.get(f"{path}preview/")
    assert "全新文章" in response.content.decode()
    check_is_of(response, desk)


def test_the_draft_can_be_viewed(desk: Desk) -> None:
    response = desk.get(f"/admin/pages/{desk.article.pk}/view_draft/")
    assert "新草稿" in response.content.decode()
    check_is_of(response, desk)


def test_revisions_can_be_compared_and_viewed(desk: Desk) -> None:
    pk = desk.article.pk
    response = desk.get(f"/admin/pages/{pk}/revisions/compare/earliest...latest/")
    text = response.content.decode()
    assert "旧标题" in text
    assert "新草稿" in text
    with tenant_context(desk.site):
        first = desk.article.revisions.order_by("pk").first()
    assert first is not None
    response = desk.get(f"/admin/pages/{pk}/revisions/{first.pk}/view/")
    assert "旧标题" in response.content.decode()
    check_is_of(response, desk)


@pytest.mark.parametrize("code", ["alpha", "beta"])
def test_a_preview_leaves_the_request_around_it_as_it_was(
    new_desk: Callable[[str, str], Desk], code: str
) -> None:
    """Whatever the admin's screen does after it, it does for its own site and language."""
    desk = new_desk(code, "as it is")
    seen = []

    def screen(request: Any) -> HttpResponse:
        before = _surroundings()
        preview = desk.article.make_preview_request(request)
        assert preview.status_code == 200
        seen.append((before, _surroundings()))
        return HttpResponse(reverse("wagtailadmin_home"))

    url_patterns = import_string("sitecluster.project.urls_admin.urlpatterns")
    url_patterns.insert(0, url("around/", screen))
    clear_url_caches()
    try:
        response = desk.client.get("/around/", headers={"accept-language": "en"})
    finally:
        url_patterns.pop(0)
        clear_url_caches()
    assert response.content == b"/admin/"
    assert response.headers["content-language"] == "en"
    [(before, after)] = seen
    assert after == before
    assert before[0] == desk.site.schema_name


def _surroundings() -> tuple[Any, ...]:
    return (
        connection.schema_name,
        connection.tenant,
        translation.get_language(),
        serving(),
        get_urlconf(),
        reverse("wagtailadmin_home"),
    )


# --- Wagtail's Site rows -----------------------------------------------------------------------


def test_nobody_reaches_wagtails_site_rows(
    new_desk: Callable[[str, str], Desk],
) -> None:
    desk = new_desk("alpha", "as it is")
    with shared_context():
        boss = User.everyone.create_superuser("boss@example.cn", PASSWORD)
    with tenant_context(desk.site):
        row = WagtailSite.objects.get()
        _, token = APIToken.create_token(user=boss, name="t")
    client = client_for(desk.site.admin_host)
    client.force_login(boss)
    identity = "/admin/settings/cms/siteidentity/"
    for path in ("", "new/", "add/", f"{row.pk}/", f"edit/{row.pk}/", f"{row.pk}/delete/"):
        response = client.post(f"/admin/sites/{path}", {"hostname": "x.example"})
        assert response.headers.get("location", identity) == identity
        assert response.status_code in (302, 404, 405)
    for path in ("/api/v3/sites/", f"/api/v3/sites/{row.pk}/"):
        for method in ("get", "post", "put", "patch", "delete"):
            response = getattr(client, method)(path, headers={"authorization": f"Bearer {token}"})
            assert response.status_code == 404
    with tenant_context(desk.site):
        assert WagtailSite.objects.get().hostname == row.hostname


@pytest.mark.parametrize("code", ["alpha", "beta", "gamma"])
def test_wagtails_site_row_is_at_the_primary_address(
    alpha: Site, beta: Site, gamma: Site, code: str
) -> None:
    site = directory.snapshot().by_code[code]
    with tenant_context(site):
        row = WagtailSite.objects.get()
    assert site.address is not None
    assert (row.hostname, row.port) == (site.address.host, 8000)
    assert (row.site_name, row.is_default_site) == (site.name, True)
