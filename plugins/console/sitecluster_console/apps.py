"""The console: what the platform learns of the plugin."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from sitecluster.plugins import Manifest, PluginConfig, Scope


class ConsolePlugin(PluginConfig):
    name = "sitecluster_console"
    label = "console"
    verbose_name = _("Console")
    manifest = Manifest(
        title=_("Console"),
        summary=_("Platform admins and delegates run the cluster's sites in the browser."),
        version="0.1.0",
        compatible=">=0.1,<1",
        scope=Scope.PLATFORM,
        shared_app="sitecluster_console.apps.ConsoleShared",
    )

    def ready(self) -> None:
        from . import titles
        from .batches import work  # noqa: F401 -- registers what recurs

        titles.register()


class ConsoleShared(AppConfig):
    """Its tables, in the shared schema: they are about sites that may not exist yet."""

    name = "sitecluster_console.shared"
    label = "console_shared"
    verbose_name = _("Console")
    default_auto_field = "django.db.models.BigAutoField"
