"""Variants of the platform that leak on purpose: the suite's own checks must see each."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection, transaction
from wagtail.models import Page

from sitecluster.accounts.managers import EveryoneManager, MembersManager
from sitecluster.storage.disk import TenantStorage
from sitecluster.tenancy import tenant_context
from tenants import directory, routing

from .arguments import Uncovered, words_of
from .asking import Answer
from .checks import (
    check_indifferent,
    check_mails,
    check_shows_nothing,
    check_shut,
    check_unchanged,
    check_whole,
)
from .checksums import Undeclared, rows_of_a_site, sums
from .cluster import Cluster
from .patterns import Place, places
from .questions import Walker
from .test_caches import check_apart
from .test_media import fetch, files_of, hosts_of


def place_of(name: str) -> Place:
    return next(place for place in places() if place.name == name)


def check_walk(walker: Walker, place: Place, cluster: Cluster) -> None:
    """As `test_reading` does."""
    for answer in walker.answers(place):
        check_shows_nothing(answer, cluster.theirs)


def test_a_cache_without_the_key_function_is_seen(cluster: Cluster) -> None:
    bad = LocMemCache("known-bad", {})
    with pytest.raises(AssertionError, match="reads wagtail_site_root_paths of"):
        check_apart(bad, cluster.here, cluster.there)


def test_a_list_of_users_without_a_scope_is_seen(
    cluster: Cluster, walkers: dict[str, Walker], monkeypatch: Any
) -> None:
    walker, users = walkers["site_admin"], place_of("wagtailusers_users:index_results")
    check_walk(walker, users, cluster)
    monkeypatch.setattr(MembersManager, "get_queryset", EveryoneManager.get_queryset)
    with pytest.raises(AssertionError, match="shows what is gamma's"):
        check_walk(walker, users, cluster)


def test_a_count_of_users_without_a_scope_is_seen(
    cluster: Cluster, walkers: dict[str, Walker], monkeypatch: Any
) -> None:
    """Though not one name is shown."""
    before = Answer("/admin/", 200, "3 members").packed()
    monkeypatch.setattr(MembersManager, "get_queryset", EveryoneManager.get_queryset)
    from sitecluster.accounts.models import User

    with tenant_context(cluster.here):
        after = Answer("/admin/", 200, f"{User.objects.count()} members")
    with pytest.raises(AssertionError, match="depends on what another site holds"):
        check_indifferent(before, after)


@contextmanager
def routed_to(site: directory.Site, monkeypatch: Any) -> Iterator[None]:
    """Every admin host leads to ``site``, as if the host were not looked at."""
    locate = routing.RoutingMiddleware._locate

    def wrong(self: Any, host: str, path: str) -> Any:
        _right, side, prefix = locate(self, host, path)
        return site, side, prefix

    with monkeypatch.context() as patch:
        patch.setattr(routing.RoutingMiddleware, "_locate", wrong)
        yield


def test_routing_to_the_wrong_site_is_seen(
    cluster: Cluster, walkers: dict[str, Walker], monkeypatch: Any
) -> None:
    walker = walkers["platform_admin"]
    before = sums(cluster.there)
    with routed_to(cluster.there, monkeypatch):
        with pytest.raises(AssertionError, match="shows what is gamma's"):
            check_shows_nothing(walker.ask("/admin/pages/5001/edit/"), cluster.theirs)
        _answer, after = walker.attempt("/admin/pages/5001/unpublish/", "post")
        with pytest.raises(AssertionError, match="has changed"):
            check_unchanged("/admin/pages/5001/unpublish/", before, after)


def test_a_stranger_who_gets_in_is_seen(cluster: Cluster, walkers: dict[str, Walker]) -> None:
    answer = walkers["platform_admin"].ask("/admin/users/")
    with pytest.raises(AssertionError, match="to a stranger"):
        check_shut(answer)


def test_a_storage_without_a_folder_a_site_is_seen(cluster: Cluster, monkeypatch: Any) -> None:
    theirs = cluster.there.schema_name

    def path(self: Any, name: str) -> str:
        return f"{self.location}/sites/{theirs}/{name}"

    host, prefix = hosts_of(cluster.here)[0]
    (name, *_) = [each for each in files_of(cluster.there) if cluster.theirs.found_in(each)]
    assert fetch(host, f"{prefix}/media/{name}").status_code == 404
    monkeypatch.setattr(TenantStorage, "path", path)
    assert fetch(host, f"{prefix}/media/{name}").status_code == 200


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {schema}.wagtailcore_page SET title = title || '!' WHERE id = 5001",
        "DELETE FROM {schema}.wagtailcore_comment",
        "INSERT INTO {schema}.taggit_tag (id, name, slug) VALUES (77, 'x', 'x')",
        "UPDATE public.accounts_membership SET ended_at = now() WHERE tenant_id = {id}",
        "UPDATE public.accounts_user SET first_name = 'x' WHERE home_site_id = {id}",
        "UPDATE public.library_item SET withdrawn_at = now() WHERE tenant_id = {id}",
        "UPDATE public.tasks_queuedtask SET problem = 'x' WHERE tenant_id = {id}",
        "UPDATE public.tenants_tenant SET name = 'x' WHERE id = {id}",
    ],
)
def test_a_write_to_the_other_site_is_seen(cluster: Cluster, statement: str) -> None:
    there, before = cluster.there, sums(cluster.there)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(schema=there.schema_name, id=there.id))
        after = sums(there)
        transaction.set_rollback(True)
    with pytest.raises(AssertionError, match="has changed"):
        check_unchanged("/admin/", before, after)
    check_unchanged("/admin/", before, sums(there))


def test_a_page_of_the_other_site_in_a_mail_is_seen(cluster: Cluster) -> None:
    answer = Answer("/", 200, "", mails=[f"to {cluster.theirs.email('author1')}"])
    with pytest.raises(AssertionError):
        check_mails(answer, [f"@{cluster.there.code}.example"])
    with pytest.raises(AssertionError):
        check_shows_nothing(answer, cluster.theirs)


def test_an_address_that_nobody_has_covered_is_seen(cluster: Cluster) -> None:
    new = Place("anything", "admin/anything/<slug:novelty>/", None)
    assert cluster.our_filling is not None
    with pytest.raises(Uncovered, match="Nothing is known of \\['novelty'\\]"):
        words_of(new, cluster.our_filling)


def test_a_shared_table_that_nobody_has_covered_is_seen() -> None:
    with pytest.raises(Undeclared, match=r"wagtailcore\.Page"):
        rows_of_a_site(Page)


def test_a_traceback_is_seen() -> None:
    with pytest.raises(AssertionError, match="answers 500"):
        check_whole(Answer("/", 500, ""))
