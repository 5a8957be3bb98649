"""What each site takes up, and how much it may.

The figures of uploads are measured once an hour and on demand, and in between the storage tells
every file that comes and goes, so they are right at any moment; what another program puts into
the folder, or a transaction that fails after its upload, is corrected by the next measurement.
The size in the database is as old as the measurement.
"""

from collections.abc import Sequence
from contextlib import closing
from typing import Any, cast

from django.core.files.storage import default_storage
from django.db import connection, connections
from django.db.models import F
from django.utils.translation import gettext as _, gettext_lazy

from sitecluster.storage.disk import TenantStorage
from sitecluster.storage.quota import Room
from sitecluster.tasks.periods import every
from sitecluster.tasks.queue import task
from sitecluster.tenancy import (
    Tenant as Place,
    all_sites,
    required_tenant,
    tenant_context,
)

from . import directory
from .changing import changing, note as record_change
from .models import Tenant, Usage
from .provisioning import ProvisionError

# A database server keeps in a connection's memory every table it was asked about.
SITES_A_CONNECTION = 100
LARGEST = {"max_bytes": 2**50, "max_items": 10**9}
SIZES = """
SELECT space.nspname, sum(pg_total_relation_size(relation.oid))::bigint
FROM pg_namespace AS space JOIN pg_class AS relation ON relation.relnamespace = space.oid
WHERE space.nspname = ANY(%s) AND relation.relkind IN ('r', 'm', 'S')
GROUP BY space.nspname
"""
ENTER = """
INSERT INTO tenants_usage (tenant_id, files, file_bytes, schema_bytes, measured_at)
SELECT id, 0, 0, 0, now() FROM unnest(%s::bigint[]) AS new (id) ON CONFLICT DO NOTHING
"""
# The difference is added, so that uploads of the meantime aren't lost.
CORRECT = """
UPDATE tenants_usage AS known SET
    files = greatest(known.files + new.files, 0),
    file_bytes = greatest(known.file_bytes + new.size, 0),
    schema_bytes = new.schema_bytes,
    measured_at = clock_timestamp()
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
    AS new (id, files, size, schema_bytes)
WHERE known.tenant_id = new.id
"""


def measure(site: Place) -> Usage:
    """Measure one site now."""
    _measure([site])
    return Usage.objects.get(pk=site.id)


@every(hours=1)
@task(title=gettext_lazy("Measuring what sites take up"), priority=-50)
def measure_all() -> None:
    """Measure every site that stands."""
    _measure(all_sites())


def _measure(sites: Sequence[Place]) -> None:
    """Folder by folder, and all figures written at the end, since rows that are
    written make uploads wait until the transaction ends."""
    stock = [_difference(site) for site in sites]
    sizes = schema_sizes([site.schema_name for site in sites])
    columns: list[list[Any]] = [
        [site.id for site in sites],
        [files for files, _size in stock],
        [size for _files, size in stock],
        [sizes.get(site.schema_name, 0) for site in sites],
    ]
    with connection.cursor() as cursor:
        cursor.execute(ENTER, columns[:1])
        cursor.execute(CORRECT, columns)


def _difference(site: Place) -> tuple[int, int]:
    """How many files and bytes there are more than the row says."""
    known = Usage.objects.filter(pk=site.id).values_list("files", "file_bytes").first()
    with tenant_context(site):
        files, size = cast(TenantStorage, default_storage).take_stock()
    return files - (known[0] if known else 0), size - (known[1] if known else 0)


def schema_sizes(names: Sequence[str]) -> dict[str, int]:
    """Bytes of these schemas in the database, indexes included, by name; one query for a hundred.

    Over connections of their own: what isn't committed isn't seen.
    """
    found: dict[str, int] = {}
    for start in range(0, len(names), SITES_A_CONNECTION):
        with closing(connections.create_connection("default")) as own, own.cursor() as cursor:
            cursor.execute(SIZES, [list(names[start : start + SITES_A_CONNECTION])])
            found |= dict(cursor.fetchall())
    return found


def set_quota(
    code: str,
    *,
    max_bytes: int | None,
    max_items: int | None,
    by: Any,
    reason: str,
    document: str = "",
) -> directory.Site:
    """Let the site take up so many bytes of uploads and have so many published items; None is no
    limit. What it has beyond a limit stays. Raises `ProvisionError` and then has changed nothing.
    """
    limits = {"max_bytes": max_bytes, "max_items": max_items}
    for name, value in limits.items():
        if value is not None and not 0 <= value <= LARGEST[name]:
            text = _("The limit must lie between 0 and %(largest)d.")
            raise ProvisionError([text % {"largest": LARGEST[name]}])
    with changing(code) as tenant:
        before = {name: getattr(tenant, name) for name in limits}
        tenant.max_bytes, tenant.max_items = max_bytes, max_items
        tenant.save(update_fields=list(limits))
        site = directory.record(tenant)
        why = {"by": by, "reason": reason, "document": document}
        record_change("site.quota_set", site, before, limits, why)
    return site


def room() -> Room | None:
    """See `sitecluster.storage.quota.Ledger`."""
    site_id = required_tenant().id
    found = Tenant.objects.filter(pk=site_id, max_bytes__isnull=False)
    row = found.values_list("max_bytes", "usage__file_bytes").first()
    most, used = row or (None, None)
    if most is None:
        return None
    if used is None:
        used = measure(required_tenant()).file_bytes
    return Room(used=used, most=most)


def note(files: int, size: int) -> None:
    """See `sitecluster.storage.quota.Ledger`. A site that wasn't measured yet has no row."""
    row = Usage.objects.filter(pk=required_tenant().id)
    row.update(files=F("files") + files, file_bytes=F("file_bytes") + size)
