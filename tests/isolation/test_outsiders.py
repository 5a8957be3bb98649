"""Somebody of another site, and nobody at all, before the admin host of a site."""

from copy import deepcopy
from typing import Any

import pytest
from django.test import Client

from .asking import ask, send
from .checks import check_shows_nothing, check_shut, check_unchanged
from .checksums import Sums, sums
from .cluster import Cluster
from .keys import THEIRS
from .patterns import Place, of_the_control_site, places_of_sites
from .questions import Walker

# What answers anybody: the way in, what it is drawn with, and the person's own credentials.
DOORS = {
    "second_factor", "second_factor_check", "renew_password",
    "sign_in", "sign_out", "set_password", "invitation", "confirm_address", "help_signing_in",
    "wagtailadmin_login", "wagtailadmin_logout", "wagtailadmin_sprite",
    "wagtailadmin_javascript_catalog", "wagtailadmin_password_reset",
    "wagtailadmin_password_reset_done", "wagtailadmin_password_reset_complete",
    "wagtailadmin_password_reset_confirm", "wagtailadmin_home",
}  # fmt: skip
FORGED = {"id": [THEIRS], "email": "x@beta.example", "title": "x"}
JSON = "application/json"


def stranger(cluster: Cluster, walker: Walker | None) -> Client:
    """A browser on the other site's admin host, with the session of a member of this one."""
    client = Client(headers={"host": cluster.there.admin_host}, raise_request_exception=False)
    if walker is not None:
        client.cookies = deepcopy(walker.browser.cookies)
    return client


@pytest.fixture(scope="package")
def before(cluster: Cluster) -> Sums:
    """The other site as it is."""
    return sums(cluster.there)


@pytest.mark.parametrize("who", ["site_admin", "nobody"])
@pytest.mark.parametrize("place", places_of_sites(), ids=lambda place: place.label)
def test_a_stranger_reads_and_writes_nothing(
    cluster: Cluster, walkers: dict[str, Walker], before: Sums, place: Place, who: str
) -> None:
    """Except what the API shows of published things, which is looked at below."""
    client = stranger(cluster, walkers.get(who))
    found = walkers["site_admin"].paths(place)
    addresses = {path for whose, path in found if whose in ("theirs", "declared")}
    for path in addresses or {path for _whose, path in found}:
        shut, open_to_all = place.name not in DOORS, path.startswith("/api/")
        answer = ask(client, path)
        if not (open_to_all or answer.status == 404):  # whose page shows the site's public face
            check_shows_nothing(answer, cluster.theirs)
        if shut and not open_to_all:
            check_shut(answer)
        for method in ("post", "patch", "put", "delete") if open_to_all else ("post",):
            sent = ask(client, path, method, data=FORGED, content_type=JSON)
            if shut:
                check_shut(sent)
    check_unchanged(place.label, before, sums(cluster.there))


def test_a_token_of_one_site_opens_nothing_on_another(
    cluster: Cluster, walkers: dict[str, Walker]
) -> None:
    ours, theirs = cluster.people["platform_admin"].token, cluster.their_fillings[0].tokens[0]
    for site, token in ((cluster.there, ours), (cluster.here, theirs)):
        client = Client(headers={"host": site.admin_host, "authorization": f"Bearer {token}"})
        for path in ("/api/v3/whoami/", "/api/v3/schema/"):
            assert ask(client, path).status == 401


def test_the_api_shows_strangers_what_is_published_and_of_its_own_site_alone(
    cluster: Cluster,
) -> None:
    for site, mark in ((cluster.here, cluster.theirs), (cluster.there, cluster.ours)):
        client = Client(headers={"host": site.admin_host})
        for name in ("pages", "images", "documents", "redirects"):
            answer = ask(client, f"/api/v3/{name}/")
            check_shows_nothing(answer, mark)
            assert "later 1" not in answer.text  # the scheduled page


def test_links_that_were_mailed_open_on_their_own_site_alone(
    cluster: Cluster, walkers: dict[str, Walker]
) -> None:
    link = cluster.their_fillings[0].made["asked"].link
    path = "/admin/" + link.split("/admin/")[1]
    for client in (walkers["site_admin"].browser, walkers["platform_admin"].browser):
        check_shows_nothing(ask(client, path), cluster.theirs)
    there = Client(headers={"host": cluster.there.admin_host})
    assert send(there, path).status == 200


def test_the_session_of_a_member_of_both_sites_shows_each_its_own(
    cluster: Cluster, walkers: dict[str, Walker]
) -> None:
    """A platform admin sees a site's own only on that site's host."""
    walker = walkers["platform_admin"]
    there: Any = stranger(cluster, walker)
    for path in ("/admin/", "/admin/users/", "/admin/reports/site-history/", "/admin/images/"):
        check_shows_nothing(ask(there, path), cluster.ours)
        check_shows_nothing(walker.ask(path), cluster.theirs)
    assert cluster.theirs.found_in(ask(there, "/admin/users/").text)


def test_no_site_answers_where_the_control_site_does(
    cluster: Cluster, walkers: dict[str, Walker]
) -> None:
    """The console isn't there for anybody; tests/console walks it where it is."""
    assert any(place.name.startswith("console:") for place in of_the_control_site())
    for place in of_the_control_site():
        for who in ("platform_admin", "site_admin"):
            for _whose, path in walkers[who].paths(place)[:1]:
                assert walkers[who].ask(path).status == 404, place.label
                answer, _after = walkers[who].attempt(path, "post", data={})
                assert answer.status == 404, place.label
