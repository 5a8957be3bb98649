"""Emergency notices: what the platform learns of the plugin."""

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from sitecluster.plugins import Manifest, PluginConfig

if TYPE_CHECKING:
    from sitecluster.tenancy import Tenant

RIGHTS = tuple(f"alerts_shared.{act}_alert" for act in ("view", "add", "change", "delete"))


class AlertsPlugin(PluginConfig):
    name = "sitecluster_alerts"
    label = "alerts"
    verbose_name = _("Emergency notices")
    manifest = Manifest(
        title=_("Emergency notices"),
        summary=_("A banner on every page of a site and of the sites below it."),
        version="0.1.0",
        compatible=">=0.1,<1",
        default=True,
        shared_app="sitecluster_alerts.apps.AlertsShared",
        backed_up=("alerts_shared_alert",),
        permissions={"site_admin": RIGHTS, "reviewer": RIGHTS},
        slots={"banner": "sitecluster_alerts.banner.banner"},
    )

    def ready(self) -> None:
        from sitecluster.audit import acts

        from .shared.models import Alert

        titles = {"set": _("Emergency notice set"), "deleted": _("Emergency notice deleted")}
        acts.register(
            {f"alert.{act}": title for act, title in titles.items()},
            {field.name: field.verbose_name for field in Alert._meta.fields},
        )

    def on_purge(self, tenant: "Tenant") -> None:
        from .shared.models import Alert  # models come after the apps

        Alert.everywhere.filter(tenant_id=tenant.id).delete()


class AlertsShared(AppConfig):
    """The one table: in the shared schema, since sites read the notices of those above them."""

    name = "sitecluster_alerts.shared"
    label = "alerts_shared"
    verbose_name = _("Emergency notices")
    default_auto_field = "django.db.models.BigAutoField"
