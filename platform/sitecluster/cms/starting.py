"""The first moment of a site that has just been made from its blueprint."""

from typing import Any

from django.db import connection
from wagtail.models import Page, Site

from sitecluster.tenancy import Tenant

from .addresses import sync_site
from .identity import SiteIdentity

# Starter pages were published when the blueprint was made; here they are published now.
NOW = """
UPDATE wagtailcore_page SET first_published_at = now(), last_published_at = now(),
    latest_revision_created_at = now() WHERE depth > 1;
UPDATE wagtailcore_revision SET created_at = now(), content = content || jsonb_build_object(
    'first_published_at', now(), 'last_published_at', now(), 'latest_revision_created_at', now())
"""


def begin(tenant: Tenant, site_id_code: str) -> None:
    """Fit the active schema, replayed a moment ago, to ``tenant``."""
    sync_site(tenant)
    SiteIdentity.objects.update(legal_name=tenant.name, site_id_code=site_id_code)
    with connection.cursor() as cursor:
        cursor.execute(NOW)


def page_at(path: str) -> str:
    """The title of the page that stands at ``path`` of the active site; "" if none does."""
    root = Site.objects.select_related("root_page").get(is_default_site=True).root_page
    url_path = root.url_path.rstrip("/") + path.rstrip("/") + "/"
    return Page.objects.filter(url_path=url_path).values_list("title", flat=True).first() or ""
