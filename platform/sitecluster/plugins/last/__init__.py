"""The last app to start; a package, since Django looks for migrations in every app."""

from django.apps import AppConfig


class LastConfig(AppConfig):
    """Its `ready` runs after that of every plugin."""

    name = "sitecluster.plugins.last"
    label = "plugins_last"

    def ready(self) -> None:
        from sitecluster.plugins import receivers  # noqa: PLC0415 -- needs the models

        receivers.install()
