"""System checks: what is wrong with a plugin is named at start-up, not in front of citizens."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register as register_check

from . import discovery


def register() -> None:
    """Let `manage.py check`, and every command that checks, see the plugins."""
    register_check(broken_plugins, Tags.compatibility)


def broken_plugins(**kwargs: Any) -> list[CheckMessage]:
    """E001: a plugin that was left out."""
    return [Error(problem, id="plugins.E001") for problem in discovery.found().problems]
