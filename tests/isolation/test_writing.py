"""Whatever is sent, the other site's tables and its rows in the shared schema stay as they are."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from .checks import check_mails, check_shows_nothing, check_unchanged
from .checksums import Sums, sums
from .cluster import Cluster
from .forms import forms_of
from .keys import OURS, THEIRS
from .patterns import Place, places_of_sites
from .questions import SEARCHING, Walker
from .roles import ROLES

Attempt = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="package")
def before(cluster: Cluster) -> Sums:
    """The other site as it is."""
    return sums(cluster.there)


@pytest.fixture(scope="package")
def members(cluster: Cluster) -> list[str]:
    """The other site's people."""
    return [f"@{cluster.there.code}.example"]


def attempts(walker: Walker, place: Place) -> Iterator[Attempt]:
    """Every way to write at the addresses of a pattern: method, path, what is sent."""
    for whose, path in walker.paths(place):
        if path.startswith("/api/"):
            yield from api_attempts(path)
            continue
        for query in queries(place, walker.role):
            yield "post", path + query, {"data": BLIND}
            if whose != "theirs":
                yield from form_attempts(walker, path + query)


# Screens of every part of Wagtail whose forms are known to go through as they are.
CONTROLS = {
    "wagtailadmin_pages:copy",
    "wagtailadmin_pages:delete",
    "wagtailadmin_pages:lock",
    "wagtailadmin_pages:unpublish",
    "wagtailadmin_workflows:disable",
    "wagtaildocs:delete",
    "wagtailimages:delete",
    "wagtailredirects:delete",
    "wagtailapi_v3:delete_image",
    "wagtailusers_groups:delete",
    "wagtail_bulk_action",
}
BLIND = {"id": [THEIRS], "title": "x", "next": "/admin/"}
"""What is sent where there is no form."""


def queries(place: Place, role: str) -> list[str]:
    """Bulk actions name their rows in the address."""
    if place.name != "wagtail_bulk_action":
        return [""]
    return ["?id=all", f"?id={OURS}&id={THEIRS}"] if role == SEARCHING else ["?id=all"]


def form_attempts(walker: Walker, path: str) -> Iterator[Attempt]:
    """The forms of a screen as they are, then with the other site's keys in their fields.

    All keys at once; each by itself for the one who may do the most, since one that is refused
    hides the next.
    """
    for form in forms_of(walker.ask(path).text, path):
        names = sorted(form.keys)
        sent = [form.data]
        if names:
            sent.append(form.with_theirs(*names))
        if walker.role == SEARCHING and len(names) > 1:
            sent += [form.with_theirs(name) for name in names]
        yield from (("post", form.action, {"data": data}) for data in sent)


def api_attempts(path: str) -> Iterator[Attempt]:
    """Each method, with a body that names the other site's rows."""
    body = {
        "id": THEIRS, "meta": {"type": "cms.LinkPage", "parent_id": THEIRS}, "title": "x",
        "parent": THEIRS, "parent_id": THEIRS, "destination": THEIRS, "destination_id": THEIRS,
        "destination_page_id": THEIRS, "revision_id": THEIRS, "locale": "en", "type": "cms.LinkPage",
    }  # fmt: skip
    for method in ("post", "patch", "put", "delete"):
        data = {} if method == "delete" else {"data": json.dumps(body)}
        yield method, path, {**data, "content_type": "application/json"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("place", places_of_sites(), ids=lambda place: place.label)
def test_no_attempt_writes_to_the_other_site(
    cluster: Cluster,
    walkers: dict[str, Walker],
    before: Sums,
    members: list[str],
    place: Place,
    role: str,
) -> None:
    for method, path, kwargs in attempts(walkers[role], place):
        answer, after = walkers[role].attempt(path, method, **kwargs)
        check_unchanged(f"{method.upper()} {path} {kwargs}", before, after)
        check_shows_nothing(answer, cluster.theirs)
        check_mails(answer, members)


def test_what_is_sent_does_write_where_it_may(cluster: Cluster, walkers: dict[str, Walker]) -> None:
    """The attempts aren't empty: sent as they are, most forms of the screens change the site."""
    before, wrote, tried = sums(cluster.here), set(), set()
    for place in places_of_sites():
        if place.name in CONTROLS:
            tried.add(place.name)
            for method, path, kwargs in attempts(walkers["platform_admin"], place):
                with transaction.atomic():
                    walkers["platform_admin"].send(path, method, **kwargs)
                    if sums(cluster.here) != before:
                        wrote.add(place.name)
                    transaction.set_rollback(True)
    assert tried == CONTROLS
    assert wrote == CONTROLS
