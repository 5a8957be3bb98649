"""The one module that makes pages live, not live, moved or deleted, whatever asked for it.

Wagtail's action classes, `Page.save` and the deletion of querysets all run inside `publishing`:
gates first, then one transaction, at whose end the library and the redirects are made to say
what the page table says. What changed is read back from the database, so it doesn't matter which
of Wagtail's ways, or how many of them inside one another, led there.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.models import Page

from sitecluster.library import register
from sitecluster.library.register import Entry, Known
from sitecluster.tenancy import Tenant, connection, current_tenant, tenant_context

from . import gates, illustrations, moments, redirects
from .entries import entries_of, live_entries, places_below
from .gates import Act, Kind
from .register_fields import Registered

LOCK = 0x5C01  # a name of our own among PostgreSQL's advisory locks
# Saving no more than these changes nothing that citizens see.
BOOKKEEPING = frozenset(
    "alias_of alias_of_id draft_title expired has_unpublished_changes latest_revision"
    " latest_revision_created_at live_revision locked locked_at locked_by numchild owner"
    " wagtail_admin_comments".split()
)
# A queryset's update() of these does, at once or when a page expires.
VISIBLE = frozenset({"live", "title", "slug", "expire_at"})


@dataclass
class Work:
    """What one transaction has done to the pages of one site so far."""

    tenant: Tenant | None
    schema: str
    user: Any = None
    touched: set[int] = field(default_factory=set)
    timed: set[moments.Key] = field(default_factory=set)
    checked: set[tuple[Kind, int]] = field(default_factory=set)

    def check(self, kind: Kind, page: Any) -> None:
        """Ask the gates, once for each page and kind of act."""
        if (kind, page.pk) not in self.checked:
            gates.check(Act(kind, page, self.user, self.tenant))
            self.checked.add((kind, page.pk))


_work: ContextVar[Work | None] = ContextVar("publication", default=None)


@contextmanager
def publishing(user: Any = None) -> Iterator[Work]:
    """Everything done to pages inside is one transaction, ending with the library's rows.

    Blocks inside one another are one block. Publications of one site follow one another: each
    sees where the one before has put the pages. Raises PublicationRefused.
    """
    around = _work.get()
    if around is not None and around.schema == connection.schema_name:
        yield around
        return
    work = Work(current_tenant(), connection.schema_name, user)
    token = _work.set(work)
    try:
        with transaction.atomic():
            _wait_for_turn(work)
            yield work
            _finish(work)
    finally:
        _work.reset(token)


def withdraw_deleted(page_id: int) -> None:
    """Withdraw the row of a page that is being deleted, inside of `publishing` at its end."""
    work, tenant = _work.get(), current_tenant()
    if work is not None and work.schema == connection.schema_name:
        work.touched.add(page_id)
    elif tenant is not None:
        register.withdraw(tenant.id, [page_id])
        moments.follow(moments.pages([page_id]))


def note_moments(keys: set[moments.Key]) -> None:
    """The moments of these objects have changed: write them, inside of `publishing` at its end."""
    work = _work.get()
    if work is not None and work.schema == connection.schema_name:
        work.timed |= keys
    else:
        moments.follow(keys)


def compare(tenant: Tenant) -> list[str]:
    """How a site's live pages differ from its rows in the library, a line a difference."""
    with tenant_context(tenant):
        return register.differences(tenant.id, live_entries())


def reconcile(tenant: Tenant) -> None:
    """Write a site's rows in the library anew from its live pages."""
    with tenant_context(tenant), transaction.atomic():
        _wait_for_turn(Work(tenant, connection.schema_name))
        register.reconcile(tenant.id, live_entries())


def _wait_for_turn(work: Work) -> None:
    if work.tenant is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, work.tenant.id])


def _finish(work: Work) -> None:
    """Bring the library and the redirects in line with the pages that were touched."""
    moments.follow(work.timed | (moments.pages(work.touched) if work.touched else set()))
    if not work.touched:
        return
    pages: list[Any] = list(Page.objects.filter(pk__in=work.touched).specific())
    live = [page for page in pages if page.live and isinstance(page, Registered)]
    _date(live)
    for page in live:
        if (Kind.MOVE, page.pk) not in work.checked:
            work.check(Kind.PUBLISH, page)
    if work.tenant is None:
        return
    known = register.known(work.tenant.id, work.touched)
    for page in pages:
        if not page.live and page.pk in known and known[page.pk].live:
            work.check(Kind.UNPUBLISH, page)
    _tell_library(work, known, pages, entries_of(live))
    illustrations.prepare(live)
    new = [page for page in live if not (page.pk in known and known[page.pk].live)]
    if new:
        gates.check_room(work.tenant, new[0])


def _date(pages: Sequence[Any]) -> None:
    """Give their dates to pages that something other than a publication made live."""
    undated = [page for page in pages if not (page.first_published_at and page.last_published_at)]
    now = timezone.now()
    for page in undated:
        page.first_published_at = page.first_published_at or now
        page.last_published_at = page.last_published_at or now
    if undated:
        Page.objects.bulk_update(undated, ["first_published_at", "last_published_at"])


def _tell_library(
    work: Work, known: Mapping[int, Known], pages: Sequence[Any], entries: Sequence[Entry]
) -> None:
    assert work.tenant is not None
    tenant_id = work.tenant.id
    now = {entry.page_id: entry.path for entry in entries}
    titles = {entry.page_id: entry.title for entry in entries}
    before = {page_id: known[page_id].path for page_id in now if page_id in known}
    register.record(tenant_id, entries)
    register.withdraw(tenant_id, work.touched - now.keys())
    # Whose address or name changed moves everything below; of a page that isn't live the
    # register can't tell.
    moved = [
        page.path
        for page in pages
        if not (
            page.pk in now
            and page.pk in known
            and known[page.pk].live
            and (known[page.pk].path, known[page.pk].title) == (now[page.pk], titles[page.pk])
        )
    ]
    if moved:
        places = places_below(moved)
        before |= register.place(tenant_id, places)
        now |= {place.page_id: place.path for place in places}
    redirects.follow(before, now)
