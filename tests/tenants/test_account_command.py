"""`manage.py account`."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from sitecluster.accounts.membership import add_member, find_account
from sitecluster.accounts.models import Membership, User
from sitecluster.audit.models import Entry
from sitecluster.tenancy import shared_context, tenant_context
from tenants.directory import Site

PASSWORD = "Zhongguo-2026"


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("account", *args, stdout=out)
    return out.getvalue()


def test_add_prints_a_one_time_link(alpha: Site) -> None:
    printed = run("add", "A@example.cn", "--site", "alpha", "--role", "editor", "--name", "甲")
    assert f"{alpha.admin_url}password_reset/confirm/" in printed
    user = find_account("a@example.cn")
    assert (user.first_name, user.is_superuser, user.home_site_id) == ("甲", False, alpha.id)
    assert Membership.objects.get(user=user).roles == ["editor"]


def test_add_reads_the_password_from_standard_input(
    alpha: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
        printed = run(
            *("add", "root@example.cn", "--site", "control", "--platform-admin"),
            "--password-stdin",
        )
        assert "password_reset" not in printed
    user = find_account("root@example.cn")
    assert user.is_superuser
    assert user.check_password(PASSWORD)
    assert Membership.objects.get().roles == ["site_admin"]


@pytest.mark.parametrize(
    "args",
    [
        ("add", "a@example.cn", "--site", "nowhere", "--role", "editor"),
        ("add", "a@example.cn", "--site", "alpha", "--role", "king"),
        ("add", "a@example.cn", "--site", "alpha"),
        ("add", "address", "--site", "alpha", "--role", "editor"),
        ("show", "nobody@example.cn"),
        ("end", "nobody@example.cn", "--site", "alpha"),
        ("end", "known@example.cn", "--site", "beta"),
        ("suspend", "known@example.cn", "--reason", " "),
        ("home", "known@example.cn", "--site", "beta"),
        ("home", "known@example.cn", "--site", "nowhere"),
    ],
)
def test_errors_are_one_sentence_and_change_nothing(alpha: Site, args: tuple[str, ...]) -> None:
    add_member("known@example.cn", alpha, ["editor"])

    def state() -> Any:
        return list(User.everyone.values()), list(Membership.objects.values())

    before = state()
    with pytest.raises(CommandError) as error:
        run(*args)
    assert "\n" not in str(error.value)
    assert state() == before


def test_a_weak_password_makes_no_account(alpha: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("123\n"))
    with pytest.raises(CommandError):
        run("add", "a@example.cn", "--site", "alpha", "--role", "editor", "--password-stdin")
    assert not User.everyone.exists()


def test_show_end_suspend_and_reinstate(alpha: Site, beta: Site) -> None:
    for site in (alpha, beta):
        add_member("a@example.cn", site, ["editor"])
    assert "alpha" in run("show", "a@example.cn")
    run("end", "a@example.cn", "--site", "beta")
    assert Membership.objects.get(tenant_id=beta.id).ended_at
    run("suspend", "a@example.cn", "--reason", "调离")
    assert "调离" in run("show", "A@example.cn")
    assert not find_account("a@example.cn").is_active
    run("reinstate", "a@example.cn")
    assert find_account("a@example.cn").is_active


def test_it_works_wherever_the_connection_stands(alpha: Site, beta: Site) -> None:
    with tenant_context(beta):
        run("add", "a@example.cn", "--site", "alpha", "--role", "editor")
    with shared_context():
        assert Membership.objects.get().tenant_id == alpha.id


def test_home_moves_the_account_to_the_admins_of_another_site(alpha: Site, beta: Site) -> None:
    for site in (alpha, beta):
        add_member("a@example.cn", site, ["editor"])
    assert beta.name in run("home", "a@example.cn", "--site", "beta")
    assert find_account("a@example.cn").home_site_id == beta.id


def test_a_second_factor_is_required_and_a_suspension_documented(alpha: Site) -> None:
    user = add_member("known@example.cn", alpha, ["editor"])[0]
    run("require-second-factor", user.email, "--reason", "岗位")
    assert find_account(user.email).second_factor_required
    run("require-second-factor", user.email, "--reason", "换岗", "--off")
    assert not find_account(user.email).second_factor_required
    run("suspend", user.email, "--reason", "质量低", "--document", "阿政办〔2026〕9号")
    entry = Entry.objects.get(act="account.suspended")
    assert (entry.reason, entry.document) == ("质量低", "阿政办〔2026〕9号")
