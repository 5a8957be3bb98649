"""What a copy of a site's rows loses before it becomes a blueprint, in the active schema.

People, drafts, pages without their rows and uploads that no page uses stay behind. The files of
those in use are kept once for all sites (`sitecluster.storage.disk.STARTER`), named by content.
"""

import hashlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import default_storage
from django.db import models
from django.utils.translation import gettext as _
from modelsearch.backends import get_search_backends
from modelsearch.index import get_indexed_models
from taggit.models import TaggedItem
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page, ReferenceIndex
from wagtail.search.models import IndexEntry

from sitecluster.cms.models import ArticlePage
from sitecluster.storage.disk import STARTER
from sitecluster.tenancy import connection, tenant_context

from . import directory
from .handing_on import handed_on
from .provisioning import ProvisionError

LONGEST_NAME = 60
# A blueprint shows what citizens see; nobody's draft, lock, date or comment.
LIVE_ALONE = """
UPDATE wagtailcore_page SET latest_revision_id = live_revision_id, draft_title = title,
    has_unpublished_changes = false, locked = false, locked_at = NULL, go_live_at = NULL,
    expire_at = NULL;
DELETE FROM wagtailcore_revision WHERE id NOT IN
    (SELECT live_revision_id FROM wagtailcore_page WHERE live_revision_id IS NOT NULL);
UPDATE wagtailcore_revision SET approved_go_live_at = NULL, content = content || '{
    "owner": null, "locked": false, "locked_at": null, "locked_by": null, "go_live_at": null,
    "expire_at": null, "has_unpublished_changes": false, "wagtail_admin_comments": []}'
"""

# Of what was left below each page, as treebeard keeps it.
NUMBER_OF_CHILDREN = """
WITH below AS (SELECT left(path, -4) AS above, count(*) AS number FROM wagtailcore_page GROUP BY 1)
UPDATE wagtailcore_page SET numchild =
    coalesce((SELECT number FROM below WHERE above = wagtailcore_page.path), 0)
"""


def clean(site: directory.Site, *, articles: bool) -> None:
    """Clean the active schema, a copy of what ``site`` hands on; its files are copied at once.

    Raises `ProvisionError` for a file that is missing.
    """
    if not articles:
        drop_pages(ArticlePage.objects.all())
    drop_pages(Page.objects.filter(depth__gt=1, live=False))
    drop_pages(Page.objects.filter(depth__gt=1, content_type__in=_types_without_rows()))
    with connection.cursor() as cursor:
        cursor.execute(LIVE_ALONE)
    for model, field in _fields(models.ForeignKey):
        if issubclass(field.related_model, get_user_model()):
            model._base_manager.update(**{field.name: None})
    for uploads in (get_image_model(), get_document_model()):
        _drop_unused(uploads)
    for model, field in _fields(models.FileField):
        _keep_files(site, model, field.name)


def drop_pages(unwanted: Any) -> None:
    """Drop these pages and what stands below them, by few statements however many they are.

    Wagtail's own deletion takes some 40 ms a page, and the site that is copied waits meanwhile.
    """
    dropped = _branches(unwanted)
    if not dropped:
        return
    with connection.cursor() as cursor:
        for model, field in _fields(models.ForeignKey):
            if not issubclass(field.related_model, Page):
                continue
            table, column = model._meta.db_table, field.column
            act = f'DELETE FROM "{table}"'
            if field.remote_field.on_delete is models.SET_NULL:
                act = f'UPDATE "{table}" SET "{column}" = NULL'
            cursor.execute(f'{act} WHERE "{column}" = ANY(%s)', [dropped])
        cursor.execute("DELETE FROM wagtailcore_page WHERE id = ANY(%s)", [dropped])
        cursor.execute(NUMBER_OF_CHILDREN)
    kind = ContentType.objects.get_for_model(Page)
    gone = ReferenceIndex.objects.filter(
        base_content_type=kind, object_id__in=list(map(str, dropped))
    )
    gone._raw_delete(gone.db)


def _branches(pages: Any) -> list[int]:
    """Ids of these pages and of all below them."""
    tops = set(pages.values_list("path", flat=True))
    found, last = [], ""
    for pk, path in Page.objects.order_by("path").values_list("pk", "path"):
        if path in tops and not (last and path.startswith(last)):
            last = path
        if last and path.startswith(last):
            found.append(pk)
    return found


def index_again() -> None:
    """Write the search index of the active schema anew; its texts hold the blueprint's tokens."""
    entries = IndexEntry.objects.all()
    entries._raw_delete(entries.db)
    for backend in get_search_backends():
        for model in get_indexed_models():
            if model._meta.db_table in handed_on() and not model._meta.proxy:
                found = model._base_manager.all()
                if issubclass(model, Page):
                    found = model.objects.exact_type(model)
                backend.add_bulk(model, found)


def _types_without_rows() -> list[ContentType]:
    """The page types whose tables aren't handed on."""
    tables = handed_on()
    found = [
        model
        for model in apps.get_models()
        if issubclass(model, Page) and model._meta.db_table not in tables
    ]
    return list(ContentType.objects.get_for_models(*found).values())


def _fields(kind: type[models.Field[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    """The fields of this kind in the tables that are handed on."""
    tables = handed_on()
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table in tables and not model._meta.proxy:
            for field in model._meta.local_fields:
                if isinstance(field, kind):
                    yield model, field


def _drop_unused(model: Any) -> None:
    """Rows alone: the files are the site's, and Django would delete them with the rows."""
    kind = ContentType.objects.get_for_model(model)
    used = ReferenceIndex.objects.filter(to_content_type=kind).values_list("to_object_id")
    unused = model.objects.exclude(pk__in=[int(pk) for (pk,) in used])
    ids = [str(pk) for pk in unused.values_list("pk", flat=True)]
    TaggedItem.objects.filter(content_type=kind, object_id__in=ids).delete()
    ReferenceIndex.objects.filter(content_type=kind, object_id__in=ids).delete()
    unused._raw_delete(unused.db)


def _keep_files(site: directory.Site, model: Any, field: str) -> None:
    rows = model._base_manager.exclude(**{f"{field}__startswith": STARTER}).exclude(**{field: ""})
    for pk, name in list(rows.exclude(**{field: None}).values_list("pk", field)):
        model._base_manager.filter(pk=pk).update(**{field: _kept(site, name)})


def _kept(site: directory.Site, name: str) -> str:
    """Keep a file of ``site`` for all sites; returns its name there."""
    try:
        with tenant_context(site), default_storage.open(name) as file:
            data = file.read()
    except OSError:
        text = _("The file %(name)s of %(site)s is missing, but a page uses it.")
        raise ProvisionError([text % {"name": name, "site": site.name}]) from None
    path = PurePosixPath(name)
    short = path.stem[: LONGEST_NAME - len(path.suffix)] + path.suffix
    kept = f"{STARTER}{hashlib.sha256(data).hexdigest()[:24]}/{short}"
    target = settings.MEDIA_ROOT / kept
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.part")
        part.write_bytes(data)
        part.replace(target)
    return kept
