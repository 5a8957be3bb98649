import logging

from django.apps import AppConfig

logger = logging.getLogger(__name__)


class PluginsConfig(AppConfig):
    name = "sitecluster.plugins"
    label = "plugins"

    def ready(self) -> None:
        from . import checks, discovery, gate, page_types, screens

        for problem in discovery.found().problems:
            logger.error(problem)  # a web process makes no system checks

        gate.install()
        page_types.install()
        screens.install()
        checks.register()
