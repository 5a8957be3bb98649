"""Which plugins are installed, by their entry points. Read with the settings.

What is broken is left out, so that everything else runs, and named by a system check.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from .contract import Manifest, PluginConfig, Scope

GROUP = "sitecluster.plugins"
PLATFORM = "sitecluster"  # the distribution


@dataclass
class Found:
    """The plugins that can run, by label, and what is wrong with those that can't."""

    plugins: dict[str, type[PluginConfig]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@lru_cache(maxsize=1)
def found() -> Found:
    """What this process runs with."""
    return discover(entry_points(group=GROUP), platform_version())


def platform_version() -> str:
    """The version of the installed platform."""
    try:
        return version(PLATFORM)
    except PackageNotFoundError:
        return "0"


def discover(entries: Iterable[EntryPoint], platform: str) -> Found:
    """Load ``entries`` in the order of their names, so that every process agrees."""
    result = Found()
    for entry in sorted(entries, key=lambda entry: (entry.name, entry.value)):
        try:
            config = _load(entry)
            _fit(entry.name, config, platform)
            if entry.name in result.plugins:
                raise _Broken("another plugin has the same name")
        except _Broken as problem:
            result.problems.append(f"Plugin {entry.name} ({entry.value}): {problem}.")
        else:
            result.plugins[entry.name] = config
    _drop_unmet(result)
    return result


def installed_apps(platform_apps: Iterable[str]) -> tuple[list[str], list[str]]:
    """What the plugins add to the apps of the shared schema and to those of the sites' schemas.

    An app that the platform or a plugin before has already isn't named again.
    """
    shared: list[str] = []
    tenant: list[str] = []
    for config in found().plugins.values():
        manifest = config.manifest
        own = shared if manifest.scope is Scope.PLATFORM else tenant
        own += [f"{config.__module__}.{config.__qualname__}", *manifest.apps]
        shared += [manifest.shared_app] if manifest.shared_app else []
    known = set(platform_apps)
    return (
        [app for app in dict.fromkeys(shared) if app not in known],
        [app for app in dict.fromkeys(tenant) if app not in known],
    )


class _Broken(Exception):
    """Why a plugin can't run."""


def _load(entry: EntryPoint) -> type[PluginConfig]:
    try:
        config = entry.load()
    except Exception as error:  # whatever a plugin's module raises must not stop the platform
        raise _Broken(f"it can't be imported: {type(error).__name__}: {error}") from error
    if not (isinstance(config, type) and issubclass(config, PluginConfig)):
        raise _Broken("it names no subclass of sitecluster.plugins.PluginConfig")
    return config


def _fit(name: str, config: type[PluginConfig], platform: str) -> None:
    manifest = getattr(config, "manifest", None)
    if not isinstance(manifest, Manifest):
        raise _Broken("its class has no manifest")
    if getattr(config, "label", config.name.rpartition(".")[2]) != name:
        raise _Broken("its app's label isn't the name of the entry point")
    try:
        fits = SpecifierSet(manifest.compatible).contains(platform, prereleases=True)
    except InvalidSpecifier:
        raise _Broken(f"“{manifest.compatible}” is no version specifier") from None
    if not fits:
        raise _Broken(f"it is for version {manifest.compatible} of the platform, not {platform}")


def _drop_unmet(result: Found) -> None:
    """Leave out what requires something that isn't there, until nothing more goes."""
    while unmet := {
        label: missing
        for label, config in result.plugins.items()
        if (missing := [name for name in config.manifest.requires if name not in result.plugins])
    }:
        for label, missing in unmet.items():
            del result.plugins[label]
            result.problems.append(f"Plugin {label}: it requires {', '.join(missing)}.")
