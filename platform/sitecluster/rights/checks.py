"""System checks of what plugins say about roles."""

from typing import Any

from django.core.checks import CheckMessage, Error

from sitecluster.plugins.registry import installed

from .roles import ROLES


def unknown_roles(**kwargs: Any) -> list[CheckMessage]:
    """E001: a plugin has permissions for a role that doesn't exist."""
    return [
        Error(f"Plugin {label}: there is no role {role}.", id="rights.E001")
        for label, config in installed().items()
        for role in config.manifest.permissions
        if role not in ROLES
    ]
