"""What a plugin and the platform promise each other; see docs/plugins.md.

A plugin's `apps` module imports from here. It is read with the settings, so nothing below may
need a model.
"""

from .contract import Manifest, PluginConfig, Scope

__all__ = ["Manifest", "PluginConfig", "Scope"]
