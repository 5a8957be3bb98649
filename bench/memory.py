"""Memory of the database server behind one connection that serves ever more sites.

A backend keeps what it has learned of every relation; connections are therefore replaced after
``SITES_PER_CONNECTION`` distinct sites. One connection goes round the sites; its memory contexts
are read just before it is replaced and at 10, 200 and all sites.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connections
from django.test import Client
from wagtail.models import Site

from sitecluster.accounts import membership
from sitecluster.cms.models import ArticlePage
from sitecluster.tenancy import tenant_context
from tenants import directory

from . import ours, pages, sites
from .report import heading, line, note

LIMIT_MB = 150
CONTEXTS = "SELECT sum(total_bytes) FROM pg_backend_memory_contexts"
PUBLIC = ("/", "/lm1/", "/lm1/20260601-0001/")
Visit = Callable[[int], None]


@dataclass
class Gauge:
    """Reads one connection's memory in MB: a fresh one's, the worst, and what a site adds."""

    worst: float = 0.0
    sites: int = 0  # served by the connection that is open
    replaced: int = 0
    a_site: float = 0.0
    fresh: float = field(init=False)

    def __post_init__(self) -> None:
        self.connection: Any = connections["default"]
        self.connection.close()
        self.fresh = self.read()
        self.close: Callable[[], None] = self.connection.close
        setattr(self.connection, "close", self._read_and_close)  # noqa: B010 -- a method

    def read(self) -> float:
        """The memory now."""
        with self.connection.cursor() as cursor:
            cursor.execute(CONTEXTS)
            now = float(cursor.fetchone()[0]) / 2**20
        self.worst = max(self.worst, now)
        if self.sites and not self.replaced:
            self.a_site = (now - self.fresh) / self.sites
        return now

    def stop(self) -> None:
        """Let the connection close as ever."""
        del self.connection.close

    def _read_and_close(self) -> None:
        if self.connection.connection is not None:
            self.read()
            self.replaced += 1
            self.sites = 0
        self.close()


def run(quick: bool) -> None:
    """Make the sites, go round them with public and with admin pages, print."""
    count = 300 if quick else 1000
    limit = settings.SITES_PER_CONNECTION
    heading(f"memory: one connection's contexts, SITES_PER_CONNECTION = {limit}")
    ours.prepare(1, count, analyze=False)
    editor = _Editor()
    rounds: tuple[tuple[str, Visit, int], ...] = (
        ("public pages", _read_pages, count),
        # Far enough to replace the connection several times: afterwards it only repeats itself.
        ("public and admin pages", editor.visit, min(count, max(200, limit))),
    )
    for label, visit, last in rounds:
        _go_round(label, visit, [*(n for n in (10, 200) if n < last), last])


def _go_round(label: str, visit: Visit, stops: Sequence[int]) -> None:
    gauge = Gauge()
    for number in range(1, stops[-1] + 1):
        visit(number)
        gauge.sites += 1
        if number in stops:
            now = gauge.read()
            line(
                f"{label}, {number} sites: worst so far (now)",
                f"{gauge.worst:.0f} MB ({now:.0f})",
                f"at most {LIMIT_MB} MB",
            )
    gauge.stop()
    fit = (LIMIT_MB - gauge.fresh) / gauge.a_site
    note(
        f"A fresh connection has {gauge.fresh:.1f} MB, a site adds {gauge.a_site:.2f} MB,"
        f" so {fit:.0f} would fit; the connection was replaced {gauge.replaced} times."
    )


def _read_pages(number: int) -> None:
    for path in PUBLIC:
        pages.get(number, path)


class _Editor:
    """A platform admin who opens the same screens on site after site."""

    def __init__(self) -> None:
        known = directory.snapshot().by_code
        with tenant_context(known["control"]):
            user, _ = membership.add_member("bench@example.org", known["control"], ["site_admin"])
            user.is_superuser = True
            user.save(update_fields=["is_superuser"])
        with tenant_context(known[sites.code(1)]):
            home, article = Site.objects.get().root_page_id, ArticlePage.objects.latest("pk").pk
        self.client = Client()
        with tenant_context(known["control"]):
            self.client.force_login(user)
        self.screens = (
            "/admin/",
            f"/admin/pages/{home}/",
            f"/admin/pages/{article}/edit/",
            "/admin/images/",
            "/admin/documents/",
        )

    def visit(self, number: int) -> None:
        """Read the public pages and open the screens of the ``number``-th site."""
        _read_pages(number)
        host = f"{sites.code(number)}.{settings.ADMIN_DOMAIN}"
        for path in self.screens:
            response = self.client.get(path, headers={"host": host})
            if response.status_code != 200:
                raise RuntimeError(f"{host}{path} answered {response.status_code}.")
