"""Too many failures: who is locked out, from where, for how long, and who isn't."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from sitecluster.accounts import lockout
from sitecluster.accounts.credentials import Authenticator
from sitecluster.accounts.membership import one_time_link
from sitecluster.accounts.models import User
from sitecluster.audit.models import Entry
from sitecluster.tenancy import tenant_context
from tenants.directory import Site
from tests.accounts.authenticator import code_of, equip

MakeMember = Callable[..., User]
Browse = Callable[..., Client]
CHECK = "/admin/second-factor/"
LOCKED = 429
HERE, THERE = "10.0.0.1", "10.0.0.2"


def attempt(client: Client, email: str, password: str = "wrong", address: str = HERE) -> int:
    form = {"username": email, "password": password}
    status: int = client.post("/admin/login/", form, REMOTE_ADDR=address).status_code
    return status


def fail(client: Client, email: str, times: int, address: str = HERE) -> list[int]:
    return [attempt(client, email, address=address) for _time in range(times)]


def test_five_failures_lock_account_and_address_on_every_site(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse, password: str
) -> None:
    member("a@example.cn", alpha, "editor")
    assert fail(browse(alpha), "a@example.cn", 2) == [200, 200]
    assert fail(browse(beta), "A@Example.cn ", 3) == [200, 200, LOCKED]
    assert attempt(browse(alpha), "a@example.cn", password) == LOCKED
    assert attempt(browse(alpha), "a@example.cn", password, THERE) == 302


def test_known_and_unknown_addresses_are_told_the_same(
    alpha: Site, member: MakeMember, browse: Browse
) -> None:
    member("known@example.cn", alpha, "editor")
    pages = []
    for email in ("known@example.cn", "nobody@example.cn"):
        client = browse(alpha)
        statuses = fail(client, email, 6)
        assert statuses == [200, 200, 200, 200, LOCKED, LOCKED]
        page = client.post(
            "/admin/login/", {"username": email, "password": "wrong"}, REMOTE_ADDR=HERE
        )
        assert page.headers["retry-after"] == "900"
        pages.append(re.sub(r'_TOKEN": "\w+"', "", page.content.decode()))
    assert pages[0] == pages[1]
    assert "Try again in 15 minutes" in pages[0]


def test_the_page_speaks_the_language_that_is_asked(alpha: Site, browse: Browse) -> None:
    client = browse(alpha)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    fail(client, "a@example.cn", 5)
    page = client.post(
        "/admin/login/", {"username": "a@example.cn", "password": "x"}, REMOTE_ADDR=HERE
    )
    assert page.headers["content-language"] == "zh-hans"


def test_a_lock_ends_by_itself_and_attempts_dont_prolong_it(
    alpha: Site, member: MakeMember, browse: Browse, password: str
) -> None:
    member("a@example.cn", alpha, "editor")
    fail(browse(alpha), "a@example.cn", 5)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    assert attempt(browse(alpha), "a@example.cn", password) == LOCKED
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert attempt(browse(alpha), "a@example.cn", password) == 302


def test_guessing_from_many_addresses_locks_the_account_but_not_its_own_browser(
    alpha: Site, member: MakeMember, browse: Browse, password: str, settings: Any
) -> None:
    settings.LOCKOUT_LIMITS = (5, 8, 100)
    member("a@example.cn", alpha, "editor")
    own, guesser = browse(alpha), browse(alpha)
    assert attempt(own, "a@example.cn", password) == 302
    own.post("/admin/logout/")
    for number in range(8):
        attempt(guesser, "a@example.cn", address=f"10.1.0.{number}")
    assert attempt(guesser, "a@example.cn", password, "10.2.0.1") == LOCKED
    assert attempt(browse(alpha), "a@example.cn", password, THERE) == LOCKED
    assert attempt(own, "a@example.cn", password, THERE) == 302
    own.post("/admin/logout/")
    assert fail(own, "a@example.cn", 5, THERE)[-1] == LOCKED  # the browser isn't free to guess


def test_one_address_cant_try_every_account(
    alpha: Site, member: MakeMember, browse: Browse, password: str, settings: Any
) -> None:
    settings.LOCKOUT_LIMITS = (5, 50, 6)
    member("a@example.cn", alpha, "editor")
    for number in range(6):
        attempt(browse(alpha), f"b{number}@example.cn")
    assert attempt(browse(alpha), "a@example.cn", password) == LOCKED
    assert attempt(browse(alpha), "a@example.cn", password, THERE) == 302


def test_a_browsers_mark_is_worth_nothing_for_another_account(
    alpha: Site, member: MakeMember, browse: Browse, password: str, settings: Any
) -> None:
    settings.LOCKOUT_LIMITS = (5, 3, 100)
    member("a@example.cn", alpha, "editor")
    member("b@example.cn", alpha, "editor")
    client = browse(alpha)
    attempt(client, "a@example.cn", password)
    mark = client.cookies[lockout.COOKIE]
    assert mark["httponly"]
    assert mark["domain"] == "admin.localhost"
    assert "example" not in mark.value
    client.post("/admin/logout/")
    fail(browse(alpha), "b@example.cn", 3, THERE)
    assert attempt(client, "b@example.cn", password) == LOCKED
    client.cookies[lockout.COOKIE] = "forged:signature"
    fail(browse(alpha), "a@example.cn", 3, THERE)
    assert attempt(client, "a@example.cn", password) == LOCKED


def test_success_forgets_failures_of_this_address_alone(
    alpha: Site, member: MakeMember, browse: Browse, password: str
) -> None:
    member("a@example.cn", alpha, "editor")
    fail(browse(alpha), "a@example.cn", 4, THERE)
    fail(browse(alpha), "a@example.cn", 4)
    assert attempt(browse(alpha), "a@example.cn", password) == 302
    assert fail(browse(alpha), "a@example.cn", 2) == [200, 200]
    assert fail(browse(alpha), "a@example.cn", 1, THERE) == [LOCKED]


def test_wrong_codes_count_and_a_right_password_doesnt_start_anew(
    alpha: Site, member: MakeMember, browse: Browse, password: str
) -> None:
    device, _codes = equip(member("a@example.cn", alpha, "editor"))
    client = browse(alpha)
    fail(client, "a@example.cn", 2)
    statuses = []
    for _time in range(3):
        assert attempt(client, "a@example.cn", password) == 302
        Authenticator.objects.update(throttling_failure_count=0)
        statuses.append(client.post(CHECK, {"code": "000000"}, REMOTE_ADDR=HERE).status_code)
    assert statuses == [200, 200, LOCKED]
    assert client.get(CHECK).headers["location"].startswith("/admin/login/")  # the session is gone
    assert attempt(client, "a@example.cn", password) == LOCKED
    assert lockout.COOKIE not in client.cookies
    posted = AccessAttempt.objects.values_list("post_data", flat=True)
    assert not [data for data in posted if "000000" in data or "wrong" in data]
    assert code_of(device)


def test_half_a_session_cant_try_codes_during_a_lock(
    alpha: Site, member: MakeMember, browse: Browse, password: str
) -> None:
    device, _codes = equip(member("a@example.cn", alpha, "editor"))
    client = browse(alpha)
    attempt(client, "a@example.cn", password)
    fail(browse(alpha), "a@example.cn", 5)
    assert client.post(CHECK, {"code": code_of(device)}, REMOTE_ADDR=HERE).status_code == LOCKED
    assert not client.session.get("second_factor")


def test_a_lock_is_recorded_once(alpha: Site, member: MakeMember, browse: Browse) -> None:
    member("a@example.cn", alpha, "editor")
    fail(browse(alpha), "a@example.cn", 8)
    entry = Entry.objects.get(act="account.locked")
    assert (entry.subject, entry.site_id, entry.actor_id) == ("a@example.cn", alpha.id, None)
    assert (entry.address, entry.after) == (HERE, {"failures": 5})


@pytest.mark.parametrize(
    ("proxies", "header", "same"),
    [
        (0, "1.2.3.{}", True),  # nobody stands in front: the header is the client's own word
        (1, "1.2.3.{}", False),
        (1, "1.2.3.{}, 9.9.9.9", True),  # what the client put before the proxy's entry
        (2, "1.2.3.{}, 9.9.9.9", False),
        (1, "nonsense {}", True),
    ],
)
def test_the_header_of_a_proxy_is_believed_as_far_as_it_is_trusted(
    alpha: Site,
    member: MakeMember,
    browse: Browse,
    settings: Any,
    proxies: int,
    header: str,
    same: bool,
) -> None:
    settings.TRUSTED_PROXIES = proxies
    client = browse(alpha)
    for number in range(3):
        client.post(
            "/admin/login/",
            {"username": "a@example.cn", "password": "x"},
            headers={"x-forwarded-for": header.format(number)},
            REMOTE_ADDR=HERE,
        )
    addresses = set(AccessAttempt.objects.values_list("ip_address", flat=True))
    assert (len(addresses) == 1) is same


@pytest.mark.parametrize(
    ("addresses", "same"),
    [
        (("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"), True),  # one customer's network
        (("2001:db8:1:2::1", "2001:db8:1:3::1"), False),
        (("::ffff:10.0.0.1", "10.0.0.1"), True),
        (("10.0.0.1", "10.0.0.2"), False),
        (("", "unix:"), True),
    ],
)
def test_a_network_is_counted_as_one_client(
    alpha: Site, browse: Browse, addresses: tuple[str, str], same: bool
) -> None:
    for address in addresses:
        attempt(browse(alpha), "a@example.cn", address=address)
    kept = AccessAttempt.objects.values_list("ip_address", flat=True)
    assert (len(set(kept)) == 1) is same


def test_a_one_time_link_unlocks(
    alpha: Site, member: MakeMember, browse: Browse, password: str
) -> None:
    user = member("a@example.cn", alpha, "editor")
    client = browse(alpha)
    fail(client, "a@example.cn", 5)
    link = one_time_link(user, alpha).replace(alpha.admin_url, "/admin/")
    address = client.get(link, follow=True).redirect_chain[-1][0]
    new = f"{password}-neu"
    assert client.post(address, {"new_password1": new, "new_password2": new}).status_code == 302
    assert Entry.objects.get(act="account.unlocked").actor_id == user.pk
    assert attempt(client, "a@example.cn", new) == 302
    assert lockout.COOKIE in client.cookies


def test_unlocking_says_whether_there_was_something(
    alpha: Site, member: MakeMember, browse: Browse
) -> None:
    user = member("a@example.cn", alpha, "editor")
    with tenant_context(alpha):
        assert not lockout.unlock(user)
        fail(browse(alpha), "a@example.cn", 5)
        assert lockout.unlock(user)
    assert not AccessAttempt.objects.exists()


def test_public_hosts_are_untouched(alpha: Site, browse: Browse) -> None:
    fail(browse(alpha), "a@example.cn", 6)
    home = browse(alpha).get("/", headers={"host": "www.alpha.localhost"}, REMOTE_ADDR=HERE)
    assert home.status_code == 200
    assert lockout.COOKIE not in home.cookies


def test_axes_has_no_screens_of_its_own() -> None:
    for urlconf in ("sitecluster.project.urls_admin", "sitecluster.project.urls_public"):
        patterns = str(list(get_resolver(urlconf).reverse_dict))
        assert "axes" not in patterns


@pytest.mark.parametrize("name", ["\0", "a" * 300, "", "' OR 1=1 --", "甲@例子.cn"])
def test_odd_names_are_refused_without_an_error(alpha: Site, browse: Browse, name: str) -> None:
    assert {attempt(browse(alpha), name) for _time in range(7)} <= {200, LOCKED}
