"""What is wrong with the templates of a theme."""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from django.apps import apps
from django.template import Engine, Node, Origin, Template, TemplateSyntaxError, engines
from django.template.loader_tags import ExtendsNode, IncludeNode
from django.templatetags.static import StaticNode
from django.utils.translation import gettext as _

from .finders import static_file
from .loading import template_folders
from .manifest import BASE, Theme
from .problems import Problem, line_of

SUFFIXES = (".html", ".txt", ".xml")
# Elements that fetch what their address names, with an address on another server.
REMOTE = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed|object|link|use)\b[^>]*?"
    r"\b(?:src|srcset|data|href)=[\"'](?:https?:)?//",
    re.IGNORECASE,
)


class TemplatesInspector:
    """Compiles each template of one theme and follows the names it mentions."""

    def __init__(self, theme: Theme) -> None:
        self.theme, self.root = theme, theme.folder / "templates"
        self.mentioned: set[str] = set()

    def problems(self) -> Iterator[Problem]:
        """Every fault, file by file."""
        compiled = [(name, self.root / name) for name in self.names]
        for name, file in compiled:
            yield from self._template(name, file)
        if self.theme.name != BASE:
            for name, file in compiled:
                yield from self._place(name, file)

    @cached_property
    def names(self) -> list[str]:
        """The names of the theme's templates."""
        files = sorted(self.root.rglob("*")) if self.root.is_dir() else []
        return [str(f.relative_to(self.root)) for f in files if f.suffix in SUFFIXES]

    @cached_property
    def engine(self) -> Engine:
        """Django's engine as pages of this theme know it, with the places of errors."""
        ours: Any = engines["django"]
        return Engine(
            dirs=[str(folder) for folder in template_folders(self.theme.name)],
            app_dirs=True,
            debug=True,
            libraries=ours.engine.libraries,
            builtins=ours.engine.builtins,
        )

    def _template(self, name: str, file: Path) -> Iterator[Problem]:
        try:
            text = file.read_text("utf8")
            template = Template(text, Origin(str(file), name), name, self.engine)
        except (OSError, UnicodeDecodeError) as error:
            yield Problem(file, 0, _("It can't be read: %(reason)s.") % {"reason": error})
            return
        except TemplateSyntaxError as error:
            yield Problem(file, _line_of_error(error), str(error), _("Correct this line."))
            return
        for node in template.nodelist.get_nodes_by_type(Node):
            yield from self._node(node, name, file)
        for found in REMOTE.finditer(text):
            yield Problem(
                file,
                line_of(text, found.start()),
                _("The page would fetch something from another server."),
                _("Put the file into the theme's static folder."),
            )

    def _node(self, node: Any, name: str, file: Path) -> Iterator[Problem]:
        """The names that a tag mentions exist; names that come from variables are not known."""
        if isinstance(node, ExtendsNode | IncludeNode):
            given = node.parent_name if isinstance(node, ExtendsNode) else node.template
            wanted = _literal(given)
            if wanted is None:
                return
            own = isinstance(node, ExtendsNode) and wanted == name
            self.mentioned.add(wanted)
            if len(self._sources(wanted)) < (2 if own else 1):
                yield Problem(
                    file,
                    _line(node),
                    _("There is no template %(name)s.") % {"name": wanted},
                    _("Correct the name, or add the template."),
                )
        elif isinstance(node, StaticNode):
            wanted = _literal(node.path)
            if wanted is not None and not static_file(wanted):
                yield Problem(
                    file,
                    _line(node),
                    _("There is no static file %(name)s.") % {"name": wanted},
                    _("Correct the name, or add the file to static/%(theme)s/.")
                    % {"theme": self.theme.name},
                )

    def _place(self, name: str, file: Path) -> Iterator[Problem]:
        """A template stands for one of the themes below or of a plugin, or another uses it."""
        below = [folder for folder in template_folders(self.theme.name) if folder != self.root]
        known = any((Path(folder) / name).is_file() for folder in below)
        if known or name in self.mentioned:
            return
        places = {Path(config.path) / "templates": config for config in apps.get_app_configs()}
        owners = [config for place, config in places.items() if (place / name).is_file()]
        if not owners:
            yield Problem(
                file,
                0,
                _("Nothing uses the template %(name)s.") % {"name": name},
                _("Give it the name of one of the base theme's, see docs/themes.md."),
                serious=False,
            )
        elif not any(hasattr(owner, "manifest") for owner in owners):
            yield Problem(
                file,
                0,
                _("The template %(name)s is not part of the public pages.") % {"name": name},
                _("Remove it: themes don't reach the editing screens."),
            )

    def _sources(self, name: str) -> list[str]:
        """The files that the theme's pages could get under this name."""
        return [
            origin.name
            for loader in self.engine.template_loaders
            for origin in loader.get_template_sources(name)
            if Path(origin.name).is_file()
        ]


def _literal(expression: Any) -> str | None:
    """The text of a filter expression that is a plain text in quotes."""
    plain = isinstance(expression.var, str) and not expression.filters
    return str(expression.var) if plain else None


def _line(node: Any) -> int:
    return node.token.lineno if getattr(node, "token", None) else 0


def _line_of_error(error: TemplateSyntaxError) -> int:
    debug: Any = getattr(error, "template_debug", None)
    return int(debug["line"]) if debug else _line(error)
