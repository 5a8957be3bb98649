"""Which plugins there are, which are on for the active site, and what belongs to which."""

from functools import lru_cache, partial
from types import MethodType
from typing import Any

from django.apps import apps
from django.db.models import Model

from sitecluster.tenancy import CONTROL, Tenant, current_tenant, reread

from .contract import PluginConfig, Scope

MARK = "plugin_app"  # what a hook of a plugin returns is marked with the app it is from


@lru_cache(maxsize=1)
def installed() -> dict[str, PluginConfig]:
    """The plugins of this process by label."""
    return {
        config.label: config
        for config in apps.get_app_configs()
        if isinstance(config, PluginConfig)
    }


@lru_cache(maxsize=1)
def bringers() -> dict[str, tuple[str, ...]]:
    """Label of every app that comes with plugins -> the plugins that bring it."""
    found: dict[str, tuple[str, ...]] = {}
    by_name = {config.name: config.label for config in apps.get_app_configs()}
    by_path = {
        f"{type(config).__module__}.{type(config).__qualname__}": config.label
        for config in apps.get_app_configs()
    }
    for label, plugin in installed().items():
        manifest = plugin.manifest
        brought = [*manifest.apps, *([manifest.shared_app] if manifest.shared_app else [])]
        for app in (label, *(by_name.get(path) or by_path.get(path, path) for path in brought)):
            found[app] = (*found.get(app, ()), label)
    return found


def apps_of(plugin: str) -> list[str]:
    """Labels of the apps that the plugin brings, its own first."""
    return [label for label, plugins in bringers().items() if plugin in plugins]


def is_on(label: str) -> bool:
    """Whether the app of this label, a plugin or not, is at work on the active site; no query.

    An app that doesn't come with a plugin always is, one that several bring if any of them is on.
    In the shared schema, where no site is active, no site's plugin is on.
    """
    plugins = bringers().get(label)
    return plugins is None or any(is_on_at(plugin, current_tenant()) for plugin in plugins)


def is_on_now(label: str, tenant: Tenant | None) -> bool:
    """As `is_on`, by what the database says of ``tenant`` at this moment, in one query."""
    now = reread(tenant) if tenant else None
    return any(is_on_at(plugin, now) for plugin in bringers().get(label, ()))


def is_on_at(plugin: str, tenant: Tenant | None) -> bool:
    """Whether an installed plugin is on at ``tenant``, or in the shared schema for None."""
    if installed()[plugin].manifest.scope is Scope.PLATFORM:
        return tenant is None or tenant.kind == CONTROL
    return tenant is not None and plugin in tenant.plugins


def owner_of(thing: Any) -> str | None:
    """Label of the app, of those that come with plugins, that a view, a hook's function, a model
    or any object is from; None for the platform's own.

    What a plugin makes for a model of the platform, and what the platform makes for a model of a
    plugin, are the plugin's.
    """
    while isinstance(thing, partial):
        thing = thing.func
    marked = getattr(thing, MARK, None)
    if isinstance(marked, str):
        return marked
    if isinstance(thing, MethodType):
        return owner_of(thing.__self__)
    view = getattr(thing, "view_class", None)
    models = [
        getattr(thing, "view_initkwargs", {}).get("model"),
        getattr(view or thing, "model", None),
        thing,
    ]
    for model in models:
        if isinstance(model, type) and issubclass(model, Model) and gated(model._meta.app_label):
            return model._meta.app_label
    module = getattr(view or thing, "__module__", None) or type(thing).__module__
    return owner_of_module(module)


def gated(label: str) -> bool:
    """Whether the app of this label comes with a plugin."""
    return label in bringers()


@lru_cache(maxsize=2048)
def owner_of_module(module: str) -> str | None:
    """As `owner_of`, for the dotted name of a module."""
    config = apps.get_containing_app_config(module)
    return config.label if config and gated(config.label) else None


def answers(thing: Any) -> bool:
    """Whether what ``thing`` is from is on for the active site."""
    label = owner_of(thing)
    return label is None or is_on(label)
