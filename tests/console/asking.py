"""What to ask of every address of the console, with whose rows."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import urlencode

from sitecluster_console.batches.bulk_acts import ACTS as BULK_ACTS
from sitecluster_console.shared.models import Batch
from tenants.life.steps import ACTS
from tests.isolation.patterns import Place, places

from .branches import Branch

NAMESPACE = "console:"
NOBODYS = "3f1d6a0e-0000-4000-8000-000000000000"
PARAMETER = re.compile(r"([\w-]+)/\{(\w+)\}")
# The word before a parameter that names a row -> the row.
KEYS = {
    "sites": "site",
    "people": "person",
    "openings": "opening",
    "batches": "batch",
    "delegations": "delegation",
    "asked": "invitation",
    "backups": "backup",
    "addresses": "domain",
}
# The word before a parameter that is no row -> its values.
WORDS: dict[str, tuple[str, ...]] = {
    "plugins": ("board", "chime"),
    "act": tuple(ACTS),
    "gates": ("approval", "icp"),
    "limits": ("offline-days",),
    "blueprints": ("township",),
    "bulk": tuple(BULK_ACTS),
    "restorations": (NOBODYS,),
}
# Parameters that stand behind one that names a row.
BEHIND: dict[str, tuple[str, ...]] = {"console:address": ("primary", "redirect", "show", "drop")}
# Screens of sites that are chosen by the query.
CHOSEN = {"console:bulk", "console:bulk_act"}


class Uncovered(AssertionError):
    """An address that the matrix doesn't know how to fill in."""


def console_places() -> list[Place]:
    """Every address of the console, as the resolver knows them."""
    return [place for place in places() if place.name.startswith(NAMESPACE)]


def addresses(place: Place, branch: Branch) -> Iterator[str]:
    """The place's addresses with rows of ``branch``; raises `Uncovered`."""
    before = {name: word for word, name in PARAMETER.findall(place.template)}
    values = [_values(place, name, before.get(name, ""), branch) for name in place.parameters]
    for chosen in product(*values):
        path = place.path(dict(zip(place.parameters, chosen, strict=True)))
        yield f"{path}?site={branch.site.id}" if place.name in CHOSEN else path


def _values(place: Place, name: str, word: str, branch: Branch) -> list[Any]:
    if word in KEYS and name.endswith(("pk", "id")):
        return branch.keys(KEYS[word])
    if word in WORDS:
        return list(WORDS[word])
    if place.name in BEHIND:
        return list(BEHIND[place.name])
    raise Uncovered(f"The matrix doesn't know what {name} is in {place.label}.")


def names_rows(place: Place) -> bool:
    """Does the address name a row of some branch?"""
    words = {
        word for word, name in PARAMETER.findall(place.template) if name.endswith(("pk", "id"))
    }
    return bool(words & KEYS.keys())


def is_batch_table(name: str) -> bool:
    """A table whose rows are of whoever made them, not of a site."""
    return name == f"public.{Batch._meta.db_table}"


def choosing(path: str, foreign: Branch) -> str:
    """The address with a site of the foreign branch chosen as well, where sites are chosen."""
    return f"{path}&site={foreign.site.id}" if "?" in path else path


def asked(path: str, query: dict[str, Any]) -> str:
    """The address with this query as well."""
    return f"{path}{'&' if '?' in path else '?'}{urlencode(query, doseq=True)}" if query else path
