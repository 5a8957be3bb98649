from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TenantsConfig(AppConfig):
    name = "tenants"
    verbose_name = _("Sites")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sitecluster import tenancy
        from sitecluster.storage import quota

        from . import directory, usage
        from .backups import tasks  # noqa: F401 -- registers what recurs

        tenancy.use_directory(directory)
        quota.use_ledger(usage)
