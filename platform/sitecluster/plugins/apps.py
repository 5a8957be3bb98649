from django.apps import AppConfig


class PluginsConfig(AppConfig):
    name = "sitecluster.plugins"
    label = "plugins"

    def ready(self) -> None:
        from . import checks, gate, page_types, screens

        gate.install()
        page_types.install()
        screens.install()
        checks.register()
