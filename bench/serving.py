"""The same pages on plain single-schema Wagtail and here, from 10 sites and from 200.

Four web servers run at once, each on a database of its own; rounds of requests go to them in
turn, so that whatever else the machine does strikes all alike. Ratios are medians over rounds.
"""

import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path
from statistics import median
from typing import Any

from . import child, databases, load
from .report import heading, line, note
from .servers import Server, serve

FEW = 10
REQUESTS_A_ROUND = 400
WARMING_PASSES = 6  # a page is asked until each of the threads has most likely served it
PATHS = ("/", "/lm1/20260601-0001/")
# What may differ: whether a link within the site names its host and port, as Wagtail's do where
# there are many sites, the square code of such an address, and what Django adds to a file name that
# is taken.
CHANCE = re.compile(
    r"http://b\d{4}\.bench\.test(:\d+)?(?=/)"
    r'|(?<=<div class="share__code")[^>]*><svg.*?(?=</svg>)'
    r"|(?<=/bench)_\w{7}(?=\.)"
)


@dataclass
class Side:
    """One web server and what was measured on it."""

    sites: int
    server: Server
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)  # milliseconds a request

    def targets(self, requests: int) -> list[load.Target]:
        """Requests that go round the sites, home page and article by turns."""
        return [
            (
                f"b{number % self.sites + 1:04}.bench.test",
                PATHS[(number + number // self.sites) % len(PATHS)],
            )
            for number in range(requests)
        ]

    def warm(self) -> None:
        """Fill the caches of all processes and connections."""
        load.send(self.server.port, self.targets(self.sites * len(PATHS) * WARMING_PASSES))

    def measure(self) -> None:
        """One round."""
        before = self.server.cpu_seconds()
        self.rates.append(load.send(self.server.port, self.targets(REQUESTS_A_ROUND)))
        used = self.server.cpu_seconds() - before
        self.cpu.append(used / REQUESTS_A_ROUND * 1000)


def run(template: str, folder: Path, quick: bool) -> None:
    """Measure and print; ``template`` is the database to copy from."""
    many, rounds = (40, 3) if quick else (200, 5)
    heading(f"serving: home page and article, {FEW} and {many} sites, plain Wagtail and ours")
    with ExitStack() as stack:
        names = _fill(stack, template, folder, many)
        _compare_pages(names, folder)
        sides = {
            (kind, count): Side(count, stack.enter_context(serve(name, folder / kind, settings)))
            for (kind, count), (name, settings) in names.items()
        }
        for side in sides.values():
            side.warm()
        for number in range(rounds):
            order = list(sides.values())
            for side in order if number % 2 else reversed(order):
                side.measure()
        _print(sides, many)


Key = tuple[str, int]
Database = tuple[str, str]  # name, settings module


def _fill(stack: ExitStack, template: str, folder: Path, many: int) -> dict[Key, Database]:
    """Databases with few and with many sites, of either kind, with equal content."""
    found: dict[Key, Database] = {}
    for kind, settings, origin in (
        ("plain", child.PLAIN, "template0"),
        ("ours", child.OURS, template),
    ):
        source = origin
        for first, count in ((1, FEW), (FEW + 1, many)):
            name = stack.enter_context(databases.database(f"{kind}_{count}", source))
            env = child.environment(name, folder / kind, settings)
            child.run(kind, "prepare", env, first=first, last=count)
            found[kind, count] = name, settings
            source = name
    return found


def _compare_pages(names: Mapping[Key, Database], folder: Path) -> None:
    """Print the statements of each page; raises RuntimeError if the pages differ."""
    costs: dict[Key, dict[str, Any]] = {
        (kind, count): child.ask(
            "pages", "statements", child.environment(name, folder / kind, settings), last=count
        )
        for (kind, count), (name, settings) in names.items()
    }
    for count in sorted({count for _, count in names}):
        for path in PATHS:
            plain, ours = costs["plain", count][path], costs["ours", count][path]
            _require_equal(path, plain["body"], ours["body"])
            line(
                f"SQL statements, {count} sites, {path}",
                f"{ours['statements']}",
                f"plain {plain['statements']}, not one more",
            )
    note("One of ours a request carries the search path in front of it, in the same message.")


def _require_equal(path: str, plain: str, ours: str) -> None:
    expected, found = (CHANCE.sub("", body).splitlines() for body in (plain, ours))
    changes = "\n".join(unified_diff(expected, found, "plain", "ours", n=0, lineterm=""))
    if changes:
        raise RuntimeError(f"{path} differs between plain Wagtail and ours:\n{changes}")


def _print(sides: Mapping[Key, Side], many: int) -> None:
    for (kind, count), side in sides.items():
        line(
            f"{kind}, {count} sites: requests/s (CPU ms a request)",
            f"{median(side.rates):.1f} ({median(side.cpu):.2f})",
        )
    comparisons: tuple[tuple[str, Key, Key, str], ...] = (
        (f"ours / plain at {FEW} sites", ("ours", FEW), ("plain", FEW), "at least 0.97"),
        (f"ours / plain at {many} sites", ("ours", many), ("plain", many), ""),
        (f"ours at {many} / ours at {FEW}", ("ours", many), ("ours", FEW), "at least 0.97"),
        (f"plain at {many} / plain at {FEW}", ("plain", many), ("plain", FEW), "falls"),
    )
    for label, above, below, target in comparisons:
        a, b = sides[above], sides[below]
        rates = median(x / y for x, y in zip(a.rates, b.rates, strict=True))
        cpu = median(y / x for x, y in zip(a.cpu, b.cpu, strict=True) if x) if all(a.cpu) else 0.0
        line(f"requests/s, {label}", f"{rates:.3f}", target)
        line(f"requests a CPU second, {label}", f"{cpu:.3f}", target)
