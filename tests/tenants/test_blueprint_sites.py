"""Blueprints that people make: edited as a site, published, copied from a site, restored."""

import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from wagtail.images import get_image_model
from wagtail.models import Page, Revision
from wagtail.search.models import IndexEntry

from sitecluster.accounts.membership import add_member
from sitecluster.audit.models import Entry
from sitecluster.cms import publication
from sitecluster.cms.models import ArticlePage, ColumnPage, HomePage, SiteIdentity, TopicPage
from sitecluster.tenancy import all_sites, find_sites, shared_context, tenant_context
from tenants import addresses, blueprint_sites, blueprinting, directory
from tenants.blueprint_changes import SHOWN, between, columns_now, columns_of
from tenants.directory import Site
from tenants.identifying import FIELDS
from tenants.life import lifecycle
from tenants.models import Blueprint, Tenant
from tenants.orders import Order
from tenants.provisioning import ProvisionError, provision
from tests.cms.conftest import article, column
from tests.conftest import client_for
from tests.tenants.conftest import Open, ask

pytestmark = pytest.mark.django_db
NAME, SHORT = SHOWN.values()


@pytest.fixture(autouse=True)
def _shared(alpha: Site) -> Iterator[None]:
    with shared_context():
        yield
    directory.forget()


@pytest.fixture
def editor() -> Site:
    """The blueprint site of townships."""
    site = blueprint_sites.open_editor("township")
    directory.forget()
    return site


def picture(name: str = "桥.png", colour: str = "red") -> Any:
    stream = io.BytesIO()
    Image.new("RGB", (9, 9), colour).save(stream, "PNG")
    file = SimpleUploadedFile(name, stream.getvalue(), "image/png")
    return get_image_model().objects.create(title=name, file=file)


def tokens_left(site: Site) -> list[str]:
    """Tables of the site in which a blueprint's token or stand-in was not replaced."""
    words = ["xqnamexq", "xqshortxq", NAME, SHORT, NAME.strip("〔〕")]
    tables = ask("SELECT tablename FROM pg_tables WHERE schemaname = %s", site.schema_name)
    return [
        f"{table}: {word}"
        for (table,) in tables
        for word in words
        if ask(
            f'SELECT 1 FROM "{site.schema_name}"."{table}" t WHERE t::text LIKE %s LIMIT 1',
            f"%{word}%",
        )
    ]


# --- The blueprint site ----------------------------------------------------------------------


def test_editor_is_a_site_that_nobody_else_sees(editor: Site) -> None:
    tenant = Tenant.objects.get(pk=editor.id)
    newest = blueprinting.of_code("township")
    assert (tenant.code, tenant.is_blueprint, tenant.state) == ("bp-township", True, "building")
    assert (tenant.blueprint_code, tenant.blueprint_version) == ("township", newest.version)
    assert tenant.domains.count() == 0
    assert editor.id not in {site.id for site in all_sites()}
    assert [site.code for site in find_sites([editor.id])] == ["bp-township"]
    assert editor.id not in {site.id for site in directory.live_sites()}
    with tenant_context(editor):
        assert HomePage.objects.get().title == NAME
        assert SiteIdentity.objects.get().legal_name == NAME
        assert ColumnPage.objects.live().count() > 10
    assert Entry.objects.filter(act="blueprint.opened", site_code="bp-township").count() == 1


def test_editor_is_opened_once(editor: Site) -> None:
    assert blueprint_sites.open_editor("township").id == editor.id
    assert Tenant.objects.filter(is_blueprint=True).count() == 1
    assert Entry.objects.filter(act="blueprint.opened").count() == 1


def test_its_code_is_nobody_elses() -> None:
    with pytest.raises(ProvisionError, match="reserved"):
        provision(Order(code="bp-township", name="某镇人民政府", kind="township"))
    with pytest.raises(ProvisionError, match="no blueprint none"):
        blueprint_sites.open_editor("none")


def test_it_is_never_public(editor: Site) -> None:
    for change in (
        lambda: lifecycle.set_state("bp-township", "live", reason="试试看看"),
        lambda: lifecycle.act("bp-township", "go-live", by=None, reason="试试看看"),
        lambda: addresses.change_address("bp-township", "www.bp.localhost"),
        lambda: provision(Order(code="below", name="某局", kind="department", parent=editor.code)),
    ):
        with pytest.raises(ProvisionError):
            change()
    tenant = Tenant.objects.get(pk=editor.id)
    assert (tenant.state, tenant.domains.count(), tenant.children.count()) == ("building", 0, 0)


# --- Publishing ------------------------------------------------------------------------------


def test_new_sites_are_made_from_the_new_version(editor: Site, beta: Site, open_site: Open) -> None:
    with tenant_context(editor):
        home = HomePage.objects.get()
        made = column(home, "基层治理", "jczl")
        article(made, f"{NAME}值班表", body=[("text", f"<p>{SHORT}人人有责。</p>")])
        ColumnPage.objects.get(slug="ldzc").delete()
        draft = article(made, "尚未发布", publish=False)
        draft.save_revision()
    with tenant_context(beta):
        before = list(Page.objects.order_by("pk").values_list("pk", "title", "path"))
    last = blueprinting.of_code("township")

    published = blueprint_sites.publish("township", reason="增加栏目", document="县办〔2026〕9号")

    assert (published.version, published.source_id) == (last.version + 1, editor.id)
    changes = between(columns_of(last), columns_of(published))
    assert changes.added == ["基层治理 /jczl/"]
    assert next(text.partition(" ")[2] for text in changes.removed).endswith("/ldzc/")
    assert columns_of(published) == columns_now(editor)
    site = open_site("township")
    tenant = Tenant.objects.get(pk=site.id)
    assert (tenant.blueprint_code, tenant.blueprint_version) == ("township", published.version)
    place = site.address
    assert place is not None
    answer = client_for(place.host).get(f"{place.prefix}/jczl/")
    page = unescape(answer.content.decode())
    assert answer.status_code == 200
    assert "新镇人民政府值班表" in page
    assert publication.compare(site) == []
    assert tokens_left(site) == []
    with tenant_context(site):
        assert not Page.objects.filter(title="尚未发布").exists()
        assert HomePage.objects.get().title == "新镇人民政府"
        found = ArticlePage.objects.get(title__contains="值班表")
        assert "新镇人人有责" in str(found.body)
        entry = IndexEntry.objects.get(object_id=str(found.pk), content_type__model="articlepage")
        assert "新镇人民政府值班表" in entry.title_text
    with tenant_context(beta):
        assert list(Page.objects.order_by("pk").values_list("pk", "title", "path")) == before
    noted = Entry.objects.get(act="blueprint.published")
    assert (noted.reason, noted.document) == ("增加栏目", "县办〔2026〕9号")
    assert noted.after is not None
    assert noted.after["added"] == ["基层治理 /jczl/"]


def test_nothing_of_the_making_stays(editor: Site) -> None:
    blueprint_sites.publish("township")
    assert ask("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'bp_')") == []


def test_what_nobody_edits_is_not_published() -> None:
    with pytest.raises(ProvisionError, match="Nobody has edited"):
        blueprint_sites.publish("portal")


def test_people_are_not_handed_on(editor: Site, open_site: Open) -> None:
    user = add_member("maker@bp.example", editor, ["site_admin"])[0]
    with tenant_context(editor):
        page = ArticlePage.objects.first()
        assert page is not None
        Page.objects.filter(pk=page.pk).update(owner=user, locked=True, locked_by=user)
        page.refresh_from_db()
        page.save_revision(user=user).publish()
        get_image_model().objects.update(uploaded_by_user=user)
    blueprint_sites.publish("township")
    site = open_site("township")
    with tenant_context(site):
        assert not Page.objects.exclude(owner=None).exists()
        assert not Page.objects.filter(locked=True).exists()
        assert not Revision.objects.exclude(user=None).exists()
        assert not get_image_model().objects.exclude(uploaded_by_user=None).exists()
        contents = Revision.objects.values_list("content__owner", "content__locked_by")
        assert set(contents) == {(None, None)}
        assert ask("SELECT count(*) FROM rights_usergroup") == [(0,)]


def test_uploads_are_kept_once_for_all_new_sites(editor: Site, open_site: Open) -> None:
    with tenant_context(editor):
        used, _unused = picture(), picture("无用.png", "blue")
        page = ArticlePage.objects.filter(lead_image__isnull=False).first()
        assert page is not None
        page.lead_image = used
        page.save_revision().publish()
        data = used.file.open().read()
    blueprint_sites.publish("township")
    sites = [open_site("township", code) for code in ("one", "two")]
    for site in sites:
        with tenant_context(site):
            image = get_image_model().objects.get(title="桥.png")
            assert image.file.name.startswith("starter/")
            assert image.file.open().read() == data
            assert not get_image_model().objects.filter(title="无用.png").exists()
            name = image.file.name
        place = site.address
        assert place is not None
        answer = client_for(place.host).get(f"{place.prefix}/media/{name}")
        assert b"".join(answer) == data
    with tenant_context(sites[0]):
        image.file.delete(save=False)
    assert (Path(settings.MEDIA_ROOT) / name).exists()
    with tenant_context(editor):
        assert get_image_model().objects.filter(title="无用.png").exists()
        used.refresh_from_db()
        assert not used.file.name.startswith("starter/")


def test_missing_upload_is_said(editor: Site) -> None:
    with tenant_context(editor):
        used = picture()
        page = ArticlePage.objects.filter(lead_image__isnull=False).first()
        assert page is not None
        page.lead_image = used
        page.save_revision().publish()
        used.file.storage.delete(used.file.name)
    with pytest.raises(ProvisionError, match="is missing"):
        blueprint_sites.publish("township")


def test_newest_article_counts_as_published_at_the_opening(editor: Site, open_site: Open) -> None:
    with tenant_context(editor):
        ask_sql = "UPDATE cms_articlepage SET published_at = published_at - interval '90 days' RETURNING 1"
        ask(ask_sql)
    made = blueprint_sites.publish("township")
    assert min(made.moments.values()) == 0
    site = open_site("township")
    with tenant_context(site):
        ages = ask("SELECT min(now() - published_at) < interval '5 minutes' FROM cms_articlepage")
        assert ages == [(True,)]
    assert publication.compare(site) == []


# --- Copying a site --------------------------------------------------------------------------


def test_copy_of_a_site_hands_on_its_columns_and_none_of_its_facts(
    gamma: Site, open_site: Open
) -> None:
    with tenant_context(gamma):
        column(HomePage.objects.get(), "水情信息", "sqxx")
        SiteIdentity.objects.update(
            icp_number="陕ICP备1号", contact_phone="0912-1", organiser="阿县大数据中心"
        )
        picture_used = picture("水库.png")
        page = ArticlePage.objects.filter(lead_image__isnull=False).first()
        assert page is not None
        page.lead_image = picture_used
        page.save_revision().publish()

    made = blueprint_sites.copy_site(gamma, "water", "水利部门", reason="样板")

    assert (made.code, made.version, made.kind, made.source_id) == (
        "water", 1, "department", gamma.id,
    )  # fmt: skip
    site = open_site("party", blueprint="water", name="新县委")
    tenant = Tenant.objects.get(pk=site.id)
    assert (tenant.blueprint_code, tenant.blueprint_version) == ("water", 1)
    assert publication.compare(site) == []
    with tenant_context(site):
        assert ColumnPage.objects.live().filter(title="水情信息").exists()
        assert HomePage.objects.get().title == "新县委"
        identity = SiteIdentity.objects.get()
        assert identity.legal_name == "新县委"
        assert (identity.icp_number, identity.contact_phone, identity.organiser) == ("", "", "")
        assert get_image_model().objects.get(title="水库.png").file.open().read()
        assert ArticlePage.objects.live().exists()
    with tenant_context(gamma):
        assert SiteIdentity.objects.get().icp_number == "陕ICP备1号"
        assert not get_image_model().objects.get(title="水库.png").file.name.startswith("starter")
    department = open_site("department", "other")
    with tenant_context(department):
        assert not ColumnPage.objects.filter(title="水情信息").exists()


def test_copy_without_articles(alpha: Site, open_site: Open) -> None:
    with tenant_context(alpha):
        of_article, of_topic = picture("文章.png"), picture("专题.png", "blue")
        for model, image in ((ArticlePage, of_article), (TopicPage, of_topic)):
            page = model.objects.first()
            page.lead_image = image
            page.save_revision().publish()
    blueprint_sites.copy_site(alpha, "bare", "空栏目", articles=False)
    site = open_site("portal", parent="", blueprint="bare")
    with tenant_context(site):
        titles = set(get_image_model().objects.values_list("title", flat=True))
        assert "专题.png" in titles
        assert "文章.png" not in titles
        assert not ArticlePage.objects.exists()
        assert ColumnPage.objects.live().count() > 10
        assert Page.find_problems() == ([], [], [], [], [])
        assert not Page.objects.filter(numchild__lt=0).exists()
    assert publication.compare(site) == []


def test_copied_blueprint_is_edited_and_published_like_others(gamma: Site) -> None:
    blueprint_sites.copy_site(gamma, "water", "水利部门")
    editor = blueprint_sites.open_editor("water")
    assert (editor.code, editor.kind) == ("bp-water", "department")
    again = blueprint_sites.publish("water")
    assert (again.version, again.name, again.source_id) == (2, "水利部门", editor.id)


@pytest.mark.parametrize(
    ("code", "name", "words"),
    [
        ("township", "名", "reserved"),
        ("Water", "名", "lower-case"),
        ("w" * 38, "名", "longer than 37"),
        ("water", " ", "1 to 100"),
    ],
)
def test_copy_needs_a_code_and_a_name(gamma: Site, code: str, name: str, words: str) -> None:
    with pytest.raises(ProvisionError, match=words):
        blueprint_sites.copy_site(gamma, code, name)


def test_copy_refuses_what_it_can_not_hand_on(gamma: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blueprint_sites, "MOST_ARTICLES", 3)
    with pytest.raises(ProvisionError, match="at the most"):
        blueprint_sites.copy_site(gamma, "water", "水利部门")
    assert not Blueprint.objects.filter(code="water").exists()
    blueprint_sites.copy_site(gamma, "water", "水利部门", articles=False)
    with pytest.raises(ProvisionError, match="already"):
        blueprint_sites.copy_site(gamma, "water", "水利部门", articles=False)


def test_wrong_blueprint_opens_nothing(gamma: Site, open_site: Open) -> None:
    blueprint_sites.copy_site(gamma, "water", "水利部门", articles=False)
    for code, words in (("water", "another kind"), ("none", "no blueprint none")):
        with pytest.raises(ProvisionError, match=words):
            open_site("township", blueprint=code)


# --- Back to the platform's own --------------------------------------------------------------


def test_back_to_the_platforms_own(editor: Site, open_site: Open) -> None:
    with tenant_context(editor):
        column(HomePage.objects.get(), "基层治理", "jczl")
    blueprint_sites.publish("township")
    made = blueprint_sites.restore_standard("township", reason="统一")
    assert made.source_id is None
    assert "/jczl/" not in columns_of(made)
    directory.forget()
    assert "/jczl/" not in columns_now(directory.snapshot().by_code["bp-township"])
    with tenant_context(open_site("township")):
        assert not ColumnPage.objects.filter(slug="jczl").exists()
    with pytest.raises(ProvisionError, match="already"):
        blueprint_sites.restore_standard("township")
    assert blueprinting.outdated() == []


def test_platforms_own_is_made_anew_where_no_version_fits(editor: Site, open_site: Open) -> None:
    own = columns_of(blueprinting.of_code("township"))
    blueprint_sites.publish("township")
    Blueprint.objects.filter(code="township", source=None).update(fingerprint="older")
    made = blueprint_sites.restore_standard("township")
    assert columns_of(made) == own
    site = open_site("township")
    assert publication.compare(site) == []
    assert tokens_left(site) == []
    assert not re.search("bp_", made.pre_data.replace(made.schema_name, ""))


# --- Upgrades --------------------------------------------------------------------------------


def test_published_ones_are_renewed_by_an_upgrade(editor: Site) -> None:
    published = blueprint_sites.publish("township")
    assert blueprinting.outdated() == []
    Blueprint.objects.filter(pk=published.pk).update(fingerprint="older")
    assert blueprinting.outdated() == ["township"]
    assert blueprinting.unfit() == []  # it lacks no migration


def test_older_code_publishes_nothing(editor: Site) -> None:
    newest = Blueprint.objects.order_by("pk").last()
    assert newest is not None
    Blueprint.objects.filter(pk=newest.pk).update(fingerprint="newer")
    with pytest.raises(ProvisionError, match="another version"):
        blueprint_sites.publish("township")


def test_every_fact_of_a_site_is_its_own_or_its_name() -> None:
    """A new fact of `SiteIdentity` has to be said to be one or the other."""
    assert {*blueprint_sites.OWN_FACTS, *blueprint_sites.NAMED} == set(FIELDS)
