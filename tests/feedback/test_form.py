"""What citizens meet: the form without cookie and script, its faults, its receipt."""

import re
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from sitecluster.feedback import limits, receipts
from sitecluster.feedback.models import Message, due_after
from sitecluster.tenancy import tenant_context
from tenants.directory import Site, forget
from tenants.models import State, Tenant
from tests.conftest import client_for

from .conftest import HOST, Citizen

Messages = Callable[[], list[Message]]


def test_the_form_is_kept_by_nobody_and_sets_no_cookie(citizen: Citizen) -> None:
    answers = [
        citizen.get(),
        citizen.send(text=""),
        citizen.send(),
        citizen.get("/feedback/status/"),
    ]
    answers.append(citizen.get(answers[2].headers["Location"]))
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert not answer.cookies
        assert "Cookie" not in answer.headers.get("Vary", "")


def test_a_message_is_taken_and_answered_with_its_receipt(
    citizen: Citizen, messages: Messages
) -> None:
    answer = citizen.send(contact="0912-0000001")
    assert answer.status_code == 303
    (message,) = messages()
    assert (message.kind, message.place, message.contact) == ("typo", "/ywdt/", "0912-0000001")
    assert (message.state, message.language) == ("received", "zh-hans")
    assert message.number not in answer.headers["Location"]
    page = citizen.get(answer.headers["Location"]).content.decode()
    assert message.number in page
    assert f"{message.due_on:%Y-%m-%d}" in page
    assert re.fullmatch(r"\d{8}-[2-9A-Z]{4}-[2-9A-Z]{4}", message.number)


def test_the_address_names_the_page_that_is_meant(citizen: Citizen) -> None:
    page = citizen.get("/feedback/?page=/ywdt/20261122-0001/&kind=suggestion").content.decode()
    assert 'value="http://www.alpha.localhost:8000/ywdt/20261122-0001/"' in page
    assert re.search(r'value="suggestion"[^>]* checked', page)


@pytest.mark.parametrize(
    "query",
    [
        "page=//evil.example/",
        "page=javascript:1",
        "page=%00",
        "page=/" + "a" * 600,
        "kind=x",
        "page=/\\x",
    ],
)
def test_what_an_address_says_wrongly_is_left_out(citizen: Citizen, query: str) -> None:
    answer = citizen.get(f"/feedback/?{query}")
    assert answer.status_code == 200
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    assert "evil" not in main
    assert 'name="place" value=' not in main
    assert "checked" not in main


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"kind": None}, 422, "Choose what it is about."),
        ({"kind": "nonsense"}, 422, "Choose what it is about."),
        ({"text": ""}, 422, "Write what we should know."),
        ({"text": "a\0b c d e"}, 422, "Null characters are not allowed."),
        ({"text": "字" * 2001}, 422, "Write at most 2000 characters."),
        ({"contact": "1" * 101}, 422, "Write at most 100 characters."),
        ({"website": "http://spam.example"}, 422, "This field must stay empty."),
        ({"token": ""}, 422, "The form has stood open for too long."),
        ({"token": "1-abc:def:ghi"}, 422, "The form has stood open for too long."),
    ],
)
def test_faults_are_said_and_nothing_is_kept(
    citizen: Citizen, messages: Messages, changes: dict[str, Any], status: int, words: str
) -> None:
    token = citizen.token()
    values = {
        "token": token,
        "website": "",
        "kind": "typo",
        "text": "内容有误，请看。",
        "place": "首页",
    }
    values = {k: v for k, v in (values | changes).items() if v is not None}
    answer = citizen.post(values, "/en/feedback/")
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert messages() == []
    assert 'value="首页"' in answer.content.decode()  # what was written stays


def test_a_fault_stands_at_its_field_for_those_who_listen(citizen: Citizen) -> None:
    page = citizen.send(text="").content.decode()
    assert re.search(r'<textarea[^>]*aria-invalid="true"', page)
    assert re.search(r'<textarea[^>]*aria-describedby="[^"]*feedback-text_error', page)
    assert 'id="feedback-text_error"' in page
    assert 'href="#feedback-text"' in page
    assert 'role="alert"' in page


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"referer": "http://evil.example/www.alpha.localhost"},
        {"origin": "http://[", "referer": f"http://{HOST}/"},
        {"origin": "http://gamma.alpha.localhost"},
    ],
)
def test_other_sites_send_nothing(
    citizen: Citizen, messages: Messages, headers: dict[str, str]
) -> None:
    citizen.headers = headers
    assert citizen.send().status_code == 403
    assert citizen.send("/feedback/status/", number="1").status_code == 403
    assert messages() == []


@pytest.mark.parametrize(
    "headers", [{"referer": f"http://{HOST}/feedback/"}, {"origin": f"https://{HOST}:8443"}]
)
def test_the_own_host_is_known_whatever_the_port(
    citizen: Citizen, messages: Messages, headers: dict[str, str]
) -> None:
    citizen.headers = headers
    assert citizen.send().status_code == 303
    assert len(messages()) == 1


def test_a_token_is_for_its_site_and_for_half_a_day(
    citizen: Citizen, beta: Site, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = Citizen(client_for(HOST), "/zz/beta").token()
    assert citizen.send(token=others).status_code == 422
    old = citizen.token()
    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 12 * 3600 + 5)
    assert citizen.send(token=old).status_code == 422
    assert messages() == []


def test_a_form_sent_twice_is_one_message(citizen: Citizen, messages: Messages) -> None:
    token = citizen.token()
    assert citizen.send(token=token).status_code == citizen.send(token=token).status_code == 303
    assert len(messages()) == 1
    assert citizen.send(token=token, text="另一处也错了。").status_code == 303
    assert len(messages()) == 2


def test_a_place_sends_so_many_an_hour_and_a_day(
    citizen: Citizen, alpha: Site, messages: Messages
) -> None:
    for number in range(limits.AN_HOUR):
        assert citizen.send(text=f"第 {number} 处有误。").status_code == 303
    refused = citizen.send(text="又一处有误。")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert "又一处有误。" in refused.content.decode()
    citizen.client.defaults["REMOTE_ADDR"] = "10.0.0.9"
    assert citizen.send(text="别处来的。").status_code == 303
    del citizen.client.defaults["REMOTE_ADDR"]
    with tenant_context(alpha):
        for message in Message.objects.all():
            message.sent_at -= timedelta(hours=1, seconds=5)
            message.save()
    assert citizen.send(text="一小时以后。").status_code == 303
    assert "10.0.0.9" not in str([vars(message) for message in messages()])


def test_messages_stay_on_their_site(citizen: Citizen, beta: Site, messages: Messages) -> None:
    town = Citizen(client_for(HOST), "/zz/beta")
    answer = town.send()
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/zz/beta/feedback/received/")
    assert messages() == []
    with tenant_context(beta):
        number = Message.objects.get().number
    assert town.send("/feedback/status/", number=number).status_code == 200
    assert citizen.send("/feedback/status/", number=number).status_code == 422


def test_a_receipt_tells_state_and_answer_alone(
    citizen: Citizen, alpha: Site, messages: Messages
) -> None:
    citizen.send(contact="secret@citizen.example")
    (message,) = messages()
    with tenant_context(alpha):
        Message.objects.update(state="answered", answer="已改正。\n谢谢。", note="内部说明")
    typed = message.number.replace("-", " ").lower()
    page = citizen.send("/feedback/status/", number=typed)
    text = page.content.decode()
    assert page.status_code == 200
    assert "已改正。" in text
    assert "内部说明" not in text
    assert "secret@" not in text
    assert message.text not in text


@pytest.mark.parametrize("number", ["", "20261122-AAAA-AAAA", "x" * 500, "\0"])
def test_unknown_receipts_are_said_to_be(citizen: Citizen, number: str) -> None:
    assert citizen.send("/feedback/status/", number=number).status_code == 422


def test_old_and_made_up_tickets_lead_to_the_question(citizen: Citizen) -> None:
    for ticket in ("", "1:x:y", receipts.ticket(999_999)):
        answer = citizen.get(f"/feedback/received/?r={ticket}")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/feedback/status/")


def test_only_text_is_taken(citizen: Citizen, messages: Messages) -> None:
    kwargs = {"content_type": "application/json"}
    assert citizen.post({"kind": "typo"}, **kwargs).status_code == 415
    assert citizen.client.put("/feedback/").status_code == 405
    assert messages() == []


def test_a_frozen_site_takes_nothing(citizen: Citizen, messages: Messages) -> None:
    token = citizen.token()
    Tenant.objects.filter(code="alpha").update(state=State.READONLY)
    forget()
    page = citizen.get("/en/feedback/")
    assert "This site takes no messages any more." in page.content.decode()
    assert "<textarea" not in page.content.decode()
    values = {"token": token, "website": "", "kind": "typo", "text": "内容有误。"}
    assert citizen.post(values).status_code == 403
    assert messages() == []


def test_nothing_of_a_message_is_logged(citizen: Citizen, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        citizen.send(text="我叫张三，身份证号在此。", contact="13800000000")
        citizen.send(kind=None, contact="13800000000")
        citizen.headers = {}
        citizen.send(contact="13800000000")
    logged = " ".join(
        record.getMessage() for record in caplog.records if record.name != "django.db.backends"
    )
    for private in ("张三", "13800000000", "127.0.0.1"):
        assert private not in logged


@pytest.mark.parametrize(
    ("day", "due"),
    [("2026-11-20", "2026-11-25"), ("2026-11-21", "2026-11-25"), ("2026-11-23", "2026-11-26")],
)
def test_three_working_days(day: str, due: str) -> None:
    assert due_after(date.fromisoformat(day)) == date.fromisoformat(due)
