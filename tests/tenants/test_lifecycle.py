"""A site changes its address, its state, its theme."""

import io

import pytest
from django.core.management import CommandError, call_command
from wagtail.models import Site as WagtailSite

from sitecluster.audit.models import Entry
from sitecluster.cms.models import ArticlePage, HomePage
from sitecluster.tenancy import tenant_context
from tenants import directory
from tenants.addresses import change_address
from tenants.directory import Site
from tenants.life.lifecycle import set_state, set_theme
from tenants.models import Domain, Tenant
from tenants.provisioning import ProvisionError
from tests.conftest import client_for

pytestmark = pytest.mark.django_db


def now(site: Site) -> Site:
    directory.forget()
    return directory.snapshot().by_code[site.code]


def test_a_new_address_is_followed_by_pages_and_wagtails_row(beta: Site) -> None:
    change_address("beta", "www.bei.example/a/b")
    moved = now(beta)
    assert moved.address
    assert [place.url() for place in moved.addresses] == ["http://www.bei.example:8000/a/b/"]
    with tenant_context(moved):
        article = ArticlePage.objects.live().first()
        assert article
        assert article.get_full_url().startswith("http://www.bei.example:8000/a/b/")
        row = WagtailSite.objects.get()
        assert (row.hostname, row.port, row.site_name) == ("www.bei.example", 8000, beta.name)
    assert client_for("www.bei.example").get("/a/b/").status_code == 200
    assert client_for("www.alpha.localhost").get("/zz/beta/").status_code == 404


def test_the_address_before_may_stay(beta: Site) -> None:
    change_address("beta", "bei.example", keep=True)
    moved = now(beta)
    assert [place.host for place in moved.addresses] == ["bei.example", "www.alpha.localhost"]
    assert client_for("www.alpha.localhost").get("/zz/beta/").status_code == 200
    change_address("beta", "www.alpha.localhost/zz/beta", keep=True)
    assert [place.host for place in now(beta).addresses] == ["www.alpha.localhost", "bei.example"]


def test_the_same_address_again_changes_nothing(alpha: Site) -> None:
    change_address("alpha", "www.alpha.localhost")
    assert now(alpha).addresses == alpha.addresses


@pytest.mark.parametrize(
    ("code", "domain"),
    [
        ("beta", "gamma.alpha.localhost"),
        ("beta", "not a host"),
        ("beta", "x.admin.localhost"),
        ("beta", "www.alpha.localhost/COLUMN"),
        ("control", "control.example"),
        ("nowhere", "nowhere.example"),
    ],
)
def test_a_refused_address_changes_nothing(alpha: Site, code: str, domain: str) -> None:
    with tenant_context(alpha):
        column = HomePage.objects.get().get_children().live().first()
        assert column
    before = list(Domain.objects.order_by("pk").values())
    with pytest.raises(ProvisionError) as refused:
        change_address(code, domain.replace("COLUMN", column.slug))
    assert len(refused.value.problems) == 1
    assert list(Domain.objects.order_by("pk").values()) == before


def test_a_paused_site_says_why(alpha: Site) -> None:
    set_state("alpha", "offline", "系统升级")
    assert now(alpha).state == "offline"
    answer = client_for("www.alpha.localhost").get("/")
    assert (answer.status_code, "系统升级" in answer.content.decode()) == (503, True)
    set_state("alpha", "live")
    assert (now(alpha).state, now(alpha).state_note) == ("live", "")


@pytest.mark.parametrize("state", ["removed", "asleep"])
def test_other_states_are_refused(alpha: Site, state: str) -> None:
    with pytest.raises(ProvisionError):
        set_state("alpha", state)
    assert Tenant.objects.get(code="alpha").state == "live"


def test_themes_must_be_installed(alpha: Site) -> None:
    with pytest.raises(ProvisionError):
        set_theme("alpha", "river")
    set_theme("alpha", "department")
    assert now(alpha).theme == "department"


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("site", *args, stdout=out)
    return out.getvalue()


def test_the_command_changes_all_or_nothing(alpha: Site) -> None:
    printed = run("alpha", "--domain", "www.a.example", "--keep", "--state", "readonly")
    assert "http://www.a.example:8000/" in printed
    assert now(alpha).state == "readonly"
    with pytest.raises(CommandError):
        run("alpha", "--state", "live", "--theme", "nowhere")
    assert now(alpha).state == "readonly"
    with pytest.raises(CommandError):
        run("alpha")


def test_the_command_says_why_until_when_and_where(alpha: Site) -> None:
    with pytest.raises(CommandError):
        run("alpha", "--reason", "只有原因，没有办理事项")
    with pytest.raises(CommandError):
        run("alpha", "--state", "offline", "--until", "tomorrow")
    run("alpha", "--state", "offline", "--until", "2999-01-31", "--notice", "维护中")
    row = Tenant.objects.get(code="alpha")
    assert (str(row.state_until), row.state_note) == ("2999-01-31", "维护中")
    run("alpha", "--state", "closed", "--archive", "https://da.example.cn/a", "--reason", "撤并")
    row.refresh_from_db()
    assert (row.state, row.archive_url) == ("closed", "https://da.example.cn/a")
    run("alpha", "--second-factor", "on", "--reason", "等保要求", "--document", "5号")
    entry = Entry.objects.filter(act="site.second_factor_set").latest("id")
    assert (entry.reason, entry.document) == ("等保要求", "5号")
