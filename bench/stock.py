"""Takes back, in plain Wagtail's process, what the platform puts in the place of Wagtail's own."""

from typing import Any

from django.apps import AppConfig
from django.db.backends.postgresql.base import DatabaseWrapper

REPLACED = ("get_url_parts", "get_url", "get_full_url", "url", "full_url")


class StockConfig(AppConfig):
    """Stands last among the apps: remembers before, restores after the others are ready."""

    name = "bench"
    label = "bench"
    stock: dict[str, Any]

    def import_models(self) -> None:
        super().import_models()
        from wagtail.models import AbstractPage  # noqa: PLC0415 -- models aren't loaded before

        self.stock = {name: AbstractPage.__dict__[name] for name in REPLACED}

    def ready(self) -> None:
        from wagtail import hooks  # noqa: PLC0415 -- needs settings
        from wagtail.models import AbstractPage  # noqa: PLC0415 -- models aren't loaded before

        from sitecluster.plugins import gate  # noqa: PLC0415 -- needs settings

        hooks.get_hooks = gate.stock_hooks
        for name, value in self.stock.items():
            setattr(AbstractPage, name, value)
        # What `sitecluster.tenancy` asks a connection for: no site, one schema.
        DatabaseWrapper.tenant = None  # type: ignore[attr-defined]
        DatabaseWrapper.schema_name = "public"  # type: ignore[attr-defined]
