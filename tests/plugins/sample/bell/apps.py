from django.apps import AppConfig


class BellConfig(AppConfig):
    name = "bell"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import signals  # noqa: F401
