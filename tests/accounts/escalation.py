"""Attempts to gain rights: what is tried, and who may do it.

An attempt asks one view to write, with every forged field that could matter. Whoever isn't in
``by`` must change nothing; whoever is, must succeed, or else the test proves nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from sitecluster.accounts.models import Invitation, User
from tenants.directory import Site

PASSWORD = "Zhongguo-2026"
MODULES = ("sitecluster.accounts", "wagtail.users", "wagtail.admin.views.account")
# Views of other modules that write accounts or rights.
OTHERS = {"wagtail_bulk_action"}
ROLES = (
    "site_admin",
    "reviewer",
    "editor",
    "column_maintainer",
    "without_group",
    "elsewhere",
    "anonymous",
    "admin_elsewhere",
    "admin_elsewhere_at_home",
)
PLATFORM_ADMIN = "platform_admin"
SIGNED_IN = {*ROLES, PLATFORM_ADMIN} - {"anonymous"}
INSIDE = SIGNED_IN - {"without_group", "elsewhere", "admin_elsewhere"}
# Columns that change with failures and with use.
NOT_RIGHTS = ("last_login", "throttling_failure_count", "throttling_failure_timestamp")
SHARED_TABLES = (
    "accounts_user",
    "accounts_membership",
    "accounts_invitation",
    "accounts_passwordrecord",
    "otp_totp_totpdevice",
    "otp_static_staticdevice",
    "otp_static_statictoken",
)
SITE_TABLES = (
    "auth_group",
    "auth_group_permissions",
    "rights_usergroup",
    "rights_userpermission",
    "wagtailcore_grouppagepermission",
    "wagtailcore_groupcollectionpermission",
    "wagtailcore_groupsitepermission",
    "wagtailcore_apitoken",
)


@dataclass
class World:
    """Two sites with their people; a role acts, the others are acted upon."""

    alpha: Site
    beta: Site
    actors: dict[str, User | None]
    colleague: User  # at home on alpha
    guest: User  # at home on beta, an editor of alpha
    root: User  # a platform admin who is a member of alpha
    stranger: User  # unknown on alpha
    groups: dict[str, int]
    wide: int  # a group that holds more than a site admin
    tokens: dict[str, int]
    invitation: Invitation
    links: dict[str, str]
    forms: dict[str, str]  # what the panels of the form of a group need
    client: Client = field(default_factory=Client)
    role: str = ""

    @property
    def actor(self) -> User:
        """Who acts; for whoever isn't signed in, somebody to be named in a form."""
        return self.actors[self.role] or self.colleague

    def post(self, path: str, **data: Any) -> Any:
        """Ask a view to write, with the forged fields beside what is given."""
        return self.client.post(path, {**self.forged(), **data})

    def forged(self) -> dict[str, Any]:
        """What a form might take from a request by mistake."""
        names = ("is_superuser", "is_staff", "is_active", "superuser", "new_link")
        return {
            **dict.fromkeys(names, "on"),
            "home_site": self.beta.id,
            "home": self.beta.id,
            "tenant": self.beta.id,
            "site": self.beta.id,
            "roles": "site_admin",
            "user_permissions": "1",
            "permissions": "1",
            "password": PASSWORD,
            "password1": "Evil-2026-x",
            "password2": "Evil-2026-x",
            "id": self.root.pk,
            "pk": self.root.pk,
            "user": self.root.pk,
            "added_by": self.root.pk,
            "suspended_at": "",
            "sessions_valid_from": "",
            "password_changed_at": "2000-01-01",
            "user_id": self.root.pk,
            "second_factor_since": "",
            "second_factor_required": "",
        }


Act = Callable[[World], Any]


@dataclass(frozen=True)
class Attempt:
    """One attempt. ``whose`` names the account whose address and password it may change,
    ``prepare`` what has to be there, ``proof`` how success shows where no row changes."""

    view: str
    act: Act
    by: frozenset[str]
    whose: Callable[[World], User] | None = None
    prepare: Act | None = None
    proof: Callable[[World, Any], bool] | None = None

    def __str__(self) -> str:
        return f"{self.view} {self.act.__name__}"


ATTEMPTS: list[Attempt] = []


def attempt(view: str, by: set[str], **more: Any) -> Callable[[Act], Act]:
    """Note an attempt on a view, named as in the addresses, which the roles ``by`` may do."""

    def note(act: Act) -> Act:
        ATTEMPTS.append(Attempt(view, act, frozenset(by), **more))
        return act

    return note


def rights_state(world: World) -> dict[str, list[str]]:
    """Every row that says who somebody is and what they may do, on both sites."""
    tables = list(SHARED_TABLES)
    tables += [
        f'"{site.schema_name}".{table}'
        for site in (world.alpha, world.beta)
        for table in SITE_TABLES
    ]
    state = {}
    with connection.cursor() as cursor:
        for table in tables:
            name = table if "." in table else f"public.{table}"
            cursor.execute(f"SELECT to_jsonb(t) - %s::text[] FROM {name} t", [list(NOT_RIGHTS)])
            state[table] = sorted(str(row) for (row,) in cursor.fetchall())
    return state


def powers(whose: User | None = None) -> dict[int, dict[str, Any]]:
    """What nobody but a platform admin may give, take or change, for each account; ``whose``
    address and password may differ."""
    columns = ("pk", "is_superuser", "home_site_id", "email", "password")
    found = {row.pop("pk"): row for row in User.everyone.values(*columns)}
    if whose is not None:
        for column in ("email", "password"):
            found[whose.pk].pop(column)
    return found


def account_views() -> set[str]:
    """The names of all views of an admin host that are about accounts and rights."""
    return {name for name, callback in _views(get_resolver()) if _is_ours(name, callback)}


def _is_ours(name: str, callback: Any) -> bool:
    return name in OTHERS or any(
        module == prefix or module.startswith(f"{prefix}.")
        for module in _modules(callback, set())
        for prefix in MODULES
    )


def _views(resolver: URLResolver, spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _views(pattern, inner)
        elif isinstance(pattern, URLPattern):
            yield ":".join((*spaces, pattern.name or str(pattern.pattern))), pattern.callback


def _modules(callback: Any, seen: set[int]) -> Iterator[str]:
    """The modules of a view and of all that decorators have wrapped."""
    if id(callback) in seen:
        return
    seen.add(id(callback))
    view: Any = getattr(callback, "view_class", None)
    if view is not None:
        yield from (base.__module__ for base in view.__mro__[:1])
    if isinstance(callback, FunctionType):
        yield callback.__module__
        for cell in callback.__closure__ or ():
            inner = cell.cell_contents
            if isinstance(inner, FunctionType):
                yield from _modules(inner, seen)
