"""Where a page may stand.

Columns go four levels deep (A-197); nothing may lie on an address that another site occupies
below the same host, nor on one that the platform itself answers.
"""

from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from sitecluster.tenancy import Tenant, current_tenant, occupied_prefixes

from .gates import PublicationRefused
from .listings import HOME_DEPTH
from .slugs import RESERVED

MAX_COLUMN_LEVEL = 4
Problem = str | Promise

TOO_DEEP = _("Columns may be {limit} levels deep; here this one would be at level {level}.")
RESERVED_NAME = _("“{slug}” is an address of the platform itself; choose another one.")
OCCUPIED = _("The address {path} belongs to another site.")


def placement_problems(page: Any, parent: Any) -> list[Problem]:
    """What stands against ``page`` with its branch below ``parent``; empty if nothing does.

    ``page`` may be new; its slug is the one it would have there.
    """
    problems = address_problems(page, parent)
    level = deepest_level(page, parent)
    if level > MAX_COLUMN_LEVEL:
        problems.append(format_lazy(TOO_DEEP, limit=MAX_COLUMN_LEVEL, level=level))
    path = _path_below_home(parent.url_path + page.slug)
    problems += [
        format_lazy(OCCUPIED, path=taken)
        for taken in _occupied(current_tenant())
        if _branch_reaches(page, path, taken)
    ]
    return problems


def address_problems(page: Any, parent: Any) -> list[Problem]:
    """What stands against the address that ``page`` itself has below ``parent``; no query."""
    problems: list[Problem] = []
    if parent.depth == HOME_DEPTH and page.slug in RESERVED:
        problems.append(format_lazy(RESERVED_NAME, slug=page.slug))
    path = _path_below_home(parent.url_path + page.slug)
    problems += [
        format_lazy(OCCUPIED, path=taken)
        for taken in _occupied(current_tenant())
        if path.startswith(taken)
    ]
    return problems


def deepest_level(page: Any, parent: Any) -> int:
    """The level that the deepest column of the branch ``page`` would have below ``parent``.

    First-level columns have level 1; 0 for a branch without columns.
    """
    if not page.holds_columns:
        return 0
    deepest = page.depth
    if not page._state.adding and page.numchild:
        below = type(page).objects.filter(path__startswith=page.path).order_by("-depth")
        deepest = below.values_list("depth", flat=True).first() or deepest
    return int(parent.depth - HOME_DEPTH + 1 + (deepest or 0) - (page.depth or 0))


def refuse_misplacing(instance: Any, parent_page_after: Any, **kwargs: Any) -> None:
    """Raise PublicationRefused for a move to where the page may not stand."""
    page = instance.specific
    if not hasattr(page, "holds_columns") or page.is_child_of(parent_page_after):
        return
    problems = placement_problems(page, parent_page_after)
    if problems:
        raise PublicationRefused(page, problems)


def _path_below_home(url_path: str) -> str:
    """``/zz/tong/`` for the url_path ``/site/zz/tong``."""
    below = url_path.strip("/").partition("/")[2]
    return f"/{below}/" if below else "/"


def _occupied(tenant: Tenant | None) -> set[str]:
    addresses = tenant.addresses if tenant else ()
    return {f"{prefix}/" for address in addresses for prefix in occupied_prefixes(address)}


def _branch_reaches(page: Any, path: str, taken: str) -> bool:
    """Would one of the pages below ``page`` lie on what is taken?"""
    if path == "/" or page._state.adding or not page.numchild or not taken.startswith(path):
        return False
    wanted = page.url_path + taken[len(path) :]
    return bool(page.get_descendants().filter(url_path__startswith=wanted).exists())
