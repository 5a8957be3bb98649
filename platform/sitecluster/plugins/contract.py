"""What a plugin says about itself. Read with the settings: no models, no Wagtail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from sitecluster.tenancy import Tenant


class Scope(StrEnum):
    """Where a plugin lives."""

    PLATFORM = "platform"
    """Its tables are in the shared schema; on at the control site, and only there, for good."""
    TENANT = "tenant"
    """Its tables are in the schema of every site; switched on and off site by site."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What Django and Wagtail can't discover by themselves.

    - `title`, `summary`: for the people who switch it; may be lazy translations.
    - `version`: the plugin's own.
    - `requires`: labels of the plugins that must be on wherever this one is.
    - `compatible`: versions of the platform it works with, as in ``>=0.1,<0.3``; "" is any.
    - `default`: on for new sites; True is every kind but the control site, or name the kinds.
    - `apps`: third-party apps it brings into every site's schema, as in INSTALLED_APPS. All of
      what they offer is on where a plugin that brings them is.
    - `shared_app`: its own app with tables in the shared schema, if it has one; their rows
      name their site by id, without a database constraint into a site's schema.
    - `handed_on`: tables whose rows a new site gets from its blueprint; all others start empty.
    - `backed_up`: tables of its `shared_app` whose rows of a site, named by their ``tenant_id``, go
      into the site's backup.
    - `permissions`: role code -> permissions (``app.codename``) that the role gets when the
      plugin is turned on.
    - `slots`: slot of the public pages -> dotted path of a function that takes the request and
      returns safe HTML, or "" for nothing.
    """

    title: Any
    version: str
    scope: Scope = Scope.TENANT
    summary: Any = ""
    requires: tuple[str, ...] = ()
    compatible: str = ""
    default: bool | tuple[str, ...] = False
    apps: tuple[str, ...] = ()
    shared_app: str = ""
    handed_on: tuple[str, ...] = ()
    backed_up: tuple[str, ...] = ()
    permissions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    slots: Mapping[str, str] = field(default_factory=dict)


class PluginConfig(AppConfig):
    """An AppConfig with a manifest; its label is the name of its entry point.

    Models, migrations, page types, templates, template tags, tasks and ``wagtail_hooks`` are found
    where Django and Wagtail look anyway, and gated: a plugin uses `wagtail.hooks.register` as any
    app does. A module ``urls`` with ``urlpatterns`` is mounted on public hosts.
    """

    manifest: Manifest
    default_auto_field = "django.db.models.BigAutoField"

    def on_enable(self, tenant: "Tenant") -> None:
        """Make what the site needs. Runs in its schema, in the transaction; idempotent."""

    def on_disable(self, tenant: "Tenant") -> None:
        """End what goes on outside of requests. Deletes nothing; as `on_enable` otherwise."""

    def on_purge(self, tenant: "Tenant") -> None:
        """Delete the site's rows of the shared app. The site's own tables are emptied for it."""

    def import_models(self) -> None:
        """Import the models; an error names the plugin."""
        try:
            super().import_models()
        except Exception as error:
            raise ImproperlyConfigured(
                f"The models of the plugin {self.label} can't be loaded: {error}"
            ) from error
