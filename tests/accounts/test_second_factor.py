"""Enrolment, step two of a sign-in, recovery codes, and who must have a second factor."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from sitecluster.accounts import second_factor
from sitecluster.accounts.credentials import Authenticator, RecoveryCodes
from sitecluster.accounts.models import User
from sitecluster.accounts.second_factor import WrongCode
from sitecluster.audit.models import Entry
from tenants import directory
from tenants.directory import Site
from tenants.life.lifecycle import set_second_factor
from tests.accounts.authenticator import code_of, equip, verify_session

MakeMember = Callable[..., User]
Browse = Callable[..., Client]
CHECK, OWN = "/admin/second-factor/", "/admin/account/second-factor/"


def acts() -> list[str]:
    return list(Entry.objects.order_by("pk").values_list("act", flat=True))


def sign_in(client: Client, email: str, password: str, next_path: str = "/admin/") -> Any:
    return client.post(
        "/admin/login/", {"username": email, "password": password, "next": next_path}
    )


def fresh(user: User) -> User:
    return User.everyone.get(pk=user.pk)


@pytest.fixture
def control(db: None) -> Site:
    return directory.snapshot().by_code["control"]


def test_enrolment_shows_a_picture_and_a_key_and_is_confirmed_by_a_code(
    alpha: Site, member: MakeMember, browse: Browse
) -> None:
    user = member("a@example.cn", alpha, "editor")
    client = browse(alpha, user)
    page = client.get(f"{OWN}?next=/admin/pages/").content.decode()
    assert "<svg" in page
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    secret = re.search(r'id="second-factor-key">([A-Z2-7 ]+)<', page)
    assert secret
    device = Authenticator(user=user, key=client.session[second_factor.SEED])
    assert secret[1].replace(" ", "") == device.secret
    wrong = client.post(OWN, {"code": "000000"})
    assert "isn&#x27;t right" in wrong.content.decode()
    assert not TOTPDevice.objects.exists()
    key_before = client.session.session_key
    done = client.post(OWN, {"code": code_of(device), "next": "/admin/pages/"})
    codes = re.findall(r"<code>(\w{5}-\w{5})</code>", done.content.decode())
    assert len(set(codes)) == 10
    assert 'href="/admin/pages/"' in done.content.decode()
    assert "no-store" in done.headers["cache-control"]
    assert client.session.session_key != key_before
    assert client.get("/admin/").status_code == 200
    assert acts()[-1] == "second_factor.enrolled"
    assert "second_factor_seed" not in client.session


def test_the_database_holds_neither_key_nor_recovery_code(alpha: Site, member: MakeMember) -> None:
    device, codes = equip(member("a@example.cn", alpha))
    stored = TOTPDevice.objects.get()
    assert stored.bin_key != device.bin_key
    tokens = set(StaticToken.objects.values_list("token", flat=True))
    assert len(tokens) == 10
    assert not tokens & {code.replace("-", "") for code in codes}


def test_sign_in_asks_for_the_code_before_anything_else(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse, password: str
) -> None:
    user = member("a@example.cn", alpha, "editor")
    member("a@example.cn", beta, "editor")
    device, _codes = equip(user)
    client = browse(alpha)
    sign_in(client, user.email, password)
    for path in ("/admin/", "/admin/pages/", "/admin/account/", OWN, "/admin/my-sites/"):
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer.headers["location"].startswith(f"{CHECK}?next="), path
    assert browse(beta, jar=client).get("/admin/").headers["location"].startswith(CHECK)
    xhr = client.get("/admin/pages/", headers={"x-requested-with": "XMLHttpRequest"})
    assert xhr.status_code == 403
    before = client.session.session_key
    page = client.get(f"{CHECK}?next=/admin/pages/").content.decode()
    assert 'autocomplete="one-time-code"' in page
    done = client.post(CHECK, {"code": code_of(device), "next": "/admin/pages/"})
    assert done.headers["location"] == "/admin/pages/"
    assert client.session.session_key != before
    assert client.get("/admin/").status_code == 200
    assert browse(beta, jar=client).get("/admin/").status_code == 200


def test_step_two_leads_nowhere_else(
    alpha: Site, member: MakeMember, browse: Browse, password: str
) -> None:
    device, _codes = equip(member("a@example.cn", alpha, "editor"))
    client = browse(alpha)
    sign_in(client, "a@example.cn", password)
    answer = client.post(CHECK, {"code": code_of(device), "next": "https://example.com/"})
    assert answer.headers["location"] == "/admin/"


def test_half_a_session_learns_nothing_of_its_persons_sites(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse, password: str
) -> None:
    equip(member("a@example.cn", alpha, "editor"))
    client = browse(beta)
    sign_in(client, "a@example.cn", password)
    answer = client.get("/admin/login/")
    assert answer.headers["location"].startswith(CHECK)
    assert alpha.name not in client.get(CHECK).content.decode()
    assert client.post("/admin/logout/").status_code == 302
    assert client.get("/admin/login/").status_code == 200


def test_a_code_works_once_and_within_one_step(alpha: Site, member: MakeMember) -> None:
    user = member("a@example.cn", alpha)
    device, _codes = equip(user)

    def works(steps: int) -> bool:
        Authenticator.objects.update(throttling_failure_count=0)
        try:
            second_factor.verify(user, code_of(device, steps))
        except WrongCode:
            return False
        return True

    assert not works(-2)
    assert not works(2)
    assert works(-1)
    assert not works(-1)
    assert works(0)
    assert works(1)
    assert not works(0)


def test_the_code_of_the_enrolment_is_used_up(alpha: Site, member: MakeMember) -> None:
    user = member("a@example.cn", alpha)
    device = second_factor.draft(user, {})  # type: ignore[arg-type]
    code = code_of(device)
    second_factor.enrol(user, device, code)
    with pytest.raises(WrongCode):
        second_factor.verify(user, code)


def test_codes_may_be_typed_wide_and_with_spaces(alpha: Site, member: MakeMember) -> None:
    user = member("a@example.cn", alpha)
    device, codes = equip(user)
    wide = code_of(device).translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    second_factor.verify(user, f" {wide[:3]} {wide[3:]} ")
    second_factor.verify(user, codes[0].upper().replace("-", " "))


def test_wrong_codes_must_wait(alpha: Site, member: MakeMember) -> None:
    user = member("a@example.cn", alpha)
    device, _codes = equip(user)
    with pytest.raises(WrongCode, match="used"):
        second_factor.verify(user, "000000")
    with pytest.raises(WrongCode, match="Too soon"):
        second_factor.verify(user, code_of(device))
    time.sleep(1.1)
    second_factor.verify(user, code_of(device))


def test_a_recovery_code_works_once(
    alpha: Site, member: MakeMember, browse: Browse, password: str
) -> None:
    user = member("a@example.cn", alpha, "editor")
    _device, codes = equip(user)
    client = browse(alpha)
    sign_in(client, user.email, password)
    page = client.get(f"{CHECK}?recovery=1").content.decode()
    assert 'inputmode="text"' in page
    assert client.post(f"{CHECK}?recovery=1", {"code": codes[3]}).status_code == 302
    assert client.get("/admin/").status_code == 200
    entry = Entry.objects.get(act="recovery.used")
    assert (entry.subject, entry.after) == (user.email, {"left": 9})
    with pytest.raises(WrongCode):
        second_factor.verify(user, codes[3])
    assert second_factor.left(user) == 9


def test_new_recovery_codes_and_removal_need_a_code(
    alpha: Site, member: MakeMember, browse: Browse, password: str
) -> None:
    user = member("a@example.cn", alpha, "editor")
    device, codes = equip(user)
    client = browse(alpha)
    sign_in(client, user.email, password)
    client.post(CHECK, {"code": code_of(device, -1)})
    for act in ("renew", "remove"):
        refused = client.post(OWN, {"code": "000000", act: ""})
        assert "isn&#x27;t right" in refused.content.decode()
        Authenticator.objects.update(throttling_failure_count=0)
    assert second_factor.is_enrolled(fresh(user))
    renewed = client.post(OWN, {"code": code_of(device, 0), "renew": ""}).content.decode()
    new = re.findall(r"<code>(\w{5}-\w{5})</code>", renewed)
    with pytest.raises(WrongCode):
        second_factor.verify(user, codes[0])
    RecoveryCodes.objects.update(throttling_failure_count=0)
    assert client.post(OWN, {"code": new[0], "remove": ""}).status_code == 302
    assert not second_factor.is_enrolled(fresh(user))
    assert not TOTPDevice.objects.exists()
    assert not StaticToken.objects.exists()
    assert acts()[-3:] == ["recovery.renewed", "recovery.used", "second_factor.removed"]
    assert client.get("/admin/").status_code == 200


def test_enrolment_makes_other_sessions_give_the_second_factor(
    alpha: Site, member: MakeMember, browse: Browse
) -> None:
    user = member("a@example.cn", alpha, "editor")
    other = browse(alpha, user)
    assert other.get("/admin/").status_code == 200
    equip(user)
    assert other.get("/admin/").headers["location"].startswith(CHECK)


def test_a_site_can_require_it(alpha: Site, beta: Site, member: MakeMember, browse: Browse) -> None:
    user = member("a@example.cn", alpha, "editor")
    member("a@example.cn", beta, "editor")
    set_second_factor("beta", required=True)
    directory.forget()
    client = browse(alpha, user)
    assert client.get("/admin/").status_code == 200
    there = browse(beta, jar=client)
    for method, path in (("get", "/admin/"), ("get", "/admin/pages/"), ("post", "/admin/pages/")):
        answer = getattr(there, method)(path)
        assert answer.headers["location"].startswith(f"{OWN}?next=")
    assert there.get("/admin/account/").headers["location"].startswith(OWN)
    there.get(OWN)
    device = Authenticator(user=user, key=there.session[second_factor.SEED])
    there.post(OWN, {"code": code_of(device)})
    assert there.get("/admin/").status_code == 200
    set_second_factor("beta", required=False)


def test_the_cluster_can_require_it(
    alpha: Site, member: MakeMember, browse: Browse, settings: Any
) -> None:
    client = browse(alpha, member("a@example.cn", alpha, "editor"))
    assert client.get("/admin/").status_code == 200
    settings.REQUIRE_SECOND_FACTOR = True
    assert client.get("/admin/").headers["location"].startswith(OWN)


def test_the_control_site_always_requires_it(
    alpha: Site, control: Site, member: MakeMember, browse: Browse, settings: Any
) -> None:
    root = member("root@example.cn", alpha, "site_admin", is_superuser=True)
    client = browse(alpha, root)
    assert client.get("/admin/").status_code == 200
    there = browse(control, jar=client)
    assert there.get("/admin/").headers["location"].startswith(OWN)
    assert there.post("/admin/users/new/", {}).headers["location"].startswith(OWN)
    settings.TRIAL_WITHOUT_SECOND_FACTOR = True
    assert there.get("/admin/").status_code == 200
    settings.TRIAL_WITHOUT_SECOND_FACTOR = False
    equip(root)
    assert there.get("/admin/").headers["location"].startswith(CHECK)


def test_the_control_site_takes_no_tokens(alpha: Site, control: Site, browse: Browse) -> None:
    headers = {"authorization": "Bearer something"}
    assert browse(control).get("/api/v3/pages/", headers=headers).status_code == 403
    assert browse(alpha).get("/api/v3/pages/", headers=headers).status_code != 403


def test_a_second_enrolment_is_refused(alpha: Site, member: MakeMember) -> None:
    user = member("a@example.cn", alpha)
    equip(user)
    device = second_factor.draft(user, {})  # type: ignore[arg-type]
    with pytest.raises(WrongCode, match="already"):
        second_factor.enrol(user, device, code_of(device))
    assert TOTPDevice.objects.count() == 1


def test_the_second_factor_costs_no_statement(
    alpha: Site, member: MakeMember, browse: Browse
) -> None:
    user = member("a@example.cn", alpha, "editor")
    client = browse(alpha, user)
    client.get("/admin/my-sites/")
    with CaptureQueriesContext(connection) as plain:
        client.get("/admin/my-sites/")
    equip(user)
    verify_session(client, user)
    with CaptureQueriesContext(connection) as verified:
        client.get("/admin/my-sites/")
    assert len(verified) == len(plain)
    assert not [query for query in verified if "otp_" in query["sql"] or "axes_" in query["sql"]]
