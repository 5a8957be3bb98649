"""Every address pattern of the admin hosts, as the resolver knows them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from sitecluster.plugins.contract import Scope
from sitecluster.plugins.registry import bringers, installed, owner_of

ROUTE_PARAMETER = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
REGEX_PARAMETER = re.compile(r"\(\?P<(\w+)>[^()]*\)")
PLACEHOLDER = re.compile(r"\{(\w+)\}")
NOT_PLAIN = re.compile(r"[][()*+?|^$\\<>{}]")


@dataclass(frozen=True)
class Place:
    """One address pattern: its name, its route as it is written, and its view."""

    name: str
    route: str
    view: Any

    @property
    def label(self) -> str:
        """What names it in a failure."""
        return f"{self.name} {self.route}"

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of what stands between its slashes, in order."""
        return tuple(PLACEHOLDER.findall(self.template))

    @property
    def template(self) -> str:
        """The route with ``{name}`` for each parameter; what is left of a regex stays."""
        text = REGEX_PARAMETER.sub(r"{\1}", self.route)
        text = ROUTE_PARAMETER.sub(r"{\g<name>}", text)
        return text.replace(r"\.", ".").replace("^", "").replace("$", "")

    @property
    def plain(self) -> bool:
        """Can an address be made by filling in the parameters?"""
        return not NOT_PLAIN.search(PLACEHOLDER.sub("", self.template))

    @property
    def view_class(self) -> Any:
        """The class of its view, or None for a function."""
        return getattr(self.view, "view_class", None)

    def path(self, values: dict[str, Any]) -> str:
        """The address with these parameters."""
        return "/" + self.template.format(**values)


@cache
def places(urlconf: str = "sitecluster.project.urls_admin") -> tuple[Place, ...]:
    """All of them, in the order of the resolver; those of one name and route are one."""
    found = {(place.name, place.route): place for place in _walk(get_resolver(urlconf))}
    return tuple(found.values())


@cache
def of_the_control_site() -> frozenset[Place]:
    """Those of plugins that are on at the control site alone."""
    plugins = installed()
    return frozenset(
        place
        for place in places()
        if (label := owner_of(place.view))
        and all(plugins[name].manifest.scope is Scope.PLATFORM for name in bringers()[label])
    )


@cache
def places_of_sites() -> tuple[Place, ...]:
    """All others."""
    return tuple(place for place in places() if place not in of_the_control_site())


def _walk(resolver: Any, before: str = "", spaces: tuple[str, ...] = ()) -> Iterator[Place]:
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            space = (entry.namespace,) if entry.namespace else ()
            yield from _walk(entry, route, spaces + space)
        else:
            yield Place(":".join((*spaces, entry.name or "")), route, entry.callback)
