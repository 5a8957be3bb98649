"""What of the cluster's shared tables belongs to the backup of one site, table by table.

A test demands the decision for each shared table. The tables of a site's own schema are backed up
whole but for the rows of EMPTIED.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import ForeignKey, Model

from sitecluster.plugins.registry import installed
from sitecluster.tenancy import is_shared_only

# Shared tables whose rows of a site go into its file, by the column that names the site.
CARRIED: dict[str, str] = {
    "library_item": "tenant_id",
    "accounts_membership": "tenant_id",
    "tenants_clearance": "tenant_id",
}

IN_MANIFEST = "stands in the manifest"
TRAIL = "tells what was done, and stays where it is"
PERSON = "belongs to a person and not to a site"
RULE = "is the same for every site"
WORK = "work under way, which ends by itself"
CLUSTER = "the cluster's decision about the site, which outlives its content"
MADE_AGAIN = "is made again from the site"
LEFT: dict[str, str] = {
    "tenants_tenant": IN_MANIFEST,
    "tenants_domain": IN_MANIFEST,
    "tasks_appointment": MADE_AGAIN,
    "tenants_usage": MADE_AGAIN,
    "tenants_backup": "names the files themselves",
    "tenants_pause": CLUSTER,
    "accounts_delegation": CLUSTER,
    "console_shared_opening": CLUSTER,
    "accounts_invitation": WORK,
    "console_shared_batch": WORK,
    "console_shared_batchitem": WORK,
    "tasks_queuedtask": WORK,
    "django_tasks_database_dbtaskresult": WORK,
    "tasks_period": WORK,
    "accounts_user": PERSON,
    "accounts_passwordrecord": PERSON,
    "accounts_sentlink": PERSON,
    "otp_static_staticdevice": PERSON,
    "otp_static_statictoken": PERSON,
    "otp_totp_totpdevice": PERSON,
    "django_session": PERSON,
    "audit_entry": TRAIL,
    "audit_seal": TRAIL,
    "audit_unsealed": TRAIL,
    "axes_accessattempt": TRAIL,
    "axes_accessattemptexpiration": TRAIL,
    "axes_accessfailurelog": TRAIL,
    "axes_accesslog": TRAIL,
    "django_content_type": RULE,
    "django_migrations": RULE,
    "library_columntype": RULE,
    "tenants_blueprint": RULE,
    "tenants_gate": RULE,
    "tenants_limit": RULE,
}

# Tables of a site's schema whose rows stay behind, with the reason.
EMPTIED: dict[str, str] = {
    "wagtailcore_apitoken": "keys that are revoked today must not open doors again",
    "wagtailadmin_editingsession": "who has which screen open",
}
# Tables of a site's schema that say who may do what: a restored site follows its members.
RIGHTS = ("rights_usergroup", "rights_userpermission")


def carried() -> dict[str, str]:
    """As CARRIED, with what the installed plugins declare; their rows have a ``tenant_id``."""
    declared = [table for plugin in installed().values() for table in plugin.manifest.backed_up]
    return CARRIED | dict.fromkeys(declared, "tenant_id")


def model_of(table: str) -> type[Model] | None:
    """The shared model of this table, if the code has one."""
    models = (model for model in apps.get_models() if model._meta.db_table == table)
    return next(models, None)


def columns_of_people() -> Iterator[tuple[Any, Any]]:
    """Each model of the sites' schemas with a field of it that names an account."""
    for model in apps.get_models(include_auto_created=True):
        if is_shared_only(model._meta.app_label) or model._meta.proxy:
            continue
        for field in model._meta.local_fields:
            target: Any = field.related_model if isinstance(field, ForeignKey) else None
            if target is not None and target._meta.label == settings.AUTH_USER_MODEL:
                yield model, field
