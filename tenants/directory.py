"""What a process remembers about the sites: all of them, at most a second old.

A snapshot of 2,000 sites takes some milliseconds to read. A thread compares a fingerprint of
the two tables (the sum of their rows' transaction ids) twice a second and reads them again when
it differs, so a change made anywhere, by whatever means, is seen everywhere, without a
statement in any request and without a lock on the writer's side.
"""

import logging
import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from sitecluster.tenancy import CONTROL, FROZEN, Address

from . import marks
from .models import State, Tenant
from .naming import MAX_PREFIX_LENGTH

logger = logging.getLogger(__name__)

FINGERPRINT = """
SELECT (SELECT (count(*), sum(xmin::text::bigint))::text FROM public.tenants_tenant)
    || (SELECT (count(*), sum(xmin::text::bigint))::text FROM public.tenants_domain)
"""
TENANTS = """
SELECT id, uuid, code, schema_name, name, kind, parent_id, state, state_note, theme, plugins,
    migration_state, upgrade_error, second_factor, state_since, state_until, archive_url,
    is_blueprint, max_items, xmin
FROM public.tenants_tenant ORDER BY code
"""
DOMAINS = """
SELECT tenant_id, host, prefix, redirects, xmin::text::bigint
FROM public.tenants_domain ORDER BY is_primary DESC, host, prefix
"""
VERSION = """
SELECT (SELECT xmin::text FROM public.tenants_tenant WHERE id = %(id)s) || '.'
    || (SELECT coalesce(sum(xmin::text::bigint), 0) FROM public.tenants_domain
        WHERE tenant_id = %(id)s)
"""
TOUCH = "UPDATE public.tenants_tenant SET state = state WHERE id = %s"


@dataclass(frozen=True, kw_only=True)
class Site:
    """A site as requests, tasks and templates see it; `sitecluster.tenancy.Tenant` in the flesh."""

    id: int
    uuid: UUID
    code: str
    schema_name: str
    name: str
    kind: str
    parent_id: int | None
    state: str
    state_note: str = ""
    theme: str = "base"
    plugins: frozenset[str] = frozenset()
    migration_state: str = ""
    upgrade_error: str = ""
    behind: bool = False
    """The schema lacks a migration of this process's code: nothing may touch its tables."""
    second_factor: bool = False
    state_since: datetime | None = None
    state_until: date | None = None
    archive_url: str = ""
    is_blueprint: bool = False
    """A template of new sites, which nobody but its editors sees."""
    max_items: int | None = None
    """How many items it may have published; None: no limit."""
    addresses: tuple[Address, ...] = ()
    leading: frozenset[Address] = frozenset()
    """Those of the addresses that only lead to the primary one."""
    version: str = ""
    """Another one whenever the site's row or addresses change."""

    @property
    def visible(self) -> bool:
        """Whether citizens may see its pages."""
        return self.state in (State.LIVE, State.READONLY) and not self.is_blueprint

    @property
    def frozen(self) -> bool:
        """Whether nothing of it can be changed on its own admin host."""
        return self.state in FROZEN and self.kind != CONTROL

    @property
    def address(self) -> Address | None:
        """The primary public address."""
        return self.addresses[0] if self.addresses else None

    @property
    def admin_host(self) -> str:
        """The host, without a port, on which the site is edited."""
        return f"{self.code}.{settings.ADMIN_DOMAIN}"

    @property
    def admin_url(self) -> str:
        """Where the site is edited: scheme, host, port and ``/admin/``."""
        return address(self.admin_host).url("/admin/")

    @property
    def uploads_url(self) -> str:
        """Scheme, host and port from which admin screens load the site's uploads."""
        return address(f"{self.code}.{settings.UPLOADS_DOMAIN}").root_url

    @property
    def parent(self) -> "Site | None":
        """The site above."""
        return None if self.parent_id is None else snapshot().by_id.get(self.parent_id)

    @property
    def children(self) -> "tuple[Site, ...]":
        """The sites directly below, by code."""
        return tuple(site for site in snapshot().by_id.values() if site.parent_id == self.id)


@dataclass(frozen=True)
class Snapshot:
    """All sites at one moment."""

    fingerprint: str
    by_id: dict[int, Site]
    by_code: dict[str, Site] = field(init=False)
    by_host: dict[str, dict[str, tuple[Address, Site]]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_code", {site.code: site for site in self.by_id.values()})
        by_host: dict[str, dict[str, tuple[Address, Site]]] = defaultdict(dict)
        for site in self.by_id.values():
            for place in site.addresses:
                by_host[place.host][place.prefix] = place, site
        object.__setattr__(self, "by_host", dict(by_host))

    def find(self, host: str, path: str) -> tuple[Address, Site] | None:
        """The site at ``host`` whose prefix is the longest that ``path`` begins with."""
        places = self.by_host.get(host, {})
        segments = path[: MAX_PREFIX_LENGTH + 1].split("/")
        for count in range(len(segments), 0, -1):
            found = places.get("/".join(segments[:count]))
            if found:
                return found
        return None


def address(host: str, prefix: str = "") -> Address:
    """An address with the cluster's scheme and port."""
    return Address(host, prefix, settings.PUBLIC_SCHEME, settings.PORT_SUFFIX)


def record(tenant: Tenant) -> Site:
    """The `Site` of a row, read from the database now, for use inside its own transaction."""
    domains = list(tenant.domains.order_by("-is_primary", "host", "prefix"))
    with connection.cursor() as cursor:
        cursor.execute(VERSION, {"id": tenant.pk})
        (version,) = cursor.fetchone()
    return Site(
        id=tenant.pk,
        uuid=tenant.uuid,
        code=tenant.code,
        schema_name=tenant.schema_name,
        name=tenant.name,
        kind=tenant.kind,
        parent_id=tenant.parent_id,
        state=tenant.state,
        state_note=tenant.state_note,
        theme=tenant.theme,
        plugins=frozenset(tenant.plugins),
        migration_state=tenant.migration_state,
        upgrade_error=tenant.upgrade_error,
        behind=bool(marks.behind({tenant.schema_name: tenant.migration_state})),
        second_factor=tenant.second_factor,
        state_since=tenant.state_since,
        state_until=tenant.state_until,
        archive_url=tenant.archive_url,
        is_blueprint=tenant.is_blueprint,
        max_items=tenant.max_items,
        addresses=tuple(address(domain.host, domain.prefix) for domain in domains),
        leading=frozenset(
            address(domain.host, domain.prefix) for domain in domains if domain.redirects
        ),
        version=version,
    )


def reread(site_id: int) -> Site:
    """The site as the database has it now; raises Tenant.DoesNotExist."""
    return record(Tenant.objects.get(pk=site_id))


_snapshot: Snapshot | None = None
_forgotten = 0
_watcher_pid = 0
_lock = threading.Lock()


def snapshot() -> Snapshot:
    """The sites as this process knows them."""
    global _snapshot
    known = _snapshot
    if known is None:
        known = _snapshot = _read(connection)
    return known


def forget() -> None:
    """Read the sites again at the next use; called when this process has changed them."""
    global _snapshot, _forgotten
    _snapshot = None
    _forgotten += 1
    marks.forget()


def version() -> str:
    """Another one whenever a site of the cluster has changed, or this process has changed one."""
    return f"{_forgotten}:{snapshot().fingerprint}"


def touch(site_id: int) -> None:
    """Give the site a new version, so that no process keeps what it has cached of it."""
    with connection.cursor() as cursor:
        cursor.execute(TOUCH, [site_id])
    transaction.on_commit(forget)


def sites(codes: Iterable[str] | None = None) -> list[Site]:
    """All sites, or those with these codes, by code."""
    known = snapshot()
    if codes is None:
        return list(known.by_id.values())
    return [known.by_code[code] for code in codes]


def live_sites() -> list[Site]:
    """The sites whose pages citizens see now; one that is behind comes back when upgraded."""
    return [site for site in sites() if site.visible and not site.behind]


def watch() -> None:
    """Start, once a process, the thread that keeps the snapshot fresh."""
    global _watcher_pid
    if _watcher_pid == os.getpid() or not settings.DIRECTORY_POLL_SECONDS:
        return
    with _lock:
        if _watcher_pid != os.getpid():
            _watcher_pid = os.getpid()
            forget()  # what was read before, perhaps by the parent process, may be old
            threading.Thread(target=_keep_fresh, name="site-directory", daemon=True).start()


def _keep_fresh() -> None:
    global _watcher_pid
    own = connections.create_connection("default")
    while seconds := settings.DIRECTORY_POLL_SECONDS:
        time.sleep(seconds)
        try:
            refresh(own)
        except Exception:  # nothing else keeps the snapshot fresh, so this thread must not end
            logger.warning("The directory of sites could not be refreshed.", exc_info=True)
            own.close()
    own.close()
    _watcher_pid = 0


def refresh(own: BaseDatabaseWrapper) -> None:
    """Read the sites again over the connection ``own`` if they have changed."""
    global _snapshot
    known = _snapshot
    if known is None:
        return
    with own.cursor() as cursor:
        cursor.execute(FINGERPRINT)
        (fingerprint,) = cursor.fetchone()
    if fingerprint != known.fingerprint:
        _snapshot = _read(own)


def _read(own: BaseDatabaseWrapper) -> Snapshot:
    with own.cursor() as cursor:
        cursor.execute(FINGERPRINT)
        (fingerprint,) = cursor.fetchone()
        cursor.execute(DOMAINS)
        places: dict[int, list[Address]] = defaultdict(list)
        leading: dict[int, set[Address]] = defaultdict(set)
        versions: dict[int, int] = defaultdict(int)
        for tenant_id, host, prefix, redirects, version in cursor.fetchall():
            place = address(host, prefix)
            places[tenant_id].append(place)
            versions[tenant_id] += version
            if redirects:
                leading[tenant_id].add(place)
        cursor.execute(TENANTS)
        rows = cursor.fetchall()
    behind = marks.behind({row[3]: row[11] for row in rows if row[7] != State.REMOVED}, own)
    sites = (
        _site(row, places[row[0]], leading[row[0]], versions[row[0]], row[3] in behind)
        for row in rows
    )
    return Snapshot(fingerprint, {site.id: site for site in sites})


def _site(
    row: tuple[Any, ...],
    addresses: list[Address],
    leading: set[Address],
    places_version: int,
    behind: bool,
) -> Site:
    return Site(
        id=row[0],
        uuid=row[1],
        code=row[2],
        schema_name=row[3],
        name=row[4],
        kind=row[5],
        parent_id=row[6],
        state=row[7],
        state_note=row[8],
        theme=row[9],
        plugins=frozenset(row[10]),
        migration_state=row[11],
        upgrade_error=row[12],
        behind=behind,
        second_factor=row[13],
        state_since=row[14],
        state_until=row[15],
        archive_url=row[16],
        is_blueprint=row[17],
        max_items=row[18],
        addresses=tuple(addresses),
        leading=frozenset(leading),
        version=f"{row[19]}.{places_version}",
    )
