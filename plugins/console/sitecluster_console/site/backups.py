"""Backups of a site on its page, and who sees which."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.translation import pgettext_lazy
from wagtail.admin.ui.components import Component

from sitecluster_console.policy import sites_of
from tenants.models import Backup, State, Tenant

from .cards import Card

RECENT = 3


def backups_of(user: Any) -> "QuerySet[Backup]":
    """The backups of the sites that the person runs; platform admins see those of removed ones."""
    every = Backup.objects.select_related("tenant", "created_by").order_by("-created_at", "-pk")
    return every if user.is_superuser else every.filter(tenant__in=sites_of(user))


def shown(rows: "QuerySet[Backup]", user: Any, *, with_site: bool = False) -> dict[str, Any]:
    """What the table of backups is drawn with."""
    found = list(rows)
    return {
        "backups": found,
        "with_site": with_site,
        "going": any(row.state == Backup.State.WAITING for row in found),
        "may_restore": user.is_superuser,
        "removed": State.REMOVED,
    }


class BackupsCard(Card):
    """The last backups, and a new one."""

    name = "backups"
    heading = pgettext_lazy("site", "Backups")
    icon = "download"
    body_template = "console/card_backups.html"

    def details(self) -> dict[str, Any]:
        rows = backups_of(self.user).filter(tenant=self.site)
        return {
            **shown(rows[:RECENT], self.user),
            "count": rows.count(),
            "list_url": reverse("console:backups", args=[self.site.pk]),
            "part": "recent",
        }


def card(site: Tenant, request: HttpRequest) -> Component:
    """The site's backups."""
    return BackupsCard(site, request)


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    from . import backup_views, restore_views  # noqa: PLC0415 -- they show what this module does

    return [*backup_views.urls(), *restore_views.urls()]
