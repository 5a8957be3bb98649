"""Each rule about a new site stands at its field."""

import csv
from pathlib import Path

import pytest
from django.test import Client

from sitecluster.accounts.models import User
from tenants import blueprint_sites, opening_rules
from tenants.directory import Site
from tenants.models import Clearance, Tenant
from tenants.orders import Order
from tenants.provisioning import provision
from tests.console.wizard import START, STEPS, answers, confirm, fill, problems, refusal


@pytest.mark.parametrize("name", ["人" * 101, "<b>", "“阿县”林业局", "", "\0x"])
def test_bad_names(boss: Client, alpha: Site, name: str) -> None:
    opening = fill(boss, answers(alpha), until="kind")
    given = {"name": name, "parent": alpha.id, "code": "lyj"}
    response = boss.post(f"{START}{opening.pk}/name/", given)
    assert list(problems(response)) == ["name"]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("admin", "reserved"),
        ("control", "reserved"),
        ("gamma", "taken by 阿县水利局"),
        ("Lin Ye", "lower-case letters"),
        ("x" * 41, "longer than 40"),
        ("林业", "lower-case letters"),
    ],
)
def test_bad_codes(boss: Client, alpha: Site, gamma: Site, code: str, sentence: str) -> None:
    opening = fill(boss, answers(alpha), until="kind")
    assert sentence in refusal(boss, opening, "name", code=code, name="阿县林业局", parent=alpha.id)


def test_an_organ_has_one_site(boss: Client, alpha: Site, gamma: Site) -> None:
    opening = fill(boss, answers(alpha), until="kind")
    for name in ("阿县水利局", "阿县 水利局"):
        said = refusal(boss, opening, "name", name=name, parent=alpha.id, code="other")
        assert "阿县水利局 has a site already, gamma" in said
    boss.post(f"{START}{opening.pk}/name/", answers(alpha)["name"])
    boss.post(f"{START}{opening.pk}/domain/", {})
    said = refusal(boss, opening, "identity", host_unit="阿县水利局")
    assert "阿县水利局 has a site already, gamma" in said
    above = boss.post(f"{START}{opening.pk}/identity/", {"host_unit": "阿县人民政府"})
    assert above.status_code == 302  # a government is the host unit of the parts of its site


def test_the_site_above_must_be_of_the_right_kind(boss: Client, alpha: Site, gamma: Site) -> None:
    opening = fill(boss, answers(alpha, kind="township"), until="kind")
    page = boss.get(f"{START}{opening.pk}/name/")
    offered = {str(value) for value, _label in page.context["form"].fields["parent"].choices}
    assert str(alpha.id) in offered
    assert str(gamma.id) not in offered
    given = {"name": "丙镇人民政府", "code": "c"}
    for parent in ("", gamma.id, "0", "x"):
        response = boss.post(f"{START}{opening.pk}/name/", {**given, "parent": parent})
        assert list(problems(response)) == ["parent"]


@pytest.mark.parametrize(
    ("kind", "domain", "sentence"),
    [
        ("township", "www.own.gov.cn", "take www.alpha.localhost/zz/fresh"),
        ("department", "lyj.other.gov.cn", "take fresh.alpha.localhost"),
        ("department", "gamma.alpha.localhost", "taken by 阿县水利局"),
        ("department", "x.admin.localhost", "belongs to the platform"),
        ("department", "www.alpha.localhost/admin", "path of the platform"),
        ("department", "www.alpha.localhost/zwgk", "stands the page"),
        ("district", "own.gov.cn", "www.□□□.gov.cn"),
        ("department", "a b", "not valid"),
        ("department", "http://", "not valid"),
    ],
)
def test_bad_addresses(
    boss: Client, alpha: Site, gamma: Site, kind: str, domain: str, sentence: str
) -> None:
    given = answers(alpha, kind=kind, name="丙县人民政府", code="fresh")
    opening = fill(boss, given, until="name")
    before = boss.get(f"{START}{opening.pk}/domain/").context["form"].fields["domain"].help_text
    assert "Usually it is" in before
    assert sentence in refusal(boss, opening, "domain", domain=domain)


def test_an_address_below_the_government_will_do(boss: Client, alpha: Site) -> None:
    given = answers(alpha, kind="township", name="丙镇人民政府", code="c")
    opening = fill(boss, given, until="name")
    for domain in ("www.alpha.localhost/bing", "HTTP://Bing.alpha.localhost/", ""):
        response = boss.post(f"{START}{opening.pk}/domain/", {"domain": domain})
        assert response.status_code == 302


def test_site_identification_codes(boss: Client, alpha: Site) -> None:
    opening = fill(boss, answers(alpha), until="domain")
    for code in ("123", "bm123", "6108280002 x"):
        response = boss.post(
            f"{START}{opening.pk}/identity/", {"host_unit": "阿县林业局", "site_id_code": code}
        )
        assert list(problems(response)) == ["site_id_code"]
    Clearance.objects.create(tenant_id=alpha.id, gate_id="site-id-code", number="6108280002")
    response = boss.post(
        f"{START}{opening.pk}/identity/", {"host_unit": "阿县林业局", "site_id_code": "6108280002"}
    )
    assert "is that of 阿县人民政府" in problems(response)["site_id_code"][0]


def test_theme_and_plugins_are_those_installed(boss: Client, alpha: Site) -> None:
    opening = fill(boss, answers(alpha), until="identity")
    page = boss.get(f"{START}{opening.pk}/theme/")
    assert "department/preview.webp" in page.content.decode()
    assert page.context["form"]["theme"].value() == "department"
    for step, field in (("theme", "theme"), ("plugins", "plugins"), ("kind", "kind")):
        if step == "plugins":
            boss.post(f"{START}{opening.pk}/theme/", {"theme": "base"})
        response = boss.post(f"{START}{opening.pk}/{step}/", {field: "none-such"})
        assert list(problems(response)) == [field]


def test_plugins_are_proposed_and_those_they_require_must_be_chosen(
    boss: Client, alpha: Site
) -> None:
    opening = fill(boss, answers(alpha, kind="township"), until="theme")
    page = boss.get(f"{START}{opening.pk}/plugins/")
    assert "chime" in page.context["form"]["plugins"].value()
    assert "Requires Notice board" in page.content.decode()
    said = refusal(boss, opening, "plugins", plugins=["echo"])
    assert said == "Echo requires Notice board."
    given = answers(alpha)
    given["plugins"] = {"plugins": ["board", "echo"]}
    confirm(boss, fill(boss, given))
    assert Tenant.objects.get(code="lyj").plugins == ["board", "echo"]


def test_the_first_admin(boss: Client, alpha: Site) -> None:
    opening = fill(boss, answers(alpha), until="plugins")
    said = refusal(boss, opening, "admin", admin="nobody@x.example", how="add")
    assert "no account nobody@x.example" in said
    assert refusal(boss, opening, "admin", admin="nowhere", admin_name="x", how="invite")
    assert "needs a name" in refusal(
        boss, opening, "admin", admin_name=" ", admin="a@x.example", how="invite"
    )


def test_blueprint_may_be_chosen_where_there_are_several(
    boss: Client, alpha: Site, gamma: Site
) -> None:
    given = answers(alpha)
    opening = fill(boss, given, until="identity")
    address = f"{START}{opening.pk}/theme/"
    assert "blueprint" not in boss.get(address).context["form"].fields
    blueprint_sites.copy_site(gamma, "water", "水利部门", articles=False)
    choices = boss.get(address).context["form"].fields["blueprint"].choices
    assert choices[1:] == [("water", "水利部门")]
    assert "township" in refusal(boss, opening, "theme", blueprint="township", theme="base")
    given["theme"] = {"theme": "base", "blueprint": "water"}
    for step in STEPS[STEPS.index("theme") :]:
        assert boss.post(f"{START}{opening.pk}/{step}/", given[step]).status_code == 302
    confirm(boss, opening)
    opening.refresh_from_db()
    assert opening.problems == []
    site = Tenant.objects.get(code="lyj")
    assert (site.blueprint_code, site.blueprint_version) == ("water", 1)


ROSTERS = sorted(Path(__file__).parents[3].glob("shared/data/*.csv"))


@pytest.mark.skipif(not ROSTERS, reason="the rosters of real clusters are not there")
def test_the_rules_suit_real_clusters(db: None, boss_user: User, control: Site) -> None:
    """Every site of a real county or city can be had through the wizard's rules."""
    refused = []
    for path in ROSTERS:
        rows = list(csv.DictReader(path.open(encoding="utf-8-sig")))
        tops = {row["code"]: row for row in rows if not row["parent"]}
        assert tops
        for row in rows:
            refused += opening_rules.name_problems(row["name"])
            refused += opening_rules.site_id_problems(row["site_id_code"])
            refused += opening_rules.code_problems(row["code"], row["kind"])
        for code, row in tops.items():
            order = Order(code=code, name=row["name"], kind="portal", domain=f"www.{code}.gov.cn")
            top = Tenant.objects.get(pk=provision(order).site.id)
            for below in rows:
                if below["parent"] == code:
                    refused += below_its_government(below, top)
    assert refused == []


def below_its_government(row: dict[str, str], top: Tenant) -> list[str]:
    """What the rules say against a site of a roster at its usual address."""
    kind, code = row["kind"], row["code"]
    domain = opening_rules.default_domain(kind, code, top)
    if kind == "district":
        domain = f"www.{code}.gov.cn"
    findings = opening_rules.domain_findings(kind, code, domain, top)
    assert opening_rules.suggested_code(row["name"], top, kind), row["name"]
    return [
        *opening_rules.parent_problems(kind, top),
        *opening_rules.host_unit_problems(row["name"], row["name"], top),
        *(finding.text for finding in findings),
    ]
