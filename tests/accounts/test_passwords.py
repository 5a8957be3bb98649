"""Rules for passwords, their history, and how long one holds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from sitecluster.accounts import passwords
from sitecluster.accounts.credentials import PasswordRecord
from sitecluster.accounts.membership import MembershipError, add_member, one_time_link
from sitecluster.accounts.models import User
from sitecluster.audit.models import Entry
from tenants.directory import Site

MakeMember = Callable[..., User]
Browse = Callable[..., Client]
RENEW = "/admin/account/new-password/"
NEW = "Yellow-River-7"


def age(user: User, days: int) -> None:
    moment = timezone.now() - timedelta(days=days)
    User.everyone.filter(pk=user.pk).update(password_changed_at=moment)


def set_password(user: User, password: str) -> None:
    validate_password(password, user)
    user.set_password(password)
    user.save()


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("Kurz-7", "too short"),
        ("password12345", "contain at least 3"),
        ("2026112209999", "numeric"),
        ("Password123", "too common"),
        ("Li.Na-2026x", "similar"),
        ("Alllettersonly", "contain at least 3"),
        ("", "too short"),
    ],
)
def test_weak_passwords_are_refused(
    alpha: Site, member: MakeMember, password: str, problem: str
) -> None:
    user = member("li.na2026x@example.cn", alpha)
    with pytest.raises(ValidationError) as error:
        validate_password(password, user)
    assert problem in " ".join(error.value.messages)


@pytest.mark.parametrize("password", [NEW, "黄河之水Tian-7来自天上", "correct HORSE 7 battery"])
def test_good_passwords_are_taken(alpha: Site, member: MakeMember, password: str) -> None:
    validate_password(password, member("a@example.cn", alpha))


def test_the_number_of_kinds_is_a_setting(alpha: Site, settings: Any) -> None:
    settings.PASSWORD_MIN_CLASSES = 1
    validate_password("onlysmallletters")
    settings.PASSWORD_MIN_CLASSES = 4
    with pytest.raises(ValidationError):
        validate_password("Threekinds7")


def test_the_last_passwords_cant_be_used_again(
    alpha: Site, member: MakeMember, settings: Any, password: str
) -> None:
    settings.PASSWORD_HISTORY = 3
    user = member("a@example.cn", alpha)
    names = [password, f"{NEW}-1", f"{NEW}-2"]
    for name in names[1:]:
        set_password(user, name)
    for name in names:
        with pytest.raises(ValidationError, match="last 3"):
            validate_password(name, user)
    set_password(user, f"{NEW}-3")
    validate_password(password, user)
    assert user.password_records.count() == 3
    settings.PASSWORD_HISTORY = 0
    validate_password(names[2], user)


def test_an_account_from_before_the_history_cant_keep_its_password(
    alpha: Site, member: MakeMember, password: str
) -> None:
    user = member("a@example.cn", alpha)
    PasswordRecord.objects.all().delete()
    with pytest.raises(ValidationError):
        validate_password(password, user)


def test_history_holds_hashes_and_the_trail_says_who_changed_it(
    alpha: Site, member: MakeMember, browse: Browse, password: str
) -> None:
    user = member("a@example.cn", alpha, "editor")
    Entry.objects.all()
    client = browse(alpha, user)
    form = {"old_password": password, "new_password1": NEW, "new_password2": NEW}
    assert client.post(RENEW, form).status_code == 302
    assert client.get("/admin/").status_code == 200
    stored = list(PasswordRecord.objects.values_list("password", flat=True))
    assert len(stored) == 2
    assert not [value for value in stored if NEW in value or password in value]
    entry = Entry.objects.filter(act="password.changed").latest("pk")
    assert (entry.subject, entry.actor_id) == (user.email, user.pk)
    assert NEW not in str(entry.__dict__)


def test_an_old_password_must_be_changed_before_anything_else(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse, password: str
) -> None:
    user = member("a@example.cn", alpha, "editor")
    member("a@example.cn", beta, "editor")
    age(user, 91)
    client = browse(alpha)
    client.post("/admin/login/", {"username": user.email, "password": password})
    for path in ("/admin/", "/admin/pages/", "/admin/account/", "/admin/account/second-factor/"):
        assert client.get(path).headers["location"].startswith(f"{RENEW}?next="), path
    assert browse(beta, jar=client).get("/admin/").headers["location"].startswith(RENEW)
    page = client.get(RENEW).content.decode()
    assert "too old" in page
    assert 'autocomplete="new-password"' in page
    same = {"old_password": password, "new_password1": password, "new_password2": password}
    assert "last 5" in client.post(RENEW, same).content.decode()
    wrong = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    assert client.post(RENEW, wrong).status_code == 200
    right = {**wrong, "old_password": password, "next": "/admin/pages/"}
    assert client.post(RENEW, right).headers["location"] == "/admin/pages/"
    assert client.get("/admin/").status_code == 200
    assert browse(beta, jar=client).get("/admin/").status_code == 200


def test_the_age_is_a_setting(
    alpha: Site, member: MakeMember, browse: Browse, settings: Any
) -> None:
    user = member("a@example.cn", alpha, "editor")
    client = browse(alpha, user)
    age(user, 89)
    assert client.get("/admin/").status_code == 200
    settings.PASSWORD_MAX_AGE_DAYS = 30
    assert client.get("/admin/").status_code == 302
    settings.PASSWORD_MAX_AGE_DAYS = 0
    age(user, 5000)
    assert client.get("/admin/").status_code == 200


def test_one_time_links_keep_the_rules(
    alpha: Site, member: MakeMember, browse: Browse, password: str
) -> None:
    user = member("a@example.cn", alpha, "editor")
    age(user, 91)
    client = browse(alpha)
    link = one_time_link(user, alpha).replace(alpha.admin_url, "/admin/")
    address = client.get(link, follow=True).redirect_chain[-1][0]
    for bad in ("kurz", password):
        again = client.post(address, {"new_password1": bad, "new_password2": bad})
        assert again.status_code == 200
    assert client.post(address, {"new_password1": NEW, "new_password2": NEW}).status_code == 302
    entry = Entry.objects.filter(act="password.changed").latest("pk")
    assert entry.actor_id == user.pk
    signed_in = client.post("/admin/login/", {"username": user.email, "password": NEW})
    assert signed_in.headers["location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_the_rules_stand_beside_the_form(alpha: Site, member: MakeMember, browse: Browse) -> None:
    page = browse(alpha, member("a@example.cn", alpha, "editor")).get(RENEW).content.decode()
    assert "at least 10 characters" in page
    assert "at least 3 of" in page
    assert "last 5" in page


def test_commands_keep_the_rules(alpha: Site) -> None:
    with pytest.raises(MembershipError):
        add_member("a@example.cn", alpha, ["editor"], password="onlysmallletters")
    assert not User.everyone.filter(email="a@example.cn").exists()


@pytest.mark.parametrize(
    ("password", "number"), [("", 0), ("aa", 1), ("aB", 2), ("aB1", 3), ("aB1 ", 4), ("甲", 1)]
)
def test_kinds_of_characters(password: str, number: int) -> None:
    assert passwords.classes(password) == number


def test_a_change_on_the_account_page_keeps_the_rules_too(
    alpha: Site, member: MakeMember, browse: Browse, password: str
) -> None:
    user = member("a@example.cn", alpha, "editor")
    client = browse(alpha, user)
    form = {
        "password-old_password": password,
        "password-new_password1": password,
        "password-new_password2": password,
    }
    assert "last 5" in client.post("/admin/account/", form).content.decode()
