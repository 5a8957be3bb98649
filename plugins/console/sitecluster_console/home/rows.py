"""What the console's home says of each site, gathered for many sites at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from sitecluster.accounts.models import Membership
from sitecluster.library.models import Item
from sitecluster.plugins.registry import installed
from sitecluster.tasks.claiming import Status
from sitecluster.tasks.models import QueuedTask
from sitecluster.theming.catalogue import themes
from tenants import directory
from tenants.models import Tenant, Usage

from .tree import Spot

AT_ONCE = 500
STRUCTURE = ("home", "column")
"""Kinds of items that hold others and are no news when they are published."""


@dataclass(frozen=True)
class Row:
    """One site with its figures; ``known`` is None where the directory is a second behind."""

    site: Tenant
    known: directory.Site | None
    spot: Spot
    usage: Usage | None
    items: int
    this_week: int
    updated_at: datetime | None
    members: int
    failed_tasks: int

    @property
    def pk(self) -> int:
        return self.site.pk

    @property
    def used_bytes(self) -> int | None:
        """Bytes of uploads; None where nothing was measured yet."""
        return self.usage.file_bytes if self.usage else None

    @property
    def address(self) -> str:
        """Where citizens find it."""
        place = self.known.address if self.known else None
        return place.url() if place else ""

    @property
    def theme(self) -> str:
        """The theme's name in the reader's language."""
        theme = themes().get(self.site.theme)
        return theme.title(get_language() or "") if theme else self.site.theme

    @property
    def plugins(self) -> list[str]:
        """What the plugins that are on are called."""
        known = installed()
        return [str(known[name].manifest.title) for name in self.site.plugins if name in known]

    @property
    def behind(self) -> bool:
        """Does its schema wait for an upgrade?"""
        return bool(self.known and self.known.behind)


def monday() -> datetime:
    """The beginning of this week, local time."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=today.weekday())


def rows(sites: QuerySet[Tenant], ids: Sequence[int], spots: dict[int, Spot]) -> Iterator[Row]:
    """The rows of those of ``sites`` that have these ids, in their order; four queries a chunk."""
    for start in range(0, len(ids), AT_ONCE):
        yield from _chunk(sites, ids[start : start + AT_ONCE], spots)


def _chunk(sites: QuerySet[Tenant], ids: Sequence[int], spots: dict[int, Spot]) -> Iterator[Row]:
    found = {site.pk: site for site in sites.filter(pk__in=ids).select_related("usage")}
    published = _published(ids)
    members = _counts(Membership.objects.filter(ended_at=None), ids)
    failed = _counts(QueuedTask.objects.filter(status=Status.FAILED), ids)
    known = directory.snapshot().by_id
    for site_id in ids:
        if site_id not in found:  # gone since it was counted
            continue
        site = found[site_id]
        items = published.get(site_id, {})
        yield Row(
            site=site,
            known=known.get(site_id),
            spot=spots[site_id],
            usage=getattr(site, "usage", None),
            items=items.get("items", 0),
            this_week=items.get("this_week", 0),
            updated_at=items.get("updated_at"),
            members=members.get(site_id, 0),
            failed_tasks=failed.get(site_id, 0),
        )


def _published(ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    live = Item.objects.filter(tenant_id__in=ids, withdrawn_at=None).order_by()
    news = ~Q(kind__in=STRUCTURE)
    figures = live.values("tenant_id").annotate(
        items=Count("pk"),
        this_week=Count("pk", filter=news & Q(published_at__gte=monday())),
        updated_at=Max("updated_at", filter=news),
    )
    return {row["tenant_id"]: dict(row) for row in figures}


def _counts(found: QuerySet[Any], ids: Sequence[int]) -> dict[int, int]:
    counted = found.filter(tenant_id__in=ids).order_by().values("tenant_id")
    return dict(counted.annotate(count=Count("pk")).values_list("tenant_id", "count"))
