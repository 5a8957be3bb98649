from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CmsConfig(AppConfig):
    name = "sitecluster.cms"
    label = "cms"
    verbose_name = _("Content")

    def ready(self) -> None:
        from .interception import install

        install()
