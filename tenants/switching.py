"""Turning plugins on and off, site by site, and deleting what one has left behind.

Every process sees the change within a second, since the directory follows the row. Publications
of the site wait meanwhile, so none slips past the gate of a plugin that is going off.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext as _

from sitecluster.audit.trail import record
from sitecluster.cms.publication import publishing
from sitecluster.plugins.contract import PluginConfig, Scope
from sitecluster.plugins.registry import apps_of, installed
from sitecluster.rights.roles import allow
from sitecluster.tenancy import CONTROL, shared_context, tenant_context

from . import directory, emptying
from .models import State, Tenant


class PluginError(Exception):
    """A plugin can't be switched; ``problems`` are sentences for the person who asked."""

    def __init__(self, problems: Sequence[Any]) -> None:
        self.problems = [str(problem) for problem in problems]
        super().__init__(" ".join(self.problems))


def enable(
    code: str,
    plugin: str,
    by: Any = None,
    *,
    with_required: bool = False,
    reason: str = "",
    document: str = "",
) -> directory.Site:
    """Turn ``plugin`` on at the site of this code; one that is on already stays so.

    ``with_required`` turns on what it requires as well. ``reason`` and the number of the
    ``document`` that orders it go into the audit trail. Raises `PluginError` and then has changed
    nothing.
    """
    _switchable(plugin)
    with _switching(code) as tenant:
        missing = [name for name in requirements(plugin) if name not in tenant.plugins]
        if missing and not with_required:
            text = _("%(plugin)s requires %(missing)s, which isn't on at %(site)s.")
            names = {"plugin": plugin, "missing": ", ".join(missing), "site": code}
            raise PluginError([text % names])
        for label in (*missing, plugin):
            if label not in tenant.plugins:
                _make_permissions(label)
                _turn_on(tenant, installed()[label], by, reason=reason, document=document)
        return directory.record(tenant)


def disable(
    code: str,
    plugin: str,
    by: Any = None,
    *,
    unpublish: bool = False,
    reason: str = "",
    document: str = "",
) -> directory.Site:
    """Turn ``plugin`` off at the site of this code; one that is off already stays so.

    Its rows and drafts stay. Live pages of its types stand against it; with ``unpublish`` they are
    unpublished in the same transaction. Raises `PluginError` and then has changed nothing.
    """
    config = installed().get(plugin)
    if config is not None:
        _switchable(plugin)
    with _switching(code) as tenant:
        if plugin not in tenant.plugins:
            if config is None:
                raise _unknown(plugin)
            return directory.record(tenant)
        dependents = [name for name in tenant.plugins if plugin in requirements(name)]
        if dependents:
            text = _("%(plugin)s is required by %(others)s, which must be turned off before.")
            raise PluginError([text % {"plugin": plugin, "others": ", ".join(dependents)}])
        apps = emptying.apps_leaving(plugin, tenant.plugins)
        live = emptying.live_pages(apps)
        if live and not unpublish:
            raise PluginError(_standing_against(plugin, live))
        with emptying.refusals_as(PluginError):
            emptying.unpublish(live, by)
        why = {"reason": reason, "document": document}
        _turn_off(tenant, plugin, config, by, len(live), **why)
        return directory.record(tenant)


def purge(
    code: str, plugin: str, by: Any = None, *, reason: str = "", document: str = ""
) -> directory.Site:
    """Delete every page and row that ``plugin``, which is off there, has left at the site.

    An app that another installed plugin brings as well keeps its rows. Raises `PluginError` and
    then has changed nothing.
    """
    config = _switchable(plugin)
    with _switching(code) as tenant:
        if plugin in tenant.plugins:
            text = _("%(plugin)s is on at %(site)s; turn it off before its data is deleted.")
            raise PluginError([text % {"plugin": plugin, "site": code}])
        site = directory.record(tenant)
        with emptying.refusals_as(PluginError):
            deleted = emptying.empty(emptying.apps_of_its_own(plugin), by)
        config.on_purge(site)
        why = {"by": by, "reason": reason, "document": document}
        record("plugin.purged", site=site, subject=plugin, before=deleted, **why)
        return site


def defaults(kind: str) -> list[str]:
    """The plugins that are on for new sites of this kind, what each requires before it."""
    wanted = [label for label in installed() if _is_default(installed()[label], kind)]
    ordered = [name for label in wanted for name in (*requirements(label), label)]
    return list(dict.fromkeys(ordered))


def choosable() -> dict[str, PluginConfig]:
    """The installed plugins that are switched site by site, by label."""
    plugins = installed().items()
    return {label: one for label, one in plugins if one.manifest.scope is not Scope.PLATFORM}


def missing(plugins: Iterable[str]) -> dict[str, list[str]]:
    """Those of ``plugins`` that require others -> the required that aren't among them."""
    chosen = set(plugins)
    lacking = {label: [n for n in requirements(label) if n not in chosen] for label in chosen}
    return {label: names for label, names in sorted(lacking.items()) if names}


def begin(tenant: Tenant, plugins: Sequence[str] | None = None, by: Any = None) -> directory.Site:
    """Turn ``plugins`` on at a site that is being opened, in its transaction; None are those that
    are on by default. Raises `PluginError`, also where one requires another that isn't named."""
    wanted = defaults(tenant.kind) if plugins is None else _ordered(plugins)
    for label in wanted:
        _turn_on(tenant, installed()[label], by)
    return directory.record(tenant)


def _ordered(plugins: Sequence[str]) -> list[str]:
    """These plugins, each after what it requires."""
    for label in plugins:
        _switchable(label)
    for label, names in missing(plugins).items():
        text = _("%(plugin)s requires %(missing)s.")
        raise PluginError([text % {"plugin": label, "missing": ", ".join(names)}])
    return list(dict.fromkeys(n for label in plugins for n in (*requirements(label), label)))


def _is_default(config: PluginConfig, kind: str) -> bool:
    default = config.manifest.default
    if config.manifest.scope is Scope.PLATFORM:
        return False
    return kind in default if isinstance(default, tuple) else default and kind != CONTROL


def _turn_on(tenant: Tenant, config: PluginConfig, by: Any, **why: str) -> None:
    before = sorted(tenant.plugins)
    tenant.plugins = sorted({*tenant.plugins, config.label})
    tenant.save(update_fields=["plugins"])
    site = directory.record(tenant)
    with tenant_context(site):
        try:
            for role, permissions in config.manifest.permissions.items():
                allow(role, permissions)
        except LookupError as error:
            raise PluginError([error]) from error
        config.on_enable(site)
    _note("plugin.enabled", site, config.label, before, {"by": by, **why})


def _make_permissions(plugin: str) -> None:
    """The site may be older than the plugin, whose shared app migrates no site."""
    for label in apps_of(plugin):
        create_permissions(apps.get_app_config(label), verbosity=0)


def _turn_off(
    tenant: Tenant,
    plugin: str,
    config: PluginConfig | None,
    by: Any,
    unpublished: int,
    **why: str,
) -> None:
    if config is not None:
        config.on_disable(directory.record(tenant))
    before = sorted(tenant.plugins)
    tenant.plugins = [label for label in before if label != plugin]
    tenant.save(update_fields=["plugins"])
    site, noted = directory.record(tenant), {"by": by, **why}
    _note("plugin.disabled", site, plugin, before, noted, unpublished=unpublished)


def _note(
    act: str, site: directory.Site, plugin: str, before: list[str], why: Any, **more: Any
) -> None:
    now = {"plugins": sorted(site.plugins), **more}
    record(act, site=site, subject=plugin, before={"plugins": before}, after=now, **why)


def requirements(plugin: str) -> list[str]:
    """What the plugin requires, directly or not, the most needed first."""
    config = installed().get(plugin)
    names: dict[str, None] = {}
    for name in config.manifest.requires if config else ():
        names |= dict.fromkeys([*requirements(name), name])
    return list(names)


def _switchable(plugin: str) -> PluginConfig:
    config = installed().get(plugin)
    if config is None:
        raise _unknown(plugin)
    if config.manifest.scope is Scope.PLATFORM:
        text = _("%(plugin)s belongs to the platform: it is on at the control site for good.")
        raise PluginError([text % {"plugin": plugin}])
    return config


def _unknown(plugin: str) -> PluginError:
    text = _("There is no plugin %(plugin)s; installed are: %(installed)s.")
    names = ", ".join(sorted(installed())) or _("none")
    return PluginError([text % {"plugin": plugin, "installed": names}])


def _standing_against(plugin: str, live: Sequence[Any]) -> list[Any]:
    text = _("%(plugin)s can't be turned off while %(count)s of its pages are live:")
    names = {"plugin": plugin, "count": len(live)}
    return [text % names, *(format_lazy("“{}” ({})", page.title, page.url) for page in live[:10])]


@contextmanager
def _switching(code: str) -> Iterator[Tenant]:
    """The site's row, locked, and its schema active; what the block does is one transaction.

    The order of the locks is that of a publication, which ends with a touch of the row.
    """
    standing = Tenant.objects.exclude(state=State.REMOVED)
    with shared_context(), transaction.atomic():
        found = standing.filter(code=code).first()
        if found is None:
            raise PluginError([_("There is no site %(code)s.") % {"code": code}])
        site = directory.record(found)
        if site.behind:
            text = _(
                "%(name)s is behind this version of the platform: run “manage.py upgrade” first."
            )
            raise PluginError([text % {"name": site.name}])
        with tenant_context(site), publishing():
            yield standing.select_for_update().get(pk=found.pk)
        transaction.on_commit(directory.forget)
