from django.apps import AppConfig


class PluginsConfig(AppConfig):
    name = "sitecluster.plugins"
    label = "plugins"

    def ready(self) -> None:
        from . import checks, gate

        gate.install()
        checks.register()
