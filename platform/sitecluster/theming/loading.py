"""Finding templates: in the theme of the active site, then in those that it builds on."""

import logging
from pathlib import Path

from django.template import Origin, Template, TemplateSyntaxError
from django.template.loaders import base, cached, filesystem

from .catalogue import current_theme, themes
from .manifest import BASE

logger = logging.getLogger(__name__)


def template_folders(theme: str) -> list[str | Path]:
    """Where the templates of an installed theme lie: its own first, the base theme's last."""
    known = themes()
    return [known[name].folder / "templates" for name in known[theme].lineage]


class ThemeLoader(filesystem.Loader):
    """Finds templates in the current theme, then in the themes it builds on."""

    def get_dirs(self) -> list[str | Path]:
        return template_folders(current_theme())


class ForgivingLoader(base.Loader):
    """Passes over a template of a theme that can't be compiled, as if the theme had none.

    The check names such a template; citizens get the one of the theme below. The platform's own
    templates have none below them and raise, and with DEBUG those of themes do too.
    """

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        broken: list[Origin] = []
        while True:
            try:
                return super().get_template(template_name, [*(skip or ()), *broken])
            except (TemplateSyntaxError, UnicodeDecodeError, OSError):
                origin = self._first(template_name, [*(skip or ()), *broken])
                if origin is None or self.engine.debug or not _of_a_theme(origin):
                    raise
                logger.exception("%s is passed over", origin.name)
                broken.append(origin)

    def _first(self, template_name: str, skip: list[Origin]) -> Origin | None:
        for origin in self.get_template_sources(template_name):
            if origin not in skip and Path(origin.name).exists():
                return origin
        return None


class CachedLoader(cached.Loader, ForgivingLoader):
    """Django's cached loader with the theme in its key.

    The stock key is the template's name alone, so that two themes in one process would get
    each other's templates.
    """

    def cache_key(self, template_name: str, skip: list[Origin] | None = None) -> str:
        return f"{current_theme()}:{super().cache_key(template_name, skip)}"


def _of_a_theme(origin: Origin) -> bool:
    """Is this a template of a theme other than the base theme?"""
    return any(
        Path(origin.name).is_relative_to(theme.folder)
        for name, theme in themes().items()
        if name != BASE
    )
