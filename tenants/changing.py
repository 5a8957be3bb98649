"""What every change of a site's row has in common: the lock, the transaction, the audit entry."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sitecluster.audit.trail import record
from sitecluster.tenancy import shared_context

from . import directory
from .models import State, Tenant
from .provisioning import ProvisionError


@contextmanager
def changing(code: str) -> Iterator[Tenant]:
    """The site's row, locked; what the block does is one transaction.

    Raises `ProvisionError` for a site that doesn't exist or has been removed.
    """
    with shared_context(), transaction.atomic():
        standing = Tenant.objects.select_for_update().exclude(state=State.REMOVED)
        tenant = standing.filter(code=code).first()
        if tenant is None:
            raise ProvisionError([_("There is no site %(code)s.") % {"code": code}])
        yield tenant
        transaction.on_commit(directory.forget)


def note(
    act: str,
    site: directory.Site,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    why: Mapping[str, Any],
) -> None:
    """Record the act unless nothing has changed; ``why`` holds by, reason and document."""
    if before != after:
        record(act, site=site, subject=site.name, before=before, after=after, **why)
