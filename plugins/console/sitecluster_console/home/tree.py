"""Where sites stand among one another, out of the directory: no query, however many there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sitecluster.accounts.models import Delegation
from tenants import directory
from tenants.models import State


@dataclass(frozen=True)
class Spot:
    """A site's place in the tree of the sites that a person sees."""

    depth: int
    above: str
    """Name of the site above, if the person sees it."""
    below: int
    """How many sites stand below it."""


def seen(user: Any, role: str = Delegation.Role.MANAGER) -> list[directory.Site]:
    """The sites of `policy.sites_of` as the directory knows them, by code."""
    branch = user.branch(role)
    return [
        site
        for site in directory.sites()
        if site.state != State.REMOVED
        and not site.is_blueprint
        and (branch is None or site.id in branch)
    ]


def spots(sites: list[directory.Site]) -> dict[int, Spot]:
    """Each site's place, in the order of the tree: a site, what is below it, the next one."""
    children: dict[int | None, list[directory.Site]] = {}
    known = {site.id: site for site in sites}
    for site in sites:
        parent = site.parent_id if site.parent_id in known else None
        children.setdefault(parent, []).append(site)
    found: dict[int, Spot] = {}
    counts: dict[int, int] = {}
    for site, depth in _walk(children):
        top = known.get(site.parent_id or 0)
        found[site.id] = Spot(depth, top.name if top else "", 0)
    for site_id in reversed(found):
        above = known[site_id].parent_id
        if above is not None and above in known:
            counts[above] = counts.get(above, 0) + counts.get(site_id, 0) + 1
    return {
        site_id: Spot(spot.depth, spot.above, counts.get(site_id, 0))
        for site_id, spot in found.items()
    }


def _walk(
    children: dict[int | None, list[directory.Site]],
) -> Iterator[tuple[directory.Site, int]]:
    waiting = [(site, 0) for site in reversed(children.get(None, []))]
    while waiting:
        site, depth = waiting.pop()
        yield site, depth
        waiting += [(child, depth + 1) for child in reversed(children.get(site.id, []))]
