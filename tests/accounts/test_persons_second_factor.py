"""A second factor that is required of one person, on every site."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sitecluster.accounts.assistance import require_second_factor
from sitecluster.accounts.models import User
from sitecluster.accounts.refusals import MembershipError
from sitecluster.audit.models import Entry
from sitecluster.tenancy import tenant_context
from tenants.directory import Site
from tests.accounts.authenticator import equip, verify_session

MakeMember = Callable[..., User]
Browse = Callable[..., Client]
OWN = "/admin/account/second-factor/"


def where(answer: Any) -> str:
    return urlsplit(answer.headers["location"]).path


def test_it_leads_to_enrolment_on_every_site(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse
) -> None:
    user = member("a@example.cn", alpha, "editor")
    member(user.email, beta, "editor")
    other = member("b@example.cn", alpha, "editor")
    require_second_factor(user, True, "掌握发布权限")
    for site in (alpha, beta):
        for path in ("/admin/", "/admin/pages/", "/admin/account/"):
            assert where(browse(site, user).get(path)) == OWN
        refused = browse(site, user).get("/admin/", headers={"x-requested-with": "XMLHttpRequest"})
        assert refused.status_code == 403
    assert "required" in browse(alpha, user).get(OWN).content.decode()
    assert browse(alpha, other).get("/admin/").status_code == 200


def test_a_session_under_way_is_led_there_at_once_and_freed_by_enrolling(
    alpha: Site, member: MakeMember, browse: Browse
) -> None:
    user = member("a@example.cn", alpha, "editor")
    client = browse(alpha, user)
    assert client.get("/admin/").status_code == 200
    require_second_factor(user, True, "x")
    assert where(client.get("/admin/")) == OWN
    equip(user)
    client.force_login(user)
    verify_session(client, user)
    assert client.get("/admin/").status_code == 200


def test_it_costs_no_statement(alpha: Site, member: MakeMember, browse: Browse) -> None:
    user = member("a@example.cn", alpha, "editor")
    equip(user)
    client = browse(alpha)
    client.force_login(user)
    verify_session(client, user)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/admin/account/").status_code == 200
        return len(queries)

    asked()
    few = asked()
    require_second_factor(user, True, "x")
    assert asked() == few


def test_reason_record_and_no_longer(alpha: Site, member: MakeMember, browse: Browse) -> None:
    user = member("a@example.cn", alpha, "editor")
    chief = member("c@example.cn", alpha, "site_admin")
    with tenant_context(alpha):
        with pytest.raises(MembershipError):
            require_second_factor(user, True, " ", by=chief)
        require_second_factor(user, True, "岗位", by=chief)
        require_second_factor(user, True, "again", by=chief)  # changes nothing
    entry = Entry.objects.get(act="account.second_factor_set")
    assert (entry.actor_id, entry.reason, entry.site_code) == (chief.pk, "岗位", "alpha")
    assert (entry.before, entry.after) == ({"second_factor": False}, {"second_factor": True})
    require_second_factor(user, False, "换岗")
    assert browse(alpha, user).get("/admin/").status_code == 200


def test_admins_of_other_sites_and_oneself_may_not(
    alpha: Site, beta: Site, member: MakeMember
) -> None:
    user = member("a@example.cn", alpha, "editor")
    member(user.email, beta, "editor")
    stranger = member("s@example.cn", beta, "site_admin")
    chief = member("c@example.cn", alpha, "site_admin")
    for site, by, whom in ((beta, stranger, user), (alpha, chief, chief), (alpha, user, chief)):
        with tenant_context(site), pytest.raises(MembershipError):
            require_second_factor(whom, True, "x", by=by)
    assert not User.everyone.filter(second_factor_required=True).exists()


def test_a_stale_form_doesnt_undo_it(alpha: Site, member: MakeMember) -> None:
    user = member("a@example.cn", alpha, "editor")
    stale = User.everyone.get(pk=user.pk)
    require_second_factor(user, True, "x")
    stale.first_name = "新名"
    stale.save()
    assert User.everyone.get(pk=user.pk).second_factor_required
