"""Rows of the shared schema on a site's screens: library, audit, tasks, people; and mails."""

from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client, TestCase
from wagtail.models import Page

from sitecluster.accounts.models import User
from sitecluster.audit.models import Entry
from sitecluster.library.models import Item
from sitecluster.tasks.models import QueuedTask
from sitecluster.tenancy import tenant_context

from .asking import ask, mail_text
from .checks import check_mails, check_shows_nothing
from .cluster import Cluster
from .patterns import places
from .questions import Walker

SHARED_SCREENS = [
    place for place in places() if any(word in place.route for word in ("audit", "task", "librar"))
]


def test_the_shared_tables_hold_both_sites_marks(cluster: Cluster) -> None:
    """What is not to be shown is there."""
    for site, mark in ((cluster.here, cluster.ours), (cluster.there, cluster.theirs)):
        assert Item.objects.filter(tenant_id=site.id, title__contains=mark.secret).exists()
        assert Entry.objects.filter(site_id=site.id, subject__contains=mark.secret).exists()
        assert QueuedTask.objects.filter(tenant_id=site.id, problem__contains=mark.secret).exists()
        assert User.everyone.filter(home_site_id=site.id, email__contains=mark.secret).exists()


@pytest.mark.parametrize("place", SHARED_SCREENS, ids=lambda place: place.label)
def test_a_screen_of_shared_rows_shows_the_sites_own(
    cluster: Cluster, walkers: dict[str, Walker], place: Any
) -> None:
    for role in ("platform_admin", "site_admin"):
        for answer in walkers[role].answers(place):
            check_shows_nothing(answer, cluster.theirs)


def test_members_of_the_active_site_are_all_that_the_screens_know(cluster: Cluster) -> None:
    for site, other in ((cluster.here, cluster.theirs), (cluster.there, cluster.ours)):
        with tenant_context(site):
            known = list(User.objects.values_list("email", flat=True))
        assert known
        assert not [email for email in known if other.found_in(email)]


def test_mails_of_a_publication_reach_members_of_its_own_site(cluster: Cluster) -> None:
    """A page that goes into review here writes to nobody there, and the other way round."""
    sites = ((cluster.here, cluster.theirs, "beta"), (cluster.there, cluster.ours, "gamma"))
    for site, other, code in sites:
        mail.outbox = []
        with tenant_context(site), transaction.atomic():
            with TestCase.captureOnCommitCallbacks(execute=True):
                page: Any = Page.objects.get(pk=5001).specific
                author = page.owner
                page.current_workflow_state.cancel(user=author)
                page.get_workflow().start(page, author)
            transaction.set_rollback(True)
        text = "\n".join(mail_text(each) for each in mail.outbox)
        assert not other.found_in(text), code


@pytest.mark.parametrize("address", ["author1", "asked1"])
def test_asking_for_a_new_password_elsewhere_tells_and_sends_nothing(
    cluster: Cluster, address: str
) -> None:
    """An address of the other site is answered as one that nobody has."""
    answers = []
    for email in (cluster.theirs.email(address), "nobody@nowhere.example"):
        client = Client(headers={"host": cluster.here.admin_host})
        answer = ask(client, "/admin/password_reset/", "post", data={"email": email})
        check_mails(answer, [cluster.theirs.secret])
        answers.append((answer.status, answer.headers.get("location"), answer.mails))
    assert answers[0] == answers[1]


def test_public_pages_show_the_sites_own(cluster: Cluster) -> None:
    for site, mark, other in (
        (cluster.here, cluster.ours, cluster.theirs),
        (cluster.there, cluster.theirs, cluster.ours),
    ):
        place = site.address
        assert place is not None
        client = Client(headers={"host": place.host}, raise_request_exception=False)
        with tenant_context(site):
            paths = [page.get_url() for page in Page.objects.live().filter(depth__gt=1)]
        shown = ""
        for path in {*paths, f"{place.prefix}/sitemap.xml", f"{place.prefix}/no-such-page/"}:
            if path and path.startswith("/"):
                answer = ask(client, path)
                check_shows_nothing(answer, other)
                shown += answer.text
        assert mark.found_in(shown)
