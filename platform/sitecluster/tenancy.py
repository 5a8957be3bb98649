"""The one door to "which tenant are we serving?"."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connection as django_connection
from django_tenants.postgresql_backend.base import FakeTenant

PUBLIC_SCHEMA = "public"
FROZEN = frozenset({"readonly", "closed", "removed"})  # states of sites that take no changes (B.4)
CONTROL = "control"  # the kind of the site from which the cluster is run
# The connection with what our backend adds to it, of which Django's types know nothing.
connection: Any = django_connection


class Side(StrEnum):
    """Whom a request's host serves."""

    PUBLIC = "public"
    ADMIN = "admin"
    UPLOADS = "uploads"
    PREVIEW = "preview"


@dataclass(frozen=True)
class Serving:
    """The request under way: its side, its path prefix, and the request itself."""

    side: Side
    prefix: str
    request: Any


_serving: ContextVar[Serving | None] = ContextVar("serving", default=None)


def serving() -> Serving | None:
    """The request under way, or None in a task or a command."""
    return _serving.get()


@contextmanager
def serve(side: Side, prefix: str, request: Any) -> Iterator[None]:
    """Say for the length of the block which request is under way."""
    token = _serving.set(Serving(side, prefix, request))
    try:
        yield
    finally:
        _serving.reset(token)


@dataclass(frozen=True)
class Address:
    """Where citizens find a site: a host, and a path prefix for a site below its portal.

    ``prefix`` is empty or starts with a slash and ends without one (guideline 2017-47, B.1, B.3).
    """

    host: str
    prefix: str = ""
    scheme: str = "http"
    port_suffix: str = ""

    @property
    def root_url(self) -> str:
        """Scheme, host and port, without the prefix."""
        return f"{self.scheme}://{self.host}{self.port_suffix}"

    def url(self, path: str = "/") -> str:
        """The absolute address of ``path``, which starts with a slash, within the site."""
        return f"{self.root_url}{self.prefix}{path}"


class Tenant(Protocol):
    """What any part of the platform may know about a site."""

    @property
    def id(self) -> int: ...
    @property
    def uuid(self) -> UUID: ...
    @property
    def code(self) -> str: ...
    @property
    def schema_name(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def parent_id(self) -> int | None: ...
    @property
    def state(self) -> str: ...
    @property
    def theme(self) -> str: ...
    @property
    def plugins(self) -> frozenset[str]: ...
    @property
    def behind(self) -> bool: ...
    @property
    def second_factor(self) -> bool: ...
    @property
    def max_items(self) -> int | None: ...
    @property
    def is_blueprint(self) -> bool: ...
    @property
    def visible(self) -> bool: ...
    @property
    def version(self) -> str: ...
    @property
    def address(self) -> Address | None: ...
    @property
    def addresses(self) -> tuple[Address, ...]: ...
    @property
    def admin_url(self) -> str: ...
    @property
    def uploads_url(self) -> str: ...
    @property
    def parent(self) -> "Tenant | None": ...
    @property
    def children(self) -> "tuple[Tenant, ...]": ...


class Directory(Protocol):
    """Knows every site of the cluster; `tenants.apps` puts its own in place at start-up."""

    def sites(self) -> Sequence[Tenant]: ...
    def touch(self, site_id: int) -> None: ...
    def reread(self, site_id: int) -> Tenant: ...
    def version(self) -> str: ...


_directory: Directory | None = None


def use_directory(directory: Directory) -> None:
    """Say who knows the sites."""
    global _directory
    _directory = directory


def all_sites() -> list[Tenant]:
    """Every site that hasn't been removed, by code; no query while the directory is warm.

    Those that are only edited as templates of new ones are left out.
    """
    return [site for site in _standing() if not site.is_blueprint]


def _standing() -> list[Tenant]:
    return [] if _directory is None else [s for s in _directory.sites() if s.state != "removed"]


def reread(site: Tenant) -> Tenant:
    """What the database says of ``site`` now, by a query; the directory may be a second behind."""
    return site if _directory is None else _directory.reread(site.id)


def find_sites(ids: Iterable[int]) -> list[Tenant]:
    """The sites with these ids that haven't been removed, by code, templates included."""
    wanted = set(ids)
    return [site for site in _standing() if site.id in wanted]


def touch() -> None:
    """Let every process forget within a second what it has cached of the active site.

    Takes effect when the transaction commits; nothing happens in the shared schema.
    """
    tenant = current_tenant()
    if tenant is not None and _directory is not None:
        _directory.touch(tenant.id)


def below(tops: Iterable[int]) -> frozenset[int]:
    """Ids of these sites and of all sites below them that haven't been removed."""
    children: dict[int | None, list[int]] = {}
    for site in all_sites():
        children.setdefault(site.parent_id, []).append(site.id)
    found: set[int] = set()
    waiting = list(tops)
    while waiting:
        site_id = waiting.pop()
        if site_id not in found:
            found.add(site_id)
            waiting += children.get(site_id, [])
    return frozenset(found)


def above(sites: Iterable[int]) -> frozenset[int]:
    """Ids of these sites and of all sites above them."""
    parents = {site.id: site.parent_id for site in all_sites()}
    found: set[int] = set()
    for site_id in sites:
        place: int | None = site_id
        while place is not None and place not in found:
            found.add(place)
            place = parents.get(place)
    return frozenset(found)


Kept = TypeVar("Kept")


def until_touched(read: Callable[[], Kept]) -> Callable[[], Kept]:
    """Let a process keep what ``read`` returns until any site changes or is touched.

    For what sites tell one another through the shared schema: whoever writes it calls `touch` in
    the same transaction, and every process reads it anew within a second.
    """
    kept: tuple[str, Kept] | None = None

    @wraps(read)
    def reading() -> Kept:
        nonlocal kept
        version = _directory.version() if _directory else ""
        known = kept
        if known is None or known[0] != version:
            kept = known = version, read()
        return known[1]

    return reading


def cache_key(key: str, key_prefix: str, version: int) -> str:
    """The cache's name for ``key``: apart for each site, and new whenever the site's row or
    addresses change, so that a process keeps nothing that hangs on the old ones."""
    tenant = current_tenant()
    site = f"{tenant.schema_name}@{tenant.version}" if tenant else connection.schema_name
    return f"{site}:{key_prefix}:{version}:{key}"


def occupied_prefixes(address: Address) -> list[str]:
    """Where other sites begin below ``address``: paths within it, such as ``/zz/tong``."""
    return [
        place.prefix[len(address.prefix) :]
        for site in all_sites()
        for place in site.addresses
        if place.host == address.host and place.prefix.startswith(f"{address.prefix}/")
    ]


def current_tenant() -> Tenant | None:
    """The active tenant, or None in the shared schema."""
    tenant = connection.tenant
    return cast(Tenant, tenant) if hasattr(tenant, "code") else None


def required_tenant() -> Tenant:
    """The active tenant; raises LookupError in the shared schema."""
    tenant = current_tenant()
    if tenant is None:
        raise LookupError("No site is active here.")
    return tenant


def sees_all_sites() -> bool:
    """Is the active site the control site, whose reports hold the rows of all sites?"""
    tenant = current_tenant()
    return tenant is not None and tenant.kind == CONTROL


def is_shared_only(app_label: str) -> bool:
    """Do this app's tables exist in the shared schema alone?"""
    config = apps.get_app_config(app_label)
    names = {config.name, f"{config.__module__}.{type(config).__qualname__}"}
    return bool(names & set(settings.SHARED_APPS)) and not names & set(settings.TENANT_APPS)


@contextmanager
def tenant_context(tenant: Tenant) -> Iterator[None]:
    """Run the block in ``tenant``'s schema and return to the one before."""
    before: Any = connection.tenant
    connection.set_tenant(tenant)
    try:
        yield
    finally:
        connection.set_tenant(before)


@contextmanager
def shared_context() -> Iterator[None]:
    """Run the block in the shared schema and return to the one before."""
    before: Any = connection.tenant
    connection.set_tenant(FakeTenant(PUBLIC_SCHEMA))
    try:
        yield
    finally:
        connection.set_tenant(before)
