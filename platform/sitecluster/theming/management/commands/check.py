"""Django's check, of the themes too."""

from typing import Any

from django.core import checks
from django.core.management.commands import check

from sitecluster.theming.checks import check_themes


class Command(check.Command):
    """Other commands don't stop at a broken theme: a site that wears one looks like the base theme,
    and whoever repairs it needs them."""

    def handle(self, *args: Any, **options: Any) -> None:
        checks.register(check_themes, "themes")
        super().handle(*args, **options)
