"""Which plugins are installed, by their entry points. Read with the settings.

What is broken is left out, so that everything else runs, and named by a system check.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version

from django.apps import AppConfig
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from .contract import Manifest, PluginConfig, Scope

GROUP = "sitecluster.plugins"
PLATFORM = "sitecluster"  # the distribution


Plugins = dict[str, type[PluginConfig]]
Judge = Callable[[Plugins], Iterator[tuple[str, str]]]


@dataclass
class Found:
    """The plugins that can run, by label, and what is wrong with those that can't."""

    plugins: Plugins = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


_found = Found()


def found() -> Found:
    """What this process runs with."""
    return _found


def installed_apps(platform_apps: Iterable[str]) -> tuple[list[str], list[str]]:
    """Find the plugins; what they add to the apps of the shared and to those of sites' schemas."""
    global _found
    _found = discover(entry_points(group=GROUP), platform_version(), platform_apps)
    shared: list[str] = []
    tenant: list[str] = []
    for config in _found.plugins.values():
        manifest = config.manifest
        own = shared if manifest.scope is Scope.PLATFORM else tenant
        own += [f"{config.__module__}.{config.__qualname__}", *manifest.apps]
        shared += [manifest.shared_app] if manifest.shared_app else []
    return list(dict.fromkeys(shared)), list(dict.fromkeys(tenant))


def platform_version() -> str:
    """The version of the installed platform."""
    try:
        return version(PLATFORM)
    except PackageNotFoundError:
        return "0"


def discover(
    entries: Iterable[EntryPoint], platform: str, platform_apps: Iterable[str] = ()
) -> Found:
    """Load ``entries`` in the order of their names, so that every process agrees.

    ``platform`` is the platform's version, ``platform_apps`` are its apps as in INSTALLED_APPS.
    """
    result = Found()
    labels = {app.rpartition(".")[2]: app for app in platform_apps}
    for entry in sorted(entries, key=lambda entry: (entry.name, entry.value)):
        try:
            if entry.name in result.plugins:
                raise _Broken("another plugin has the same name")
            config = _load(entry)
            _fit(entry.name, config, platform)
            labels |= _labels(config, labels, set(platform_apps))
        except _Broken as problem:
            result.problems.append(f"Plugin {entry.name} ({entry.value}): {problem}.")
        else:
            result.plugins[entry.name] = config
    _leave_out(result, _unmet)
    _leave_out(result, _circular)
    _leave_out(result, _unmet)
    return result


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


def _labels(
    config: type[PluginConfig], taken: dict[str, str], platform_apps: set[str]
) -> dict[str, str]:
    """Label -> name of the apps that come with the plugin, which must be nobody else's."""
    manifest = config.manifest
    names = {config.label: config.name}
    for path in (*manifest.apps, *filter(None, [manifest.shared_app])):
        if path in platform_apps:
            raise _Broken(f"the platform itself has the app {path}, which is always on")
        try:
            app = AppConfig.create(path)
        except Exception as error:  # as in `_load`
            raise _Broken(f"its app {path} can't be loaded: {error}") from error
        names[app.label] = app.name
    for label, name in names.items():
        if taken.get(label, name) != name:
            raise _Broken(f"{taken[label]} has the label {label} already")
    return names


def _leave_out(result: Found, problems: Judge) -> None:
    """Leave out what has such a problem, and then what has it for that, until nothing more goes."""
    while found := dict(problems(result.plugins)):
        for label, problem in found.items():
            del result.plugins[label]
            result.problems.append(f"Plugin {label}: {problem}.")


def _unmet(plugins: Plugins) -> Iterator[tuple[str, str]]:
    for label, config in plugins.items():
        missing = [name for name in config.manifest.requires if name not in plugins]
        if missing:
            yield label, f"it requires {', '.join(missing)}"
            continue
        scope = config.manifest.scope
        others = [
            name for name in config.manifest.requires if plugins[name].manifest.scope != scope
        ]
        if others:
            yield label, f"it requires {', '.join(others)}, which isn't on wherever it is itself"


def _circular(plugins: Plugins) -> Iterator[tuple[str, str]]:
    for label in plugins:
        reached: set[str] = set()
        step = set(plugins[label].manifest.requires)
        while step - reached:
            reached |= step
            step = {name for one in step for name in plugins[one].manifest.requires}
        if label in reached:
            yield label, "it requires itself, by way of others"
