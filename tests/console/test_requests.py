"""Requests for sites: who asks, who decides, what each of them sees and is told."""

from typing import Any

import pytest
from django.test import Client

from sitecluster.accounts import delegation
from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import User
from sitecluster.audit.models import Entry
from sitecluster_console.shared.models import Opening
from tenants import directory
from tenants.directory import Site
from tenants.models import Clearance, Tenant
from tests.console.conftest import Browse
from tests.console.wizard import START, answers, confirm, fill, problems

REQUESTS = "/admin/cluster/requests/"
WHY = {"reason": "机构设立", "document": "阿林函3号"}


@pytest.fixture
def asked(applicant: Client, alpha: Site) -> Opening:
    """A site below alpha that the applicant asks for."""
    opening = fill(applicant, answers(alpha))
    assert confirm(applicant, opening, **WHY).status_code == 302
    opening.refresh_from_db()
    assert opening.state == "requested"
    return opening


@pytest.fixture
def foreign(delta: Site, boss_user: User, browse: Browse) -> Client:
    """Runs delta's branch alone."""
    directory.forget()
    user = add_member("foreign@console.example", delta, ["editor"], name="外区周")[0]
    delegation.give(user, delta, "manager", by=boss_user, reason="区县自管")
    return browse(user)


def page(opening: Opening, act: str = "") -> str:
    return f"{START}{opening.pk}/{act}/" if act else f"{START}{opening.pk}/"


def decide(browser: Client, opening: Opening, act: str, **given: str) -> Any:
    """Open the page of the act and send it."""
    shown = browser.get(page(opening, act))
    assert shown.status_code == 200
    form = shown.context["form"]
    seen = {"seen": form["seen"].value()} if "seen" in form.fields else {}
    return browser.post(page(opening, act), {**seen, **given})


def test_a_request_is_approved_and_the_site_opened(
    asked: Opening, delegate: Client, delegate_user: User, alpha: Site, mailoutbox: Any
) -> None:
    assert "阿县林业局" in delegate.get(REQUESTS).content.decode()
    shown = delegate.get(page(asked)).content.decode()
    for text in ("阿县林业局", "lyj.alpha.localhost", "first@lyj.example", "阿林函3号", "申请赵"):
        assert text in shown
    mailoutbox.clear()
    decide(delegate, asked, "approve", reason="同意", document="阿政批7号")
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by, asked.problems) == ("opened", delegate_user, [])
    directory.forget()
    site = directory.snapshot().by_code["lyj"]
    assert site.state == "building"
    approval = Clearance.objects.get(tenant_id=site.id, gate_id="approval")
    assert (approval.number, approval.authority) == ("阿政批7号", "分级李")
    assert approval.issued_on is not None
    assert {letter.to[0] for letter in mailoutbox} == {
        "applicant@console.example",
        "first@lyj.example",
    }
    provisioned = Entry.objects.get(act="site.provisioned", site_code="lyj")
    assert (provisioned.actor_id, provisioned.document) == (delegate_user.pk, "阿政批7号")


def test_every_act_is_in_the_audit_trail(
    asked: Opening, delegate: Client, applicant: Client, alpha: Site
) -> None:
    decide(delegate, asked, "decline", reason="已有子站")
    second = fill(applicant, answers(alpha))
    confirm(applicant, second, **WHY)
    applicant.post(page(second, "withdraw"))
    third = fill(applicant, answers(alpha))
    confirm(applicant, third, **WHY)
    decide(delegate, third, "approve", reason="同意", document="阿政批7号")
    acts = Entry.objects.filter(act__startswith="opening.").order_by("pk")
    assert [(entry.act, entry.actor_name, entry.reason) for entry in acts] == [
        ("opening.requested", "申请赵", "机构设立"),
        ("opening.declined", "分级李", "已有子站"),
        ("opening.requested", "申请赵", "机构设立"),
        ("opening.withdrawn", "申请赵", ""),
        ("opening.requested", "申请赵", "机构设立"),
        ("opening.approved", "分级李", "同意"),
    ]
    assert acts[0].after is not None
    assert acts[0].after["code"] == "lyj"
    assert acts[0].document == "阿林函3号"


def test_a_request_needs_a_reason_and_a_document(applicant: Client, alpha: Site) -> None:
    opening = fill(applicant, answers(alpha))
    response = confirm(applicant, opening)
    assert list(problems(response)) == ["reason", "document"]
    opening.refresh_from_db()
    assert opening.state == "draft"


def test_a_decision_needs_a_reason_and_a_document(asked: Opening, delegate: Client) -> None:
    assert list(problems(decide(delegate, asked, "approve"))) == ["reason", "document"]
    assert list(problems(decide(delegate, asked, "decline"))) == ["reason"]
    asked.refresh_from_db()
    assert asked.state == "requested"


def test_the_nearest_managers_are_told(
    asked: Opening, applicant: Client, delegate: Client, mailoutbox: Any
) -> None:
    # `asked` came before `delegate`: the platform admins had to be told
    assert [letter.to for letter in mailoutbox] == [["boss@console.example"]]
    mailoutbox.clear()
    applicant.post(page(asked, "withdraw"))
    assert [letter.to for letter in mailoutbox] == [["delegate@console.example"]]
    assert page(asked) in mailoutbox[0].body


def test_declined_with_a_reason_and_taken_as_a_new_draft(
    asked: Opening, delegate: Client, applicant: Client, mailoutbox: Any
) -> None:
    mailoutbox.clear()
    decide(delegate, asked, "decline", reason="请改为栏目")
    assert [letter.to for letter in mailoutbox] == [["applicant@console.example"]]
    assert "请改为栏目" in mailoutbox[0].body
    assert "请改为栏目" in applicant.get(page(asked)).content.decode()
    applicant.post(page(asked, "again"))
    again = Opening.objects.latest("pk")
    assert (again.pk != asked.pk, again.state) == (True, "draft")
    assert again.answers == asked.answers
    assert not Tenant.objects.filter(code="lyj").exists()


def test_nobody_decides_about_an_own_request(
    asked: Opening, applicant: Client, applicant_user: User, alpha: Site, boss_user: User
) -> None:
    for act in ("approve", "decline"):
        assert applicant.get(page(asked, act)).status_code == 404
        assert applicant.post(page(asked, act), WHY).status_code == 404
    delegation.give(applicant_user, alpha, "manager", by=boss_user, reason="升任")
    for act in ("approve", "decline"):  # nor once they run the branch themselves
        assert applicant.post(page(asked, act), WHY).status_code == 404
    asked.refresh_from_db()
    assert asked.state == "requested"


def test_another_branch_sees_nothing(
    asked: Opening, foreign: Client, clerk: Client, stranger: Client
) -> None:
    assert "阿县林业局" not in foreign.get(REQUESTS).content.decode()
    for act in ("", "approve", "decline", "withdraw", "again", "correct", "retry", "discard"):
        assert foreign.get(page(asked, act)).status_code == 404, act
        assert foreign.post(page(asked, act), WHY).status_code in (404, 405), act
        for browser in (clerk, stranger):
            assert browser.get(page(asked, act)).status_code == 302
    asked.refresh_from_db()
    assert asked.state == "requested"


def test_applicants_see_no_requests_and_open_nothing_themselves(
    asked: Opening, applicant: Client, alpha: Site
) -> None:
    response = applicant.get(REQUESTS)
    assert (response.status_code, response.headers.get("Location")) == (302, "/admin/")
    assert "阿县林业局" in applicant.get(START).content.decode()
    opening = fill(applicant, answers(alpha, name="阿县商务局", code="swj"))
    review = applicant.get(f"{START}{opening.pk}/review/").content.decode()
    assert "You ask for this site" in review
    confirm(applicant, opening, **WHY)
    assert not Tenant.objects.filter(code="swj").exists()


def test_a_second_request_for_the_same_organ_is_refused(
    asked: Opening, delegate: Client, alpha: Site
) -> None:
    opening = fill(delegate, answers(alpha), until="kind")
    for given in ({"name": "阿县林业局", "code": "x"}, {"name": "阿县畜牧局", "code": "lyj"}):
        response = delegate.post(page(opening, "name"), {**given, "parent": alpha.id})
        sentences = [text for texts in problems(response).values() for text in texts]
        assert sentences == ["A site of 阿县林业局 has been asked for already."]


def test_what_changed_since_the_request_is_shown_and_refused(
    asked: Opening, delegate: Client, boss: Client, alpha: Site
) -> None:
    row = Tenant.objects.get(code="gamma")
    row.name = "阿县林业局"
    row.save()
    shown = delegate.get(page(asked)).content.decode()
    assert "阿县林业局 has a site already, gamma" in shown
    refused = decide(delegate, asked, "approve", reason="同意", document="1号")
    followed = delegate.get(refused.headers["Location"]).content.decode()
    assert "has a site already" in followed
    asked.refresh_from_db()
    assert asked.state == "requested"


def test_a_decision_about_other_answers_than_were_read_is_refused(
    asked: Opening, delegate: Client
) -> None:
    shown = delegate.get(page(asked, "approve")).context["form"]["seen"].value()
    asked.answers["theme"] = "base"
    asked.save()
    given = {"seen": shown, "reason": "同意", "document": "1号"}
    said = delegate.post(page(asked, "approve"), given, follow=True).content.decode()
    assert "changed in another window" in said
    asked.refresh_from_db()
    assert asked.state == "requested"


def test_too_late(asked: Opening, delegate: Client, applicant: Client, boss: Client) -> None:
    decide(delegate, asked, "decline", reason="已有子站")
    for browser, act in ((applicant, "withdraw"), (boss, "approve"), (delegate, "decline")):
        response = browser.post(page(asked, act), WHY)
        assert response.headers["Location"] == page(asked)
    asked.refresh_from_db()
    assert asked.state == "declined"


def test_a_district_that_is_no_longer_run(
    asked: Opening, delegate: Client, delegate_user: User, alpha: Site, boss_user: User
) -> None:
    from sitecluster.accounts.models import Delegation
    from sitecluster_console.opening import task as opening_task

    Opening.objects.filter(pk=asked.pk).update(state="approved", decided_by=delegate_user)
    row = Delegation.objects.get(user=delegate_user)
    delegation.end(row, by=boss_user, reason="调离")
    opening_task.open_site.call(asked.pk)
    asked.refresh_from_db()
    assert asked.state == "failed"
    assert "doesn't run the site above any more" in asked.problems[0]["text"]
    assert not Tenant.objects.filter(code="lyj").exists()
