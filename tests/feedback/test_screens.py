"""Who reads what citizens wrote, what they make of it, and what is forgotten."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sitecluster.audit.models import Entry
from sitecluster.cms.slugs import today
from sitecluster.feedback.models import FeedbackSettings, Message
from sitecluster.feedback.retention import forget
from sitecluster.tenancy import tenant_context
from tenants.directory import Site

from .conftest import Citizen

SignIn = Callable[..., Client]
LIST = "/admin/feedback/messages/"


@pytest.fixture
def message(citizen: Citizen, alpha: Site) -> Message:
    """One that a citizen has sent to the portal."""
    citizen.send(contact="0912-0000001")
    with tenant_context(alpha):
        return Message.objects.get()


def edit(message: Message) -> str:
    return f"{LIST}edit/{message.pk}/"


@pytest.mark.parametrize("role", ["site_admin", "reviewer"])
def test_admins_and_reviewers_answer(
    alpha: Site, sign_in: SignIn, message: Message, citizen: Citizen, role: str
) -> None:
    desk = sign_in(role)
    assert "1 message of a citizen waits" in desk.get("/admin/").content.decode()
    assert message.number in desk.get(f"{LIST}?state=received").content.decode()
    assert message.number not in desk.get(f"{LIST}?state=answered").content.decode()
    assert message.number in desk.get(f"{LIST}?q=己经").content.decode()
    page = desk.get(edit(message)).content.decode()
    assert "第三段“己经”应为“已经”。" in page
    assert "0912-0000001" in page
    assert 'name="text"' not in page
    values = {"state": "answered", "answer": "已改正，谢谢。", "note": "值班"}
    assert desk.post(edit(message), {**values, "text": "x", "contact": "y"}).status_code == 302
    with tenant_context(alpha):
        kept = Message.objects.get()
    assert (kept.text, kept.contact, kept.state) == (message.text, message.contact, "answered")
    assert kept.closed_at
    answer = citizen.send("/feedback/status/", number=message.number).content.decode()
    assert "已改正，谢谢。" in answer
    entry = Entry.objects.filter(act="feedback.handled").latest("pk")
    assert entry.after
    assert (entry.subject, entry.after["state"]) == (message.number, "answered")
    assert "0912" not in str(vars(entry)) + str(entry.before)
    assert "waits for an answer" not in desk.get("/admin/").content.decode()


@pytest.mark.parametrize("role", ["editor", "column_maintainer"])
def test_nobody_else_reads_them(sign_in: SignIn, message: Message, role: str) -> None:
    desk = sign_in(role)
    assert "feedback/messages" not in desk.get("/admin/").content.decode()
    for path in (
        LIST,
        edit(message),
        f"{LIST}delete/{message.pk}/",
        f"{LIST}history/{message.pk}/",
    ):
        assert desk.get(path).status_code in (302, 403)
        assert message.text not in desk.get(path, follow=True).content.decode()
    desk.post(edit(message), {"state": "dismissed", "answer": "", "note": ""})
    desk.post(f"{LIST}delete/{message.pk}/")
    assert Entry.objects.filter(act__startswith="feedback").count() == 0


def test_site_admins_delete_and_reviewers_do_not(
    alpha: Site, sign_in: SignIn, message: Message
) -> None:
    path = f"{LIST}delete/{message.pk}/"
    assert sign_in("reviewer").post(path).status_code in (302, 403)
    with tenant_context(alpha):
        assert Message.objects.exists()
    assert sign_in("site_admin").post(path).status_code == 302
    with tenant_context(alpha):
        assert not Message.objects.exists()
    assert Entry.objects.get(act="feedback.deleted").subject == message.number


def test_other_sites_see_nothing(beta: Site, sign_in: SignIn, message: Message) -> None:
    desk = sign_in("site_admin", beta)
    assert message.number not in desk.get(LIST).content.decode()
    assert desk.get(edit(message)).status_code == 404


def test_an_answered_message_has_an_answer(alpha: Site, sign_in: SignIn, message: Message) -> None:
    desk = sign_in("reviewer")
    page = desk.post(edit(message), {"state": "answered", "answer": " ", "note": ""})
    assert "Write the answer that the citizen is to read." in page.content.decode()
    page = desk.post(edit(message), {"state": "nonsense", "answer": "", "note": ""})
    assert "Select a valid choice." in page.content.decode()
    with tenant_context(alpha):
        assert Message.objects.get().state == "received"


def test_nobody_adds_one_in_the_admin(sign_in: SignIn, message: Message) -> None:
    desk = sign_in("site_admin")
    assert desk.get(f"{LIST}new/").status_code == 404
    assert desk.get(f"{LIST}add/").status_code == 404
    assert "/new/" not in desk.get(LIST).content.decode().partition("<main")[2]


def test_what_is_late_is_said(alpha: Site, sign_in: SignIn, message: Message) -> None:
    with tenant_context(alpha):
        Message.objects.update(due_on=today() - timedelta(days=1))
    desk = sign_in("reviewer")
    assert "1 is late." in desk.get("/admin/").content.decode()
    assert "(late)" in desk.get(LIST).content.decode()


def test_reopening_counts_anew(alpha: Site, sign_in: SignIn, message: Message) -> None:
    desk = sign_in("reviewer")
    for state, closed in (("dismissed", True), ("in_hand", False)):
        desk.post(edit(message), {"state": state, "answer": "", "note": ""})
        with tenant_context(alpha):
            assert bool(Message.objects.get().closed_at) is closed


def test_what_is_old_is_forgotten(alpha: Site, message: Message) -> None:
    now = timezone.now()
    with tenant_context(alpha):
        forget.func()
        kept = Message.objects.get()
        assert kept.sender
        assert kept.contact
        Message.objects.update(
            state="answered", sent_at=now - timedelta(days=100), closed_at=now - timedelta(days=91)
        )
        forget.func()
        kept = Message.objects.get()
        assert (kept.sender, kept.contact) == ("", "")
        assert kept.text
        Message.objects.update(closed_at=now - timedelta(days=731))
        forget.func()
        assert not Message.objects.exists()


def test_what_is_open_is_kept(alpha: Site, message: Message) -> None:
    with tenant_context(alpha):
        Message.objects.update(sent_at=timezone.now() - timedelta(days=4000))
        forget.func()
        assert Message.objects.get().contact


def test_site_admins_set_how_long(alpha: Site, sign_in: SignIn, citizen: Citizen) -> None:
    path = "/admin/settings/feedback/feedbacksettings/"
    desk = sign_in("site_admin")
    where = desk.get(path, follow=True).redirect_chain[-1][0]
    assert desk.post(where, {"contact_days": 0, "message_days": 365}).status_code == 200
    assert desk.post(where, {"contact_days": 7, "message_days": 365}).status_code == 302
    with tenant_context(alpha):
        assert FeedbackSettings.objects.get().contact_days == 7
    entry = Entry.objects.get(act="feedback.settings_changed")
    assert entry.after == {"contact_days": 7, "message_days": 365}
    assert "deleted 7 days after" in citizen.get("/en/feedback/").content.decode()
    assert sign_in("reviewer").get(path).status_code in (302, 403)
