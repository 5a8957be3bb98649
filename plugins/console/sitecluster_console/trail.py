"""Breadcrumbs of the screens about one site."""

from typing import Any

from django.urls import reverse
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from tenants.models import Tenant


def trail(site: Tenant, *labels: str) -> list[dict[str, Any]]:
    """Home, the list of sites, the site, and what is below it."""
    steps = [(reverse("console:site", args=[site.pk]), site.name), *(("", text) for text in labels)]
    if not labels:
        steps = [("", site.name)]
    items = [{"url": url, "label": label} for url, label in steps]
    return [*WagtailAdminTemplateMixin.breadcrumbs_items, *items]
