"""What to ask of each address: whose row, which search, filter, order, export."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.core import mail
from django.db import transaction

from .arguments import paths
from .asking import Answer, Packed, ask, cookies_kept, send
from .checksums import Sums, sums
from .cluster import Cluster
from .content import Filling
from .keys import OURS, THEIRS
from .marks import Mark
from .patterns import Place, places

SEARCHED = ("q", "search", "query", "term", "name")
LINK = re.compile(r'href="([^"?#]*)\?([^"#]+)"')
GET_FORM = re.compile(r"<form\b(?![^>]*method=\"post\")[^>]*>(.*?)</form>", re.S | re.I)
FIELD = re.compile(r'<(?:input|select|textarea)\b[^>]*\bname="([^"]+)"')
FOLLOWED = {"ordering", "p", "export"}
"""Parameters whose links are followed for their own sake."""

# What the screens themselves don't offer as a link or a form.
QUERIES: dict[str, tuple[dict[str, Any], ...]] = {
    "wagtailadmin_choose_page_chosen_multiple": ({"id": [OURS, THEIRS]}, {"id": THEIRS}),
    "wagtaildocs_chooser:chosen_multiple": ({"id": [OURS, THEIRS]}, {"id": THEIRS}),
    "wagtailimages_chooser:chosen_multiple": ({"id": [OURS, THEIRS]}, {"id": THEIRS}),
    "wagtail_bulk_action": (
        {"id": OURS},
        {"id": THEIRS},
        {"id": [OURS, THEIRS]},
        {"id": "all"},
        {"id": "all", "childOf": THEIRS, "q": "{needle}"},
    ),
    "wagtailadmin_choose_page": ({"page_type": "cms.articlepage"}, {"parent_page_id": THEIRS}),
    "wagtailadmin_api:pages:listing": (
        {"fields": "*", "limit": 20},
        {"fields": "*", "search": "{needle}"},
        {"child_of": THEIRS},
        {"descendant_of": THEIRS},
        {"ancestor_of": THEIRS},
        {"translation_of": THEIRS},
        {"id__in": THEIRS},
        {"order": "-id"},
        {"for_explorer": 1, "child_of": OURS},
    ),
    "wagtailadmin_api:pages:find": ({"id": OURS}, {"id": THEIRS}, {"html_path": "/{needle}/"}),
    "wagtailadmin_api:images:listing": (
        {"fields": "*"},
        {"search": "{needle}"},
        {"id__in": THEIRS},
    ),
    "wagtailadmin_api:images:find": ({"id": OURS}, {"id": THEIRS}),
    "wagtailadmin_api:documents:listing": (
        {"fields": "*"},
        {"search": "{needle}"},
        {"id__in": THEIRS},
    ),
    "wagtailadmin_api:documents:find": ({"id": OURS}, {"id": THEIRS}),
    "wagtailadmin_tag_autocomplete": ({"term": "{needle}"}, {"term": ""}),
    "wagtailadmin_tag_model_autocomplete": ({"term": "{needle}"}, {"term": ""}),
    "wagtailadmin_block_preview": ({"id": THEIRS},),
}
API_QUERIES: tuple[dict[str, Any], ...] = (
    {"search": "{needle}"},
    {"q": "{needle}"},
    {"id": THEIRS},
    {"id": OURS, "fields": "*"},
    {"child_of": THEIRS},
    {"descendant_of": THEIRS},
    {"ancestor_of": THEIRS},
    {"translation_of": THEIRS},
    {"order": "-id", "limit": 100},
    {"html_path": "/{needle}/"},
    {"fields": "*", "limit": 100},
)
LISTING = re.compile(r"index|results|listing|search|report|choose|history|usage|explore|list_")
SEARCHING = "platform_admin"
"""The role in which every filter and order is tried; the others see less of the same lists."""
COMPARED = {SEARCHING: re.compile(""), "site_admin": LISTING}
"""Roles and patterns whose answers are compared with those before the other site was filled."""


@dataclass
class Walk:
    """The answers to everything that was asked of one pattern in one role, by address."""

    answers: dict[str, Packed]


class Walker:
    """Somebody in one role, who asks of one pattern all there is to ask."""

    def __init__(self, cluster: Cluster, role: str) -> None:
        self.cluster, self.role = cluster, role
        self.person = cluster.people[role]
        self.browser = self.person.browser(cluster.here)

    def ask(self, path: str, method: str = "get", **kwargs: Any) -> Answer:
        """One request; with the role's token where the address is one of the API."""
        return ask(self.browser, path, method, **self._signed(path, kwargs))

    def send(self, path: str, method: str, **kwargs: Any) -> Answer:
        """One request whose writes stay, within the transaction of whoever asks."""
        return send(self.browser, path, method, **self._signed(path, kwargs))

    def attempt(self, path: str, method: str, **kwargs: Any) -> tuple[Answer, Sums]:
        """One request that may write, and what the other site holds after it; then undone."""
        mail.outbox = []
        with cookies_kept(self.browser), transaction.atomic():
            answer = send(self.browser, path, method, **self._signed(path, kwargs))
            after = sums(self.cluster.there)
            transaction.set_rollback(True)
        return answer, after

    def explore(self, place: Place) -> Walk:
        """Ask every address of the pattern, then what the answers offer to ask."""
        return Walk({answer.path: answer.packed() for answer in self.answers(place)})

    def answers(self, place: Place) -> Iterator[Answer]:
        """The answers to all that `explore` asks, one by one."""
        first = True
        for whose, path in self.paths(place):
            answer = self.ask(path)
            yield answer
            if first and whose in ("ours", "declared"):
                for query in self._queries(place, path, answer):
                    yield self.ask(f"{path}?{query}")
            first = False

    def paths(self, place: Place) -> list[tuple[str, str]]:
        """The addresses of a pattern; one of each kind for roles that see less."""
        found = paths(place, self.filling)
        if self.role == SEARCHING or place.name == "wagtail_bulk_action":
            return found
        kinds = {whose: (whose, path) for whose, path in reversed(found)}
        return list(reversed(kinds.values()))

    @property
    def filling(self) -> Filling:
        """What stands on the site that is walked."""
        assert self.cluster.our_filling is not None
        return self.cluster.our_filling

    def _signed(self, path: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        if not path.startswith("/api/"):
            return kwargs
        return {**kwargs, "headers": {"authorization": f"Bearer {self.person.token}"}}

    def _queries(self, place: Place, path: str, answer: Answer) -> Iterator[str]:
        mark, declared = self.cluster.theirs, QUERIES.get(place.name, ())
        if re.match(r"wagtailapi_v3:(list|find)_", place.name):
            declared = API_QUERIES
        for query in declared:
            yield _encoded(query, mark)
        if answer.status != 200 or "html" not in answer.headers.get("content-type", ""):
            return
        if LISTING.search(place.name) and not _has_results(place):
            yield _encoded({"q": mark.needle}, mark)
            if self.role == SEARCHING:
                yield from _offered(path, answer.text)
                yield from _filters(answer.text, mark)


def _has_results(place: Place) -> bool:
    """Has the list an address for its rows alone, which is the same view and asked instead?"""
    return f"{place.name}_results" in {each.name for each in places()}


def _encoded(query: dict[str, Any], mark: Mark) -> str:
    values = {
        key: value.replace("{needle}", mark.needle) if isinstance(value, str) else value
        for key, value in query.items()
    }
    return urlencode(values, doseq=True)


def _offered(path: str, text: str) -> Iterator[str]:
    """Orders, further pages and exports that the screen links to; one direction of an order."""
    seen = set()
    for target, query in LINK.findall(text):
        pairs = dict(parse_qsl(unescape(query)))
        if target not in ("", path) or not FOLLOWED & pairs.keys():
            continue
        sign = tuple(sorted((key, value.lstrip("-")) for key, value in pairs.items()))
        if sign not in seen:
            seen.add(sign)
            yield urlencode(pairs)


def _filters(text: str, mark: Mark) -> Iterator[str]:
    """Each field of the screen's forms that only read, with what is the other site's."""
    names = {name for form in GET_FORM.findall(text) for name in FIELD.findall(form)}
    for name in sorted(names - {"csrfmiddlewaretoken", "p"}):
        yield urlencode({name: mark.needle if name in SEARCHED else THEIRS})


def is_compared(place: Place, role: str) -> bool:
    """Are the answers compared with those from before the other site was filled?"""
    return role in COMPARED and bool(COMPARED[role].search(place.name))
