"""Who stands behind a site: its name and the facts of `cms.SiteIdentity`, changed from above."""

from collections.abc import Mapping
from typing import Any

from django.forms import model_to_dict

from sitecluster.cms.addresses import sync_site
from sitecluster.cms.identity import SiteIdentity, faults
from sitecluster.tenancy import tenant_context

from . import directory
from .changing import changing, note
from .orders import name_faults
from .provisioning import ProvisionError, refuse_behind

NAME = "legal_name"
FIELDS = tuple(
    field.name
    for field in SiteIdentity._meta.concrete_fields
    if field.editable and not field.primary_key and not field.is_relation
)


def identity_of(site: directory.Site) -> dict[str, str]:
    """The facts of a site whose schema isn't behind, by field name; one query in its schema."""
    with tenant_context(site):
        row = SiteIdentity.objects.first() or SiteIdentity()
        return model_to_dict(row, fields=FIELDS)


def change_identity(
    code: str,
    values: Mapping[str, str],
    *,
    by: Any = None,
    reason: str = "",
    document: str = "",
) -> directory.Site:
    """Give the site these facts (names of `FIELDS`); its legal name is that of its row, too.

    Raises `ProvisionError` and then has changed nothing, FieldDoesNotExist for another name.
    """
    problems = [f"{label}: {fault}" for label, fault in faults(values)]
    if values.get(NAME) is not None:
        problems += name_faults(values[NAME])
    if problems:
        raise ProvisionError(problems)
    with changing(code) as tenant:
        refuse_behind(directory.record(tenant))
        tenant.name = values.get(NAME) or tenant.name
        tenant.save(update_fields=["name"])  # whatever is written, every process looks anew
        site = directory.record(tenant)
        before = identity_of(site)
        with tenant_context(site):
            SiteIdentity.objects.update(**values)
            sync_site(site)
        changed = [name for name in values if values[name] != before[name]]
        note(
            "site.identity_changed",
            site,
            {name: before[name] for name in changed},
            {name: values[name] for name in changed},
            {"by": by, "reason": reason, "document": document},
        )
    return site
