"""System checks: what is wrong with a plugin is named at start-up, not in front of citizens."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, register as register_check
from django.utils.module_loading import import_string

from sitecluster.tenancy import is_shared_only

from . import discovery
from .registry import apps_of, installed
from .slots import SLOTS


def register() -> None:
    """Let `manage.py check`, and every command that checks, see the plugins."""
    for check in (broken_plugins, foreign_tables, foreign_rows, broken_slots):
        register_check(check, Tags.compatibility)


def broken_plugins(**kwargs: Any) -> list[CheckMessage]:
    """E001: a plugin that was left out."""
    return [Error(problem, id="plugins.E001") for problem in discovery.found().problems]


def foreign_tables(**kwargs: Any) -> list[CheckMessage]:
    """E002: a plugin hands on a table that isn't one of its own in a site's schema."""
    return [
        Error(
            f"Plugin {label}: it hands on {table}, which is no table of its own.", id="plugins.E002"
        )
        for label, config in installed().items()
        for table in config.manifest.handed_on
        if table not in _tables(label)
    ]


def foreign_rows(**kwargs: Any) -> list[CheckMessage]:
    """E004: a plugin has rows backed up that aren't of its shared app, or name no site."""
    return [
        Error(
            f"Plugin {label}: it has {table} backed up, which is no shared table of its own with a "
            "tenant_id.",
            id="plugins.E004",
        )
        for label, config in installed().items()
        for table in config.manifest.backed_up
        if table not in _shared_tables(label)
    ]


def broken_slots(**kwargs: Any) -> list[CheckMessage]:
    """E003: a plugin fills a slot that doesn't exist, or with a function that doesn't."""
    return [
        Error(f"Plugin {label}: {problem}.", id="plugins.E003")
        for label, config in installed().items()
        for slot, path in config.manifest.slots.items()
        for problem in _slot_problems(slot, path)
    ]


def _tables(plugin: str) -> set[str]:
    return {
        model._meta.db_table
        for app in apps_of(plugin)
        if not is_shared_only(app)
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    }


def _shared_tables(plugin: str) -> set[str]:
    """Those whose rows name their site."""
    return {
        model._meta.db_table
        for app in apps_of(plugin)
        if is_shared_only(app)
        for model in apps.get_app_config(app).get_models()
        if "tenant_id" in {field.column for field in model._meta.local_fields}
    }


def _slot_problems(slot: str, path: str) -> Iterator[str]:
    if slot not in SLOTS:
        yield f"there is no slot {slot}, only {', '.join(SLOTS)}"
    try:
        import_string(path)
    except ImportError as error:
        yield f"what it puts into the slot {slot} can't be imported: {error}"
