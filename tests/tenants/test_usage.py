"""What sites take up is known at any moment, and limits hold on every way in."""

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from PIL import Image as Picture
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import APIToken

from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import User
from sitecluster.audit.models import Entry
from sitecluster.cms.articles import ArticlePage
from sitecluster.cms.columns import ColumnPage
from sitecluster.cms.gates import PublicationRefused
from sitecluster.cms.publication import publishing
from sitecluster.library.models import Item
from sitecluster.tenancy import shared_context, tenant_context
from tenants import directory, usage
from tenants.directory import Site
from tenants.models import Usage
from tenants.provisioning import ProvisionError

URLCONF = "sitecluster.project.urls_admin"
KB = 1024


@pytest.fixture(autouse=True)
def _between_requests(db: None, settings: Any) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.TRIAL_WITHOUT_SECOND_FACTOR = True
    with shared_context(), translation.override("en"):
        yield


@pytest.fixture
def files() -> Iterator[Callable[..., str]]:
    """Puts files into the folder of a site, and takes them away at the end."""
    kept: list[tuple[Site, str]] = []

    def put(site: Site, size: int) -> str:
        with tenant_context(site):
            name: str = default_storage.save("documents/u.bin", ContentFile(b"x" * size))
        kept.append((site, name))
        return name

    yield put
    for site, name in kept:
        with tenant_context(site):
            default_storage.delete(name)


def known(site: Site) -> tuple[int, int]:
    """Files and bytes as the row of the site says."""
    row = Usage.objects.get(pk=site.id)
    return row.files, row.file_bytes


def limit(site: Site, *, room: int | None = None, items: int | None = None) -> Site:
    """Let the site take up ``room`` bytes more than now, or have that many items."""
    used = usage.measure(site).file_bytes
    most = None if room is None else used + room
    changed = usage.set_quota(site.code, max_bytes=most, max_items=items, by=None, reason="试运行")
    directory.forget()
    return changed


# --- Figures ---------------------------------------------------------------------------------


def test_uploads_count_from_the_moment_they_are_there(
    alpha: Site, beta: Site, files: Callable[..., str]
) -> None:
    before = usage.measure(alpha)
    other = usage.measure(beta)
    name = files(alpha, 3000)
    files(alpha, 500)
    assert known(alpha) == (before.files + 2, before.file_bytes + 3500)
    with tenant_context(alpha):
        default_storage.delete(name)
        default_storage.delete("documents/never-there.pdf")
    assert known(alpha) == (before.files + 1, before.file_bytes + 500)
    assert known(beta) == (other.files, other.file_bytes)
    again = usage.measure(alpha)
    assert (again.files, again.file_bytes) == (before.files + 1, before.file_bytes + 500)


def test_a_measurement_finds_what_nobody_told(alpha: Site, files: Callable[..., str]) -> None:
    files(alpha, 700)
    usage.measure(alpha)
    right = known(alpha)
    Usage.objects.filter(pk=alpha.id).update(files=99, file_bytes=1)
    usage.measure_all.call()
    assert known(alpha) == right
    assert Usage.objects.get(pk=alpha.id).schema_bytes > 500_000


def test_all_sites_are_measured_at_once(alpha: Site, beta: Site, gamma: Site) -> None:
    usage.measure_all.call()
    assert {alpha.id, beta.id, gamma.id} <= set(Usage.objects.values_list("pk", flat=True))
    assert all(usage.schema_sizes([alpha.schema_name, beta.schema_name]).values())


# --- Setting them ----------------------------------------------------------------------------


def test_a_quota_is_recorded_with_its_reason(alpha: Site) -> None:
    usage.set_quota("alpha", max_bytes=5000, max_items=9, by=None, reason="机房扩容前")
    entry = Entry.objects.filter(act="site.quota_set").latest("pk")
    assert (entry.site_code, entry.reason) == ("alpha", "机房扩容前")
    assert entry.before == {"max_bytes": None, "max_items": None}
    assert entry.after == {"max_bytes": 5000, "max_items": 9}
    count = Entry.objects.count()
    usage.set_quota("alpha", max_bytes=5000, max_items=9, by=None, reason="同样")
    assert Entry.objects.count() == count
    for wrong in (-1, 2**63, 2**90):
        with pytest.raises(ProvisionError):
            usage.set_quota("alpha", max_bytes=wrong, max_items=None, by=None, reason="x")
        with pytest.raises(ProvisionError):
            usage.set_quota("alpha", max_bytes=None, max_items=wrong, by=None, reason="x")


# --- Uploads ---------------------------------------------------------------------------------


def document(size: int) -> SimpleUploadedFile:
    return SimpleUploadedFile("通知.pdf", b"%PDF" + b"x" * (size - 4), "application/pdf")


def picture() -> SimpleUploadedFile:
    """A picture of some 50 kB."""
    drawn = BytesIO()
    Picture.effect_noise((200, 250), 90).save(drawn, "PNG")
    return SimpleUploadedFile("会场.png", drawn.getvalue(), "image/png")


@pytest.fixture
def admin(alpha: Site) -> Iterator[Client]:
    """A browser of alpha's site admin; whatever was uploaded goes at the end."""
    user = add_member("chief@alpha.example", alpha, ["site_admin"], password="Zhongguo-2026")[0]
    client = Client(headers={"host": alpha.admin_host, "accept-language": "en"})
    client.force_login(user)
    yield client
    with tenant_context(alpha):
        for model in (get_document_model(), get_image_model()):
            for row in model.objects.filter(uploaded_by_user=user.pk):
                row.file.storage.delete(row.file.name)


def post(client: Client, name: str, data: dict[str, Any], *args: Any) -> Any:
    return client.post(reverse(name, args=args, urlconf=URLCONF), data)


WAYS: list[tuple[str, str, Callable[[], Any]]] = [
    ("wagtaildocs:add", "file", lambda: document(20 * KB)),
    ("wagtaildocs:add_multiple", "files[]", lambda: document(20 * KB)),
    ("wagtaildocs_chooser:create", "document-chooser-upload-file", lambda: document(20 * KB)),
    ("wagtailimages:add", "file", picture),
    ("wagtailimages:add_multiple", "files[]", picture),
    ("wagtailimages_chooser:create", "image-chooser-upload-file", picture),
]


@pytest.mark.parametrize(("way", "field", "make"), WAYS)
def test_a_file_too_large_is_refused_at_its_field(
    admin: Client, alpha: Site, way: str, field: str, make: Callable[[], Any]
) -> None:
    limit(alpha, room=10 * KB)
    before = known(alpha)
    prefix = field.removesuffix("file") if field.endswith("-file") else ""
    title = {f"{prefix}title": "通知", f"{prefix}collection": "1", f"{prefix}tags": ""}
    response = post(admin, way, {field: make(), **title})
    assert response.status_code == 200
    said = json.loads(response.content) if response["content-type"] == "application/json" else None
    text = json.dumps(said, ensure_ascii=False) if said else response.content.decode()
    assert "There is no room for this file of" in text.replace("&nbsp;", " "), text[:2000]
    assert "are allowed" in text
    assert known(alpha) == before
    limit(alpha, room=200 * KB)
    post(admin, way, {field: make(), **title})
    assert known(alpha)[0] > before[0]


def test_what_takes_the_place_of_another_needs_the_difference(admin: Client, alpha: Site) -> None:
    form = {"title": "通知", "collection": "1", "tags": ""}
    post(admin, "wagtaildocs:add", {"file": document(30 * KB), **form})
    with tenant_context(alpha):
        row = get_document_model().objects.get(title="通知")
    limit(alpha, room=5 * KB)
    response = post(admin, "wagtaildocs:edit", {"file": document(40 * KB), **form}, row.pk)
    assert "no room" in response.content.decode()
    response = post(admin, "wagtaildocs:edit", {"file": document(34 * KB), **form}, row.pk)
    assert response.status_code == 302
    with tenant_context(alpha):
        assert get_document_model().objects.get(pk=row.pk).file.size == 34 * KB
    usage.set_quota("alpha", max_bytes=1, max_items=None, by=None, reason="收紧")
    assert post(admin, "wagtaildocs:edit", form | {"title": "改名"}, row.pk).status_code == 302
    response = post(admin, "wagtaildocs:edit", {"file": document(8 * KB), **form}, row.pk)
    assert response.status_code == 302  # less than before


@pytest.mark.parametrize(("kind", "make"), [("documents", document), ("images", picture)])
def test_the_api_is_refused_too(
    admin: Client, alpha: Site, kind: str, make: Callable[..., Any]
) -> None:
    limit(alpha, room=10 * KB)
    before = known(alpha)
    with tenant_context(alpha):
        user = User.objects.get(email="chief@alpha.example")
        token = APIToken.create_token(user=user, name="test")[1]
    file = make(20 * KB) if kind == "documents" else make()
    answer = admin.post(
        f"/api/v3/{kind}/",
        {"title": "通知", "collection": "1", "file": file},
        headers={"authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 422, answer.content
    assert "There is no room" in answer.content.decode()
    assert known(alpha) == before


def test_one_sites_limit_is_no_others(admin: Client, alpha: Site, beta: Site) -> None:
    limit(beta, room=0)
    before = usage.measure(alpha).files
    form = {"title": "通知", "collection": "1", "tags": ""}
    post(admin, "wagtaildocs:add", {"file": document(30 * KB), **form})
    assert known(alpha)[0] == before + 1


# --- Items -----------------------------------------------------------------------------------


def article(title: str, *, live: bool = True) -> ArticlePage:
    """A new article of the first column of the active site."""
    column = ColumnPage.objects.live().first()
    assert column is not None
    page = ArticlePage(title=title, body=[("text", "<p>正文</p>")], source="本站", live=live)
    page.summary = "摘要"
    column.add_child(instance=page)
    return page


def published(site: Site) -> int:
    return Item.objects.filter(tenant_id=site.id, withdrawn_at=None).count()


def test_a_new_item_beyond_the_limit_is_not_published(alpha: Site) -> None:
    limit(alpha, items=published(alpha) + 1)
    site = directory.snapshot().by_code["alpha"]
    with tenant_context(site):
        first = article("第一条")
        with pytest.raises(PublicationRefused, match="are allowed"):
            article("第二条")
        assert not ArticlePage.objects.filter(title="第二条").exists()
        first.title = "第一条（改）"
        first.save_revision().publish()  # what is live may be renewed
        first.unpublish()
        draft = article("第三条", live=False)
        draft.save_revision().publish()
        with pytest.raises(PublicationRefused):
            first.save_revision().publish()
    assert published(alpha) == site.max_items


def publish_drafts() -> None:
    """All in one act, as a branch is published."""
    with publishing():
        for page in ArticlePage.objects.filter(title__startswith="草稿"):
            page.save_revision().publish()


def test_a_branch_is_counted_as_a_whole(alpha: Site) -> None:
    with tenant_context(alpha):
        for number in range(3):
            article(f"草稿{number}", live=False)
    limit(alpha, items=published(alpha) + 2)
    site = directory.snapshot().by_code["alpha"]
    before = published(alpha)
    with tenant_context(site), pytest.raises(PublicationRefused):
        publish_drafts()
    assert published(alpha) == before
