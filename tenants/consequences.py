"""What would follow if a plugin were switched at a site, told before anybody does it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.utils.translation import pgettext_lazy
from wagtail.models import Page

from sitecluster.plugins.contract import Scope
from sitecluster.plugins.registry import installed
from sitecluster.rights.roles import ROLES
from sitecluster.tenancy import tenant_context

from . import directory, emptying
from .switching import requirements

NAMED = 10  # pages that are named; of the rest the number is told

ACTIONS = {
    "add": pgettext_lazy("permission", "add"),
    "change": pgettext_lazy("permission", "change"),
    "delete": pgettext_lazy("permission", "delete"),
    "view": pgettext_lazy("permission", "view"),
}


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """An installed plugin that sites may have, as it stands at one of them."""

    label: str
    title: str
    summary: str
    version: str
    on: bool


@dataclass(frozen=True, kw_only=True)
class Consequences:
    """What stands with or against it, in words and numbers for a person.

    ``missing`` plugins go on with it, ``dependents`` have to go off before; ``rights`` are names of
    roles -> names of the permissions they get; ``live`` are titles of pages of its types that are
    live, and ``live_count`` their number; ``rows`` are what a deletion would take, by kind.
    """

    missing: list[str] = field(default_factory=list)
    dependents: list[str] = field(default_factory=list)
    rights: Mapping[str, list[str]] = field(default_factory=dict)
    live: list[str] = field(default_factory=list)
    live_count: int = 0
    rows: Mapping[str, int] = field(default_factory=dict)


def plugins_of(site: directory.Site) -> list[Plugin]:
    """The plugins that can be switched, by title, and those that are on but no longer installed."""
    known = installed()
    found = [
        Plugin(
            label=label,
            title=str(config.manifest.title),
            summary=str(config.manifest.summary),
            version=config.manifest.version,
            on=label in site.plugins,
        )
        for label, config in known.items()
        if config.manifest.scope is Scope.TENANT
    ]
    gone = [
        Plugin(label=label, title=label, summary="", version="", on=True)
        for label in site.plugins - known.keys()
    ]
    return sorted([*found, *gone], key=lambda plugin: plugin.title)


def of_enabling(site: directory.Site, plugin: str) -> Consequences:
    """What goes on with it, and which roles get which rights."""
    missing = [name for name in requirements(plugin) if name not in site.plugins]
    rights: dict[str, list[str]] = {}
    with tenant_context(site):
        for label in (*missing, plugin):
            for role, permissions in installed()[label].manifest.permissions.items():
                rights.setdefault(ROLES[role].name, []).extend(map(_permission, permissions))
    return Consequences(missing=titles(missing), rights=rights)


def of_disabling(site: directory.Site, plugin: str) -> Consequences:
    """What stands against it: plugins that require it, live pages of its types."""
    dependents = [name for name in site.plugins if plugin in requirements(name)]
    with tenant_context(site):
        live = emptying.live_pages(emptying.apps_leaving(plugin, site.plugins))
    return Consequences(
        dependents=titles(sorted(dependents)),
        live=[page.title for page in live[:NAMED]],
        live_count=len(live),
    )


def of_purging(site: directory.Site, plugin: str) -> Consequences:
    """What it has left behind at the site."""
    rows: dict[str, int] = {}
    with tenant_context(site):
        for label in sorted(emptying.apps_of_its_own(plugin)):
            for model in apps.get_app_config(label).get_models():
                count = _count(model)
                if count:
                    rows[str(model._meta.verbose_name_plural)] = count
    return Consequences(rows=rows)


def titles(labels: list[str]) -> list[str]:
    """What the plugins are called; one that isn't installed by its label."""
    known = installed()
    return [str(known[label].manifest.title) if label in known else label for label in labels]


def _count(model: Any) -> int:
    """Rows of the model itself, not those of a page type that builds on it."""
    if model._meta.proxy:
        return 0
    if issubclass(model, Page):
        return int(Page.objects.exact_type(model).count())
    return int(model._base_manager.count())


def _permission(name: str) -> str:
    """The permission ``app.codename`` in words: what it is about, and what may be done."""
    app_label, _dot, codename = name.partition(".")
    action, _underscore, model = codename.partition("_")
    try:
        about = str(apps.get_model(app_label, model)._meta.verbose_name_plural)
    except LookupError:
        return name
    return f"{about}: {ACTIONS.get(action, action)}"
