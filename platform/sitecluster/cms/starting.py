"""The first moment of a site that has just been made from its blueprint."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.db import connection
from django.utils import timezone
from wagtail.models import Page, Site

from sitecluster.library import register
from sitecluster.library.register import Entry
from sitecluster.tenancy import Tenant

from .addresses import sync_site
from .articles import ArticlePage
from .entries import live_entries
from .identity import SiteIdentity
from .register_fields import LibraryFields, revision_hash

# Starter pages were published when the blueprint was made; here they are published now.
NOW = """
UPDATE wagtailcore_page SET first_published_at = %(now)s, last_published_at = %(now)s,
    latest_revision_created_at = %(now)s WHERE depth > 1;
UPDATE wagtailcore_revision SET created_at = %(now)s, content = content || jsonb_build_object(
    'first_published_at', %(now)s, 'last_published_at', %(now)s,
    'latest_revision_created_at', %(now)s)
"""


def library_rows() -> str:
    """The library rows of the active schema's live pages, as JSON for a blueprint."""
    return json.dumps([entry.as_json() for entry in live_entries()], ensure_ascii=False)


def moments() -> dict[str, int]:
    """The publish times of the active schema's articles, and how many minutes ago they are."""
    now = timezone.now()
    times = ArticlePage.objects.values_list("published_at", flat=True)
    return {time.isoformat(): round((now - time).total_seconds() / 60) for time in times if time}


def recent_moments() -> dict[str, int]:
    """As `moments`, the newest article counting as published when a site opens."""
    found = moments()
    latest = min(found.values(), default=0)
    return {moment: minutes - latest for moment, minutes in found.items()}


def begin(tenant: Tenant, identity: Mapping[str, str], library: str) -> None:
    """Fit the active schema, replayed a moment ago, to ``tenant``.

    ``identity`` are fields of its `SiteIdentity`; ``library`` is what `library_rows` gave for the
    blueprint, its words and uuids renewed.
    """
    sync_site(tenant)
    SiteIdentity.objects.update(legal_name=tenant.name, **identity)
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(NOW, {"now": now})
    entries = [Entry.from_json(data) for data in json.loads(library)]
    register.record(tenant.id, [_published(entry, now) for entry in entries])


def _published(entry: Entry, now: datetime) -> Entry:
    """The blueprint's entry as that of a page which is published now."""
    own_time = entry.published_at if entry.payload.get("published_at") else None
    fields = LibraryFields(
        summary=entry.summary,
        source=entry.source,
        published_at=own_time,
        metadata=entry.metadata,
    )
    return replace(
        entry,
        published_at=own_time or now,
        updated_at=now,
        revision_hash=revision_hash(fields, entry.payload),
    )


def page_at(path: str) -> str:
    """The title of the page that stands at ``path`` of the active site; "" if none does."""
    root = Site.objects.select_related("root_page").get(is_default_site=True).root_page
    url_path = root.url_path.rstrip("/") + path.rstrip("/") + "/"
    return Page.objects.filter(url_path=url_path).values_list("title", flat=True).first() or ""
