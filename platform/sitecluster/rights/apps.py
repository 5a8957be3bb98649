from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class RightsConfig(AppConfig):
    name = "sitecluster.rights"
    label = "rights"
    verbose_name = _("Rights")

    def ready(self) -> None:
        from .checks import unknown_roles

        register(unknown_roles, Tags.compatibility)
