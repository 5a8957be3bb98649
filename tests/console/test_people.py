"""The list of people, a person's page, and what is done there."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from sitecluster.accounts import delegation
from sitecluster.accounts.invitations import invite
from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import Delegation, Invitation, Membership, User
from sitecluster.audit.models import Entry
from sitecluster.rights.roles import groups_of
from sitecluster.tenancy import tenant_context
from tenants.directory import Site
from tests.accounts.authenticator import equip

Browse = Callable[..., Client]
PEOPLE = "/admin/cluster/people/"


def url(person: User, act: str = "") -> str:
    """The address of a person's page or of an act."""
    return f"{PEOPLE}{person.pk}/{act}"


def names(client: Client, query: str = "") -> list[str]:
    """The addresses in the list, in order."""
    response = client.get(f"{PEOPLE}results/?{query}")
    assert response.status_code == 200
    return [user.email for user in response.context["object_list"]]


def roles(user: User, site: Site) -> list[str] | None:
    """The roles of the membership and, equal to them, those in the site's schema."""
    found = Membership.objects.filter(user=user, tenant_id=site.id, ended_at=None).first()
    with tenant_context(site):
        held = set(Group.objects.filter(usergroup__user_id=user.pk).values_list("name", flat=True))
    if found is None:
        assert not held
        return None
    assert len(held) == len(found.roles)
    return found.roles


def last(act: str) -> Entry:
    """The last entry of the audit trail; it must be of this act."""
    entry = Entry.objects.order_by("-id").exclude(act="password.changed").first()
    assert entry
    assert entry.act == act
    return entry


def fresh(user: User) -> User:
    """What the database says."""
    return User.everyone.get(pk=user.pk)


@pytest.fixture
def clara(beta: Site, gamma: Site) -> User:
    """An editor of two sites of alpha's branch, at home on beta."""
    user = add_member("clara@people.example", beta, ["editor"], name="陈克莱")[0]
    add_member(user.email, gamma, ["reviewer"])
    user.set_password("Zhongguo-2026")
    user.save()
    return fresh(user)


@pytest.fixture
def dora(epsilon: Site) -> User:
    """Of another branch."""
    return add_member("dora@people.example", epsilon, ["editor"], name="丁朵拉")[0]


@pytest.fixture
def both(beta: Site, epsilon: Site) -> User:
    """At home on beta, and a member of another branch too."""
    user = add_member("both@people.example", beta, ["editor"], name="毕两边")[0]
    add_member(user.email, epsilon, ["site_admin"])
    return user


def test_found_by_name_and_address(boss: Client, clara: User, dora: User) -> None:
    assert names(boss, "q=陈克") == [clara.email]
    assert names(boss, "q=DORA@people") == [dora.email]
    assert {clara.email, dora.email} <= set(names(boss))


def test_filters(boss: Client, boss_user: User, clara: User, dora: User, both: User) -> None:
    ours = "q=people.example&"
    assert names(boss, ours + "site=gamma") == [clara.email]
    assert names(boss, ours + "site=教育局&role=editor") == [dora.email]
    assert names(boss, ours + "site=beta&role=site_admin") == []  # of one membership together
    assert names(boss, ours + "role=site_admin") == [both.email]
    assert names(boss, ours + "home=beta") == [both.email, clara.email]
    assert names(boss, ours + "state=suspended") == []
    User.everyone.filter(pk=dora.pk).update(is_active=False)
    assert names(boss, ours + "state=suspended") == [dora.email]
    equip(clara)
    assert clara.email not in names(boss, ours + "factor=without")
    assert names(boss, ours + "factor=with") == [clara.email]
    assert boss_user.email in names(boss, "admin=yes")
    assert clara.email not in names(boss, "admin=yes")


def test_who_has_not_signed_in(boss: Client, clara: User, dora: User, both: User) -> None:
    now = timezone.now()
    old = now - timedelta(days=100)
    User.everyone.filter(pk__in=[clara.pk, dora.pk, both.pk]).update(date_joined=old)
    User.everyone.filter(pk=clara.pk).update(last_login=now - timedelta(days=31))
    User.everyone.filter(pk=dora.pk).update(last_login=now - timedelta(days=29))
    ours = "q=people.example&"
    assert set(names(boss, ours + "unseen=30")) == {clara.email, both.email}
    assert names(boss, ours + "signed_in=never") == [both.email]
    by_time = names(boss, ours + "ordering=last_login")
    assert by_time == [both.email, clara.email, dora.email]
    assert names(boss, ours + "ordering=-last_login") == by_time[::-1]
    User.everyone.filter(pk=both.pk).update(date_joined=now)
    assert names(boss, ours + "unseen=30") == [clara.email]


@pytest.mark.parametrize(
    "query", ["unseen=x", "unseen=-1", "unseen=99999999999", "state=no", "p=z"]
)
def test_nonsense_in_filters(boss: Client, clara: User, query: str) -> None:
    assert boss.get(f"{PEOPLE}?{query}").status_code == 200


def test_the_list_of_a_delegate(
    delegate: Client, clara: User, dora: User, both: User, delta: Site
) -> None:
    seen = names(delegate)
    assert clara.email in seen
    assert dora.email not in seen
    page = delegate.get(f"{PEOPLE}?q={both.email}").content.decode()
    assert both.email in page
    assert "丁县" not in page
    assert re.search(r"<td[^>]*>\s*1\s*</td>", page)  # of two memberships one is known
    assert 'name="admin"' not in page
    assert names(delegate, "site=epsilon") == []
    assert names(delegate, "home=epsilon") == []
    assert names(delegate, "q=both&role=site_admin") == []


def test_exports(boss: Client, clara: User) -> None:
    User.everyone.filter(pk=clara.pk).update(first_name="=1+1 陈")
    data = b"".join(boss.get(f"{PEOPLE}?q=clara@&export=csv").streaming_content)  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert data.startswith(b"\xef\xbb\xbf")
    assert rows[1][:2] == ["'=1+1 陈", clara.email]
    book = boss.get(f"{PEOPLE}?q=clara@&export=xlsx")
    sheet = load_workbook(io.BytesIO(b"".join(book))).worksheets[0]
    cells = [cell.value for cell in sheet[2]]
    assert cells[1:5] == [clara.email, "贝镇人民政府", "beta", 2]
    assert clara.email not in rows[0]


def test_the_number_of_queries_is_that_of_no_one(boss: Client, alpha: Site, beta: Site) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert boss.get(PEOPLE).status_code == 200
        return len(queries)

    boss.get(PEOPLE)
    few = asked()
    for number in range(30):
        user = add_member(f"many{number}@people.example", alpha, ["editor"], name=f"众{number}")[0]
        add_member(user.email, beta, ["editor"])
    assert asked() == few


def test_a_persons_page(boss: Client, clara: User, boss_user: User) -> None:
    User.everyone.filter(pk=clara.pk).update(
        password_changed_at=timezone.now() - timedelta(days=12)
    )
    page = boss.get(url(clara)).content.decode()
    for text in ("贝镇人民政府", "阿县水利局", "编辑", "审核员", "12 days old", "Never"):
        assert text in page


def test_a_delegates_page_tells_nothing_from_beyond(
    delegate: Client, both: User, epsilon: Site, boss_user: User
) -> None:
    with tenant_context(epsilon):
        invite("elsewhere@people.example", epsilon, groups_of(["editor"]), name="某")
    Delegation.objects.create(user=both, tenant_id=epsilon.id, role="applicant")
    page = delegate.get(url(both)).content.decode()
    assert "贝镇人民政府" in page
    assert "丁县" not in page
    assert "epsilon" not in page
    assert "suspend" not in page  # nor may the account be touched
    assert delegate.get(url(both, "suspend/")).status_code == 302


def test_out_of_sight(delegate: Client, clerk: Client, dora: User, clara: User) -> None:
    assert delegate.get(url(dora)).status_code == 404
    assert delegate.get(url(dora, "suspend/")).status_code == 404
    assert delegate.post(url(dora, "end-all/"), {"reason": "x"}).status_code == 404
    assert clerk.get(url(clara)).status_code == 302
    assert clerk.get(url(clara, "suspend/")).status_code == 302


def test_suspended_with_reason_and_document(boss: Client, clara: User, boss_user: User) -> None:
    sanction = {"grounds": "sanction", "reason": "季度考核不合格", "document": ""}
    page = boss.post(url(clara, "suspend/"), sanction).content.decode()
    assert "A sanction needs the number of its decision." in page
    assert fresh(clara).is_active
    sanction["document"] = "阿政办〔2026〕9号"
    assert boss.post(url(clara, "suspend/"), sanction).status_code == 302
    assert not fresh(clara).is_active
    entry = last("account.suspended")
    assert (entry.actor_id, entry.subject, entry.site_code) == (boss_user.pk, clara.email, "beta")
    assert (entry.reason, entry.document) == ("季度考核不合格", "阿政办〔2026〕9号")
    assert "季度考核不合格" in boss.get(url(clara)).content.decode()
    assert boss.post(url(clara, "reinstate/"), {"reason": "整改完成"}).status_code == 302
    assert fresh(clara).is_active
    assert last("account.reinstated").reason == "整改完成"


def test_a_suspension_without_reason(boss: Client, clara: User) -> None:
    assert boss.post(url(clara, "suspend/"), {"grounds": "protection"}).status_code == 200
    assert fresh(clara).is_active


def test_roles_are_changed_in_the_sites_schema_and_mirrored(
    boss: Client, clara: User, beta: Site, gamma: Site
) -> None:
    boss.post(url(clara, f"sites/{beta.id}/roles/"), {"groups": ["审核员", "站点管理员"]})
    assert roles(clara, beta) == ["reviewer", "site_admin"]
    assert roles(clara, gamma) == ["reviewer"]
    entry = last("member.roles_set")
    assert (entry.site_code, entry.before) == ("beta", {"roles": ["editor"]})


def test_added_at_once_by_a_platform_admin(
    boss: Client, clara: User, alpha: Site, delta: Site, boss_user: User
) -> None:
    wanted = {"sites": [alpha.id, delta.id], "roles": ["column_maintainer"]}
    boss.post(url(clara, "add/"), wanted)
    assert roles(clara, alpha) == roles(clara, delta) == ["column_maintainer"]
    assert last("member.added").actor_id == boss_user.pk


def test_a_delegate_asks_instead(delegate: Client, clara: User, alpha: Site, delta: Site) -> None:
    mail.outbox.clear()
    delegate.post(url(clara, "add/"), {"sites": [alpha.id], "roles": ["editor"]})
    assert roles(clara, alpha) is None
    assert Invitation.objects.filter(email=clara.email, tenant_id=alpha.id).exists()
    assert [message.to for message in mail.outbox] == [[clara.email]]
    delegate.post(url(clara, "add/"), {"sites": [delta.id], "roles": ["editor"]})
    assert not Invitation.objects.filter(tenant_id=delta.id).exists()


def test_memberships_end_with_a_reason(boss: Client, clara: User, beta: Site, gamma: Site) -> None:
    boss.post(url(clara, f"sites/{beta.id}/end/"), {})
    assert roles(clara, beta) == ["editor"]
    boss.post(url(clara, f"sites/{beta.id}/end/"), {"reason": "调离"})
    assert roles(clara, beta) is None
    assert last("member.ended").reason == "调离"
    boss.post(url(clara, "end-all/"), {"reason": "退休"})
    assert roles(clara, gamma) is None


def test_a_delegate_ends_all_of_the_branch(
    delegate: Client, both: User, beta: Site, epsilon: Site
) -> None:
    response = delegate.post(url(both, "end-all/"), {"reason": "调离"})
    assert response.headers["location"] == PEOPLE  # the person is out of sight now
    assert roles(both, beta) is None
    assert roles(both, epsilon) == ["site_admin"]


def test_end_all_takes_delegations_too(
    boss: Client, delegate_user: User, alpha: Site, control: Site
) -> None:
    page = boss.post(url(delegate_user, f"sites/{control.id}/end/"), {"reason": "调离"})
    assert "end the delegations first" in page.content.decode()
    boss.post(url(delegate_user, "end-all/"), {"reason": "调离"})
    assert not Membership.objects.filter(user=delegate_user, ended_at=None).exists()
    assert not Delegation.objects.filter(user=delegate_user, ended_at=None).exists()


def test_password_is_reset_by_a_mailed_link(
    boss: Client, browse: Browse, clara: User, beta: Site
) -> None:
    mail.outbox.clear()
    page = boss.post(url(clara, "link/"), follow=True).content.decode()
    assert mail.outbox[0].to == [clara.email]
    link = re.search(r"http\S+", str(mail.outbox[0].body))
    assert link
    assert link[0] not in page
    assert link[0].startswith(beta.admin_url)
    assert browse(site=beta).get(link[0].replace(beta.admin_url, "/admin/")).status_code == 302
    assert last("account.link_mailed").site_code == "beta"


def test_second_factor_is_reset_and_required(boss: Client, clara: User) -> None:
    equip(clara)
    assert boss.post(url(clara, "factor-reset/"), {"reason": "手机丢失"}).status_code == 302
    assert fresh(clara).second_factor_since is None
    wanted = {"required": "True", "reason": "掌握发布权限"}
    assert boss.post(url(clara, "factor-required/"), wanted).status_code == 302
    assert fresh(clara).second_factor_required
    assert last("account.second_factor_set").reason == "掌握发布权限"
    assert names(boss, "factor=required") == [clara.email]
    boss.post(url(clara, "factor-required/"), {"required": "False", "reason": "岗位调整"})
    assert not fresh(clara).second_factor_required


def test_a_lock_is_shown_and_ended(boss: Client, clara: User) -> None:
    AccessAttempt.objects.create(
        username=clara.email, ip_address="10.0.0.1", failures_since_start=50
    )
    page = boss.get(url(clara)).content.decode()
    assert "Locked" in page
    boss.post(url(clara, "unlock/"))
    assert not AccessAttempt.objects.filter(username=clara.email).exists()


def test_name_and_address(boss: Client, delegate: Client, clara: User) -> None:
    boss.post(url(clara, "profile/"), {"name": "陈新名", "email": "NEW@people.example"})
    assert (fresh(clara).first_name, fresh(clara).email) == ("陈新名", "new@people.example")
    mail.outbox.clear()
    delegate.post(url(clara, "profile/"), {"name": "陈二", "email": "other@people.example"})
    assert (fresh(clara).first_name, fresh(clara).email) == ("陈二", "new@people.example")
    assert [message.to for message in mail.outbox] == [["other@people.example"]]


def test_a_taken_address_is_refused_at_the_form(boss: Client, clara: User, dora: User) -> None:
    page = boss.post(url(clara, "profile/"), {"name": "陈", "email": dora.email})
    assert "can&#x27;t be used" in page.content.decode()
    assert fresh(clara).first_name == "陈克莱"


def test_home_is_moved(boss: Client, delegate: Client, clara: User, gamma: Site) -> None:
    assert delegate.post(url(clara, "home/"), {"site": gamma.id}).status_code == 302
    assert fresh(clara).home_site_id != gamma.id
    boss.post(url(clara, "home/"), {"site": gamma.id})
    assert fresh(clara).home_site_id == gamma.id


def test_platform_admins_are_made_and_unmade(boss: Client, boss_user: User, clara: User) -> None:
    boss.post(url(clara, "promote/"), {"reason": "值班"})
    assert fresh(clara).is_superuser
    assert last("account.edited").reason == "值班"
    boss.post(url(clara, "demote/"), {"reason": "值班结束"})
    assert not fresh(clara).is_superuser


def test_the_last_platform_admin_stays(boss: Client, boss_user: User) -> None:
    User.everyone.exclude(pk=boss_user.pk).update(is_superuser=False)
    page = boss.post(url(boss_user, "demote/"), {"reason": "x"}).content.decode()
    assert "is the last platform admin" in page
    assert fresh(boss_user).is_superuser


def test_invited_to_several_sites(boss: Client, alpha: Site, gamma: Site) -> None:
    mail.outbox.clear()
    form = {
        "email": "Fresh@people.example",
        "name": "新同志",
        "sites": [alpha.id, gamma.id],
        "roles": ["editor"],
    }
    page = boss.post(f"{PEOPLE}invite/", form, follow=True).content.decode()
    rows = Invitation.objects.filter(email="fresh@people.example")
    assert {row.tenant_id for row in rows} == {alpha.id, gamma.id}
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        link = re.search(r"http\S+", str(message.body))
        assert link
        assert link[0] in page


def test_a_delegate_learns_nothing_by_inviting(
    delegate: Client, alpha: Site, dora: User, delta: Site
) -> None:
    pages = []
    for email in (dora.email, "nobody@people.example"):
        form = {"email": email, "name": "某人", "sites": [alpha.id], "roles": ["editor"]}
        page = delegate.post(f"{PEOPLE}invite/", form, follow=True).content.decode()
        assert "http://" not in re.sub(r'(href|src|action)="[^"]*"', "", page).split("<main")[1]
        messages = re.findall(r"an invitation has been sent to \S+", page)
        pages.append([text.replace(email, "X") for text in messages])
    assert pages[0] == pages[1] != []
    assert delegate.get(url(dora)).status_code == 404
    form = {"email": dora.email, "name": "某", "sites": [delta.id], "roles": ["editor"]}
    assert delegate.post(f"{PEOPLE}invite/", form).status_code == 200  # at the field
    assert not Invitation.objects.filter(tenant_id=delta.id).exists()


def test_open_invitations_stand_on_the_page(
    boss: Client, delegate: Client, clara: User, alpha: Site, epsilon: Site
) -> None:
    rows = []
    for site in (alpha, epsilon):
        with tenant_context(site):
            rows.append(invite(clara.email, site, groups_of(["editor"]), name="陈").invitation)
    theirs = url(clara, f"asked/{rows[1].pk}/withdraw/")
    assert "Invitations without an answer" in delegate.get(url(clara)).content.decode()
    assert delegate.post(theirs).status_code == 404
    assert delegate.post(url(clara, f"asked/{rows[0].pk}/resend/")).status_code == 302
    assert delegate.post(url(clara, f"asked/{rows[0].pk}/withdraw/")).status_code == 302
    assert boss.post(theirs).status_code == 302
    assert not Invitation.objects.filter(email=clara.email, closed_at=None).exists()


def test_a_delegate_of_a_lower_branch_is_looked_after(
    delegate: Client, delegate_user: User, clara: User, beta: Site, boss_user: User
) -> None:
    delegation.give(clara, beta, "manager", by=boss_user, reason="镇里自管")
    wanted = {"grounds": "protection", "reason": "离职"}
    assert delegate.post(url(clara, "suspend/"), wanted).status_code == 302
    assert not fresh(clara).is_active
