"""The report shows a site's admins the entries of their site alone."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from sitecluster.accounts.membership import add_member, end_membership
from sitecluster.accounts.models import User
from sitecluster.audit import acts, views
from sitecluster.audit.models import Entry
from sitecluster.audit.trail import record
from sitecluster.tenancy import Side, serve, shared_context, tenant_context
from tenants import directory
from tenants.directory import Site

Browse = Callable[[Site, User], Client]
REPORT = reverse("audit_report", urlconf="sitecluster.project.urls_admin")
RESULTS = reverse("audit_report_results", urlconf="sitecluster.project.urls_admin")


@pytest.fixture(autouse=True)
def _between_requests(db: None, settings: Any) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.TRIAL_WITHOUT_SECOND_FACTOR = True  # what `accounts` tests isn't tested again here
    with shared_context():
        yield


@pytest.fixture
def browse() -> Browse:
    """A browser on a site's admin host, signed in."""

    def browse(site: Site, user: User) -> Client:
        client = Client(headers={"host": site.admin_host, "accept-language": "en"})
        client.force_login(user)
        return client

    return browse


def member(email: str, site: Site, role: str, name: str = "") -> User:
    return add_member(email, site, [role], name=name, password="Zhongguo-2026")[0]


@pytest.fixture
def boss(alpha: Site) -> User:
    """The site admin of alpha."""
    return member("boss@example.cn", alpha, "site_admin", "阿主任")


@pytest.fixture
def root(alpha: Site) -> User:
    """A platform admin, member of the control site."""
    user = member("root@example.cn", control(), "site_admin", "平台王")
    user.is_superuser = True
    user.save()
    return user


def control() -> Site:
    return directory.snapshot().by_code["control"]


@pytest.fixture
def acted(alpha: Site, beta: Site, boss: User, root: User) -> None:
    """Acts at both sites and at none, with markings that tell them apart."""
    stranger = member("stranger@example.cn", beta, "site_admin", "贝主任")
    record(
        "theme.set",
        site=alpha,
        by=boss,
        subject="阿的事",
        before={"theme": "base"},
        after={"theme": "red"},
    )
    record(
        "site.state_changed",
        site=alpha,
        by=root,
        subject="上级停用阿",
        reason="整改",
        document="阿〔2026〕7号",
    )
    record(
        "theme.set",
        site=beta,
        by=stranger,
        subject="BETAMARK",
        reason="BETAMARK",
        document="BETAMARK",
        after={"theme": "BETAMARK"},
    )
    record("beta.only_act", site=beta, by=stranger, subject="BETAMARK")
    record("upgrade.finished", by=root, subject="CLUSTERMARK", after={"x": "CLUSTERMARK"})


def test_a_site_admin_reads_what_happened_there(
    acted: None, alpha: Site, boss: User, browse: Browse
) -> None:
    text = browse(alpha, boss).get(REPORT).content.decode()
    for shown in ("阿的事", "Theme set", "theme: base → red", "阿主任", "整改", "阿〔2026〕7号"):
        assert shown in text


HIDDEN = ("BETAMARK", "CLUSTERMARK", "beta.only_act", "贝主任", "stranger@example.cn", "beta")
QUERIES = (
    "",
    "?q=BETAMARK",
    "?q=CLUSTERMARK",
    "?act=beta.only_act",
    "?act=upgrade.finished",
    "?site_code=beta",
    "?at_from=2020-01-01",
    "?p=2",
    "?ordering=site_code",
    "?export=csv",
    "?export=csv&q=BETAMARK",
    "?export=csv&site_code=beta",
)


@pytest.mark.parametrize("path", [REPORT, RESULTS])
@pytest.mark.parametrize("query", QUERIES)
def test_a_site_admin_never_sees_acts_of_other_sites(
    acted: None, alpha: Site, boss: User, browse: Browse, path: str, query: str
) -> None:
    response = browse(alpha, boss).get(path + query)
    text = _text(response).replace(query.partition("=")[2].partition("&")[0] or "\0", "")
    if "q=" not in query:
        assert "beta" not in text.replace("site_code=beta", "")
    for hidden in HIDDEN[:-1]:
        assert hidden not in text


def _text(response: Any) -> str:
    assert response.status_code == 200
    content: bytes = response.getvalue() if response.streaming else response.content
    return content.decode()


def test_the_person_filter_names_people_of_the_site_alone(
    acted: None, alpha: Site, beta: Site, boss: User, browse: Browse
) -> None:
    stranger = User.everyone.get(email="stranger@example.cn")
    client = browse(alpha, boss)
    filters = client.get(REPORT).context["filters"].form.fields["actor_id"].choices
    assert {str(label) for _id, label in filters} == {"---------", "阿主任", "平台王"}
    response = client.get(REPORT, {"actor_id": stranger.pk})
    assert "贝主任" not in response.content.decode()


def test_of_a_platform_admin_a_site_sees_the_name_alone(
    alpha: Site, boss: User, root: User, browse: Browse
) -> None:
    for person, address in ((root, "192.0.2.1"), (boss, "192.0.2.2")):
        record("theme.set", site=alpha, by=person)
        Entry.objects.create(
            act="site.state_changed",
            site_id=alpha.id,
            actor_id=person.pk,
            actor_name=person.first_name,
            actor_email=person.email,
            address=address,
            origin="web",
        )
    nameless = User.everyone.create(email="quiet@example.cn", is_superuser=True)
    record("theme.set", site=alpha, by=nameless)
    text = browse(alpha, boss).get(REPORT).content.decode()
    assert "平台王" in text
    assert "192.0.2.2" in text
    assert "Platform administration" in text
    for hidden in ("root@example.cn", "192.0.2.1", "quiet@example.cn"):
        assert hidden not in text
    for word in ("root@example.cn", "192.0.2.1", "平台王"):
        found = browse(alpha, boss).get(REPORT, {"q": word}).context["object_list"]
        assert len(found) == 0


def test_of_people_of_other_sites_nothing_is_seen(
    alpha: Site, beta: Site, boss: User, browse: Browse
) -> None:
    stranger = member("stranger@example.cn", beta, "editor", "贝主任")
    request: Any = RequestFactory().get("/", REMOTE_ADDR="192.0.2.9")
    with serve(Side.ADMIN, "", request):
        record("member.declined", site=alpha, by=stranger, subject="stranger@example.cn")
        record("member.declined", site=alpha, subject="nobody@example.cn")
    client = browse(alpha, boss)
    response = client.get(REPORT)
    assert "贝主任" not in response.content.decode()
    nobody, somebody = list(response.context["object_list"])[:2]
    assert replace(nobody, subject="", at=somebody.at) == replace(somebody, subject="")
    choices = response.context["filters"].form.fields["actor_id"].choices
    assert stranger.pk not in {pk for pk, _name in choices}


def test_a_former_member_keeps_the_name(alpha: Site, boss: User, browse: Browse) -> None:
    editor = member("gone@example.cn", alpha, "editor", "离任李")
    record("theme.set", site=alpha, by=editor)
    end_membership(editor, alpha)
    assert "离任李" in browse(alpha, boss).get(REPORT).content.decode()


def test_commands_do_not_tell_a_site_who_runs_the_server(
    alpha: Site, boss: User, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["manage.py", "site", "alpha"])
    monkeypatch.setenv("LOGNAME", "serverwang")
    record("theme.set", site=alpha, subject="x")
    text = browse(alpha, boss).get(REPORT).content.decode()
    assert "Command" in text
    assert "serverwang" not in text


@pytest.mark.parametrize("role", ["reviewer", "editor", "column_maintainer"])
@pytest.mark.parametrize("path", [REPORT, RESULTS, REPORT + "?export=csv", REPORT + "?export=xlsx"])
def test_other_roles_read_no_report(
    acted: None, alpha: Site, browse: Browse, role: str, path: str
) -> None:
    client = browse(alpha, member(f"{role}@example.cn", alpha, role))
    assert client.get(path).status_code in (302, 403)
    assert REPORT not in client.get("/admin/").content.decode()


def test_the_menu_offers_the_report(alpha: Site, boss: User, browse: Browse) -> None:
    assert REPORT in browse(alpha, boss).get("/admin/").content.decode()


def test_a_right_at_one_site_is_none_at_another(
    acted: None, beta: Site, boss: User, browse: Browse
) -> None:
    member("boss@example.cn", beta, "editor")
    assert browse(beta, boss).get(REPORT).status_code in (302, 403)


def test_the_control_site_shows_platform_admins_everything(
    acted: None, root: User, browse: Browse
) -> None:
    client = browse(control(), root)
    text = client.get(REPORT).content.decode()
    for shown in ("阿的事", "BETAMARK", "CLUSTERMARK", "beta.only_act", "stranger@example.cn"):
        assert shown in text
    text = client.get(REPORT, {"site_code": "beta"}).content.decode()
    assert "BETAMARK" in text
    assert "阿的事" not in text
    assert "贝主任" in client.get(REPORT, {"q": "stranger"}).content.decode()


def test_the_control_site_shows_its_other_members_nothing(acted: None, browse: Browse) -> None:
    site = control()
    clerk = member("clerk@example.cn", site, "site_admin")
    assert browse(site, clerk).get(REPORT).status_code in (302, 403)


def test_a_platform_admin_on_a_site_reads_that_site(
    acted: None, alpha: Site, root: User, browse: Browse
) -> None:
    text = browse(alpha, root).get(REPORT).content.decode()
    assert "阿的事" in text
    assert "BETAMARK" not in text


def test_filters_by_act_person_and_time(
    acted: None, alpha: Site, boss: User, browse: Browse
) -> None:
    client = browse(alpha, boss)

    def found(**query: Any) -> list[str]:
        lines = client.get(REPORT, query).context["object_list"]
        return [line.subject for line in lines if line.subject in ("阿的事", "上级停用阿")]

    assert found() == ["上级停用阿", "阿的事"]
    assert found(act="theme.set") == ["阿的事"]
    assert found(actor_id=boss.pk) == ["阿的事"]
    assert found(q="停用") == ["上级停用阿"]
    assert found(q="整改") == ["上级停用阿"]
    today = timezone.localdate()
    assert found(at_from=str(today)) == ["上级停用阿", "阿的事"]
    assert found(at_to=str(today - timedelta(days=1))) == []
    assert client.get(REPORT, {"at_from": "never", "actor_id": "x"}).status_code == 200


def test_an_act_without_a_title_is_shown_as_it_is(alpha: Site, boss: User, browse: Browse) -> None:
    record("weather.changed", site=alpha)
    assert "weather.changed" in browse(alpha, boss).get(REPORT).content.decode()
    acts.register({"weather.changed": "Weather <b>turned</b>"})
    text = browse(alpha, boss).get(REPORT).content.decode()
    assert "Weather &lt;b&gt;turned" in text


def test_what_was_recorded_is_no_markup(alpha: Site, boss: User, browse: Browse) -> None:
    record("theme.set", site=alpha, subject="<script>1</script>", after={"theme": "<script>2"})
    text = browse(alpha, boss).get(REPORT).content.decode()
    assert "<script>1" not in text
    assert "<script>2" not in text


def test_csv_keeps_chinese_and_holds_no_formula(
    acted: None, alpha: Site, boss: User, browse: Browse
) -> None:
    record("theme.set", site=alpha, by=boss, subject="=cmd|' /C calc'!A0")
    response: Any = browse(alpha, boss).get(REPORT, {"export": "csv"})
    content = response.getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    subjects = [row["Subject"] for row in rows]
    assert subjects[:3] == ["'=cmd|' /C calc'!A0", "上级停用阿", "阿的事"]
    assert rows[2]["Act"] == "Theme set"
    assert rows[2]["Time"].startswith(str(timezone.localdate()))


def test_a_spreadsheet_keeps_chinese(acted: None, alpha: Site, boss: User, browse: Browse) -> None:
    record("theme.set", site=alpha, by=boss, subject="=1+1 \x0b")
    response: Any = browse(alpha, boss).get(REPORT, {"export": "xlsx"})
    sheet = load_workbook(io.BytesIO(response.getvalue())).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    column = rows[0].index("Subject")
    assert [row[column] for row in rows[1:4]] == ["=1+1 ", "上级停用阿", "阿的事"]
    assert sheet.cell(2, column + 1).data_type == "s"
    assert str(rows[1][0]).startswith(str(timezone.localdate()))


def test_an_export_speaks_the_readers_language(
    acted: None, alpha: Site, boss: User, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "CHUNK", 2)  # several chunks
    client = browse(alpha, boss)
    response: Any = client.get(REPORT, {"export": "csv"})
    with tenant_context(control()):
        rows = list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
    assert len(rows) == Entry.objects.filter(site_id=alpha.id).count()
    assert rows[0]["Act"] == "Site state changed"


def test_a_spreadsheet_that_would_be_too_long(
    acted: None, alpha: Site, boss: User, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_IN_XLSX", 1)
    client = browse(alpha, boss)
    response = client.get(REPORT, {"export": "xlsx"}, follow=True)
    assert response.redirect_chain == [(REPORT, 302)]
    assert "take CSV" in response.content.decode()


def test_the_report_costs_the_same_for_many_entries(
    alpha: Site, boss: User, browse: Browse, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        record("theme.set", site=alpha, by=boss, subject=str(number))
    client = browse(alpha, boss)
    client.get(REPORT)
    with django_assert_max_num_queries(30):
        client.get(REPORT)
