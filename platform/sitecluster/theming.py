"""Themes: folders of templates and static files; a site picks one by name.

A theme that lacks a template borrows it from the base theme.
"""

import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template import Origin
from django.template.loaders import cached, filesystem

from sitecluster.tenancy import current_tenant

BASE = "base"


@lru_cache(maxsize=1)
def themes() -> dict[str, dict[str, Any]]:
    """The installed themes by name, each with the content of its ``theme.toml``."""
    folders = sorted(Path(settings.THEMES_DIR).glob("*/theme.toml"))
    return {path.parent.name: tomllib.loads(path.read_text("utf8")) for path in folders}


def current_theme() -> str:
    """The theme of the active site; the base theme where there is none or it is not installed."""
    tenant = current_tenant()
    theme = tenant.theme if tenant else BASE
    return theme if theme in themes() else BASE


class ThemeLoader(filesystem.Loader):
    """Finds templates in the current theme, then in the base theme."""

    def get_dirs(self) -> list[str | Path]:
        names = dict.fromkeys((current_theme(), BASE))
        return [Path(settings.THEMES_DIR) / name / "templates" for name in names]


class CachedLoader(cached.Loader):
    """Django's cached loader with the theme in its key.

    The stock key is the template's name alone, so that two themes in one process would get
    each other's templates.
    """

    def cache_key(self, template_name: str, skip: list[Origin] | None = None) -> str:
        return f"{current_theme()}:{super().cache_key(template_name, skip)}"

    def get_template_sources(self, template_name: str) -> Iterator[Origin]:
        for loader in self.loaders:
            yield from loader.get_template_sources(template_name)
