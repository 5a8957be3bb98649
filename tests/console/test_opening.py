"""Opening a site step by step: no step is left out, each rule stands at its field."""

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sitecluster.accounts.models import Invitation, Membership, User
from sitecluster.audit.models import Entry
from sitecluster.cms.identity import SiteIdentity
from sitecluster.tenancy import tenant_context
from sitecluster_console.shared.models import Opening
from tenants import blueprint_sites, directory, opening_rules
from tenants.directory import Site
from tenants.models import Clearance, Tenant
from tenants.orders import Order
from tenants.provisioning import provision

START = "/admin/cluster/openings/"
STEPS = ("kind", "name", "domain", "identity", "theme", "plugins", "admin")


def answers(parent: Any, **changed: Any) -> dict[str, dict[str, Any]]:
    """What a person fills in, step by step."""
    given: dict[str, dict[str, Any]] = {
        "kind": {"kind": "department"},
        "name": {"parent": getattr(parent, "id", ""), "name": "阿县林业局", "code": ""},
        "domain": {"domain": ""},
        "identity": {"host_unit": "阿县林业局", "site_id_code": ""},
        "theme": {"theme": "department"},
        "plugins": {"plugins": []},
        "admin": {"admin": "first@lyj.example", "admin_name": "林一", "how": "invite"},
    }
    for name, value in changed.items():
        step = next(step for step in given if name in given[step] or step == "identity")
        for candidate in given:
            if name in given[candidate]:
                step = candidate
        given[step][name] = value
    return given


def fill(browser: Client, given: dict[str, dict[str, Any]], until: str = "") -> Opening:
    """Go through the steps, the last of them ``until``; every one must be taken."""
    response = browser.post(f"{START}new/", given["kind"])
    assert response.status_code == 302, problems(response)
    opening = Opening.objects.latest("pk")
    for step in STEPS[1:]:
        if until in STEPS[: STEPS.index(step)]:
            break
        response = browser.post(f"{START}{opening.pk}/{step}/", given[step])
        assert response.status_code == 302, (step, problems(response))
    opening.refresh_from_db()
    return opening


def problems(response: Any) -> dict[str, list[str]]:
    """The sentences at the fields."""
    return {
        name: [str(text) for text in texts]
        for name, texts in response.context["form"].errors.items()
    }


def refusal(browser: Client, opening: Opening, step: str, **given: Any) -> str:
    """The sentence at a field of a step that is refused; the first of ``given`` is the field."""
    response = browser.post(f"{START}{opening.pk}/{step}/", given)
    assert response.status_code == 200
    found = problems(response)
    assert list(found) == [next(iter(given))], found
    return " ".join(found[next(iter(given))])


def confirm(browser: Client, opening: Opening, **given: str) -> Any:
    """Send the review as it was read."""
    address = f"{START}{opening.pk}/review/"
    read = browser.get(address)
    assert read.status_code == 200, read
    seen = read.context["form"]["seen"].value()
    return browser.post(address, {"seen": seen, **given})


def test_a_site_is_opened(boss: Client, boss_user: User, alpha: Site, mailoutbox: Any) -> None:
    given = answers(alpha, site_id_code="6108280099", icp_number="陕ICP备1号")
    opening = fill(boss, given)
    assert opening.answers["code"] == "lyj"
    response = confirm(boss, opening, reason="机构改革", document="阿政函1号")
    assert response.status_code == 302
    opening.refresh_from_db()
    assert (opening.state, opening.problems) == ("opened", [])
    directory.forget()
    site = directory.snapshot().by_code["lyj"]
    assert (site.state, site.theme, site.kind, site.parent_id) == (
        "building",
        "department",
        "department",
        alpha.id,
    )
    assert site.address is not None
    assert site.address.host == "lyj.alpha.localhost"
    with tenant_context(site):
        identity = SiteIdentity.objects.get()
    assert (identity.host_unit, identity.icp_number) == ("阿县林业局", "陕ICP备1号")
    assert identity.site_id_code == "6108280099"
    gates = dict(Clearance.objects.filter(tenant_id=site.id).values_list("gate_id", "number"))
    assert gates == {"approval": "阿政函1号", "site-id-code": "6108280099", "icp": "陕ICP备1号"}
    invited = Invitation.objects.get(tenant_id=site.id)
    assert (invited.email, invited.roles, invited.invited_by) == (
        "first@lyj.example",
        ["site_admin"],
        boss_user,
    )
    letters = {letter.to[0]: letter for letter in mailoutbox}
    assert "/admin/invitations/" in letters["first@lyj.example"].body
    entry = Entry.objects.get(act="site.provisioned", site_code="lyj")
    assert (entry.actor_id, entry.reason, entry.document) == (boss_user.pk, "机构改革", "阿政函1号")
    page = boss.get(f"{START}{opening.pk}/").content.decode()
    assert site.admin_url in page
    assert f"/admin/cluster/sites/{site.id}/" in page
    assert "lyj.alpha.localhost" in page
    assert "once it goes live" in page
    assert "data-console-done" in page


def test_a_person_with_an_account_is_added_at_once(
    boss: Client, alpha: Site, stranger_user: User
) -> None:
    opening = fill(boss, answers(alpha, admin=stranger_user.email, how="add", admin_name=""))
    confirm(boss, opening)
    membership = Membership.objects.get(user=stranger_user, tenant__code="lyj")
    assert membership.roles == ["site_admin"]
    assert not Invitation.objects.filter(tenant__code="lyj").exists()


def test_the_code_is_made_of_the_name_and_proposed(boss: Client, alpha: Site) -> None:
    proposal = boss.get(f"{START}code/?name=阿县林业局&parent={alpha.id}")
    assert proposal.json() == {"code": "lyj"}
    fill(boss, answers(alpha))
    confirm(boss, Opening.objects.latest("pk"))
    proposal = boss.get(f"{START}code/?name=阿县粮油局&parent={alpha.id}")
    assert proposal.json() == {"code": "axlyj"}
    for odd in ({"name": "", "parent": "x"}, {"name": "阿" * 500, "parent": "9" * 40}):
        assert boss.get(f"{START}code/", odd).status_code == 200


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


def test_no_step_is_left_out_and_going_back_keeps_the_answers(boss: Client, alpha: Site) -> None:
    opening = fill(boss, answers(alpha), until="name")
    for step in ("identity", "theme", "plugins", "admin", "review"):
        for response in (
            boss.get(f"{START}{opening.pk}/{step}/"),
            boss.post(f"{START}{opening.pk}/{step}/", answers(alpha).get(step, {})),
        ):
            assert response.headers["Location"].endswith(f"/{opening.pk}/domain/")
    page = boss.get(f"{START}{opening.pk}/name/")
    assert page.context["form"]["name"].value() == "阿县林业局"
    assert page.context["form"]["code"].value() == "lyj"
    listed = boss.get(START).content.decode()
    assert "阿县林业局" in listed
    assert boss.get(f"{START}{opening.pk}/").headers["Location"].endswith("/domain/")


def test_what_an_earlier_answer_makes_wrong_is_asked_again(boss: Client, alpha: Site) -> None:
    given = answers(alpha, domain="alpha.example/x", kind="party")
    opening = fill(boss, given)
    boss.post(f"{START}{opening.pk}/kind/", {"kind": "township"})
    response = boss.get(f"{START}{opening.pk}/review/")
    assert response.headers["Location"].endswith(f"/{opening.pk}/domain/")
    page = boss.get(f"{START}{opening.pk}/domain/")
    assert "domain" in problems(page)  # the sentence stands there at once


def test_two_windows_at_one_draft(boss: Client, alpha: Site) -> None:
    opening = fill(boss, answers(alpha))
    review = boss.get(f"{START}{opening.pk}/review/")
    seen = review.context["form"]["seen"].value()
    boss.post(f"{START}{opening.pk}/theme/", {"theme": "base"})
    boss.post(f"{START}{opening.pk}/identity/", {"host_unit": "阿县林业局", "organiser": "办公室"})
    opening.refresh_from_db()
    assert (opening.answers["theme"], opening.answers["organiser"]) == ("base", "办公室")
    stale = boss.post(f"{START}{opening.pk}/review/", {"seen": seen}, follow=True)
    assert "changed in another window" in stale.content.decode()
    assert not Tenant.objects.filter(code="lyj").exists()
    confirm(boss, opening)
    again = boss.post(f"{START}{opening.pk}/review/", {"seen": seen})
    assert again.headers["Location"].endswith(f"/openings/{opening.pk}/")
    late = boss.post(f"{START}{opening.pk}/theme/", {"theme": "department"})
    assert late.headers["Location"].endswith(f"/openings/{opening.pk}/")
    assert Tenant.objects.filter(code="lyj", theme="base").count() == 1


def test_drafts_are_their_own_persons(
    boss: Client, delegate: Client, applicant: Client, alpha: Site
) -> None:
    opening = fill(delegate, answers(alpha))
    Opening.objects.get(pk=fill(delegate, answers(alpha), until="kind").pk)  # a second one
    for browser in (boss, applicant):
        assert "阿县林业局" not in browser.get(START).content.decode()
        for step in (*STEPS, "review", "discard", ""):
            address = f"{START}{opening.pk}/{step}/".replace("//", "/")
            assert browser.get(address).status_code == 404, step
            assert browser.post(address, {}).status_code in (404, 405), step


def test_a_draft_is_discarded(delegate: Client, alpha: Site) -> None:
    opening = fill(delegate, answers(alpha))
    assert delegate.get(f"{START}{opening.pk}/discard/").status_code == 200
    delegate.post(f"{START}{opening.pk}/discard/")
    assert not Opening.objects.filter(pk=opening.pk).exists()


def test_a_delegate_opens_below_the_own_top_alone(
    delegate: Client, delegate_user: User, alpha: Site, delta: Site
) -> None:
    page = delegate.get(f"{START}new/")
    kinds = [value for value, _label in page.context["form"].fields["kind"].choices]
    assert "portal" not in kinds
    assert list(problems(delegate.post(f"{START}new/", {"kind": "portal"}))) == ["kind"]
    opening = fill(delegate, answers(alpha), until="kind")
    for parent in (delta.id, ""):
        given = {**answers(alpha)["name"], "parent": parent}
        assert list(problems(delegate.post(f"{START}{opening.pk}/name/", given))) == ["parent"]
    opening = fill(delegate, answers(alpha))
    form = delegate.get(f"{START}{opening.pk}/admin/").context["form"]
    assert "how" not in form.fields  # adding at once is for platform admins
    confirm(delegate, opening)
    entry = Entry.objects.get(act="site.provisioned", site_code="lyj")
    assert entry.actor_id == delegate_user.pk


def test_who_runs_nothing_opens_nothing(clerk: Client) -> None:
    for path in ("", "new/", "code/"):
        response = clerk.get(f"{START}{path}")
        assert response.status_code == 302
        assert response.headers["Location"] == "/admin/"


def test_a_failure_is_shown_and_leads_back_to_its_step(boss: Client, alpha: Site) -> None:
    from sitecluster_console import opening_task, requesting

    opening = fill(boss, answers(alpha))
    Opening.objects.filter(pk=opening.pk).update(
        state="approved", decided_by_id=opening.asked_by_id
    )
    rival = fill(boss, answers(alpha, name="阿县旅游局", code="rival"))
    confirm(boss, rival)
    opening.refresh_from_db()
    opening.answers["code"] = "rival"  # taken since it was approved
    opening.save()
    opening_task.open_site.call(opening.pk)
    opening.refresh_from_db()
    assert opening.state == "failed"
    assert opening.problems[0]["step"] == "name"
    page = boss.get(f"{START}{opening.pk}/").content.decode()
    assert "is taken by 阿县旅游局" in page
    back = boss.post(f"{START}{opening.pk}/correct/", follow=True)
    assert back.redirect_chain[-1][0].endswith(f"/openings/{opening.pk}/name/")
    assert "code" in problems(back)
    boss.post(f"{START}{opening.pk}/name/", answers(alpha)["name"])
    confirm(boss, opening)
    opening.refresh_from_db()
    assert opening.state == "opened"
    opening_task.open_site.call(opening.pk)  # a second time changes nothing
    assert Tenant.objects.filter(code="lyj").count() == 1
    assert not requesting.may_retry(opening.asked_by, opening)


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


def test_an_opening_that_no_worker_takes_up_can_be_started_again(
    boss: Client, delegate: Client, alpha: Site
) -> None:
    opening = fill(boss, answers(alpha))
    rows = Opening.objects.filter(pk=opening.pk)
    rows.update(state="approved", decided_by_id=opening.asked_by_id, decided_at=timezone.now())
    page = boss.get(f"{START}{opening.pk}/").content.decode()
    assert "console-poll" in page
    assert "data-console-done" not in page
    assert boss.post(f"{START}{opening.pk}/retry/").status_code == 302
    opening.refresh_from_db()
    assert opening.state == "approved"  # it is too early
    rows.update(decided_at=timezone.now() - timedelta(minutes=2))
    page = boss.get(f"{START}{opening.pk}/").content.decode()
    assert "longer than it should" in page
    assert "data-console-done" in page
    boss.post(f"{START}{opening.pk}/retry/")
    opening.refresh_from_db()
    assert opening.state == "opened"


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
