"""Opening a site step by step: no step is left out, drafts are private, failures lead back."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from sitecluster.accounts.models import Invitation, Membership, User
from sitecluster.audit.models import Entry
from sitecluster.cms.identity import SiteIdentity
from sitecluster.tenancy import tenant_context
from sitecluster_console.shared.models import Opening
from tenants import directory
from tenants.directory import Site
from tenants.models import Clearance, Tenant
from tests.console.wizard import START, STEPS, answers, confirm, fill, problems


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
    from sitecluster_console.opening import requesting, task as opening_task

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
