"""What is wrong with the static files, the pictures and the colours of a theme."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from django.apps import apps
from django.utils.translation import gettext as _

from .colours import faint
from .finders import static_file
from .manifest import FILE, Theme
from .problems import Problem, line_of
from .sheet import SHEET
from .tokens import Kind, of_kind

PREVIEWS = tuple(f"preview.{suffix}" for suffix in ("webp", "png", "jpg", "jpeg", "avif", "svg"))
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
ADDRESS = re.compile(r"""url\(\s*["']?([^"')]*)["']?\s*\)|@import\s+["']([^"']*)["']""")
VIEW_BOX = re.compile(r"<svg[^>]*\sviewBox=")


def static_problems(theme: Theme) -> Iterator[Problem]:
    """Files where nothing serves them, and addresses in style sheets that lead nowhere."""
    root = theme.folder / "static"
    own = root / theme.name
    if any(
        (Path(config.path) / "static" / theme.name).is_dir() for config in apps.get_app_configs()
    ):
        yield Problem(
            theme.folder,
            0,
            _("Another part of the platform has static files of the name %(name)s.")
            % {"name": theme.name},
            _("Give the theme's folder another name."),
        )
    for file in sorted(root.rglob("*")) if root.is_dir() else []:
        if file.is_file() and not file.is_relative_to(own):
            yield Problem(
                file,
                0,
                _("This file is never served: it lies outside static/%(name)s/.")
                % {"name": theme.name},
                _("Move it there, so that two themes never have files of the same name."),
            )
        elif file == own / SHEET:
            yield Problem(
                file,
                0,
                _("The platform makes a file of this name."),
                _("Put rules into static/%(name)s/site.css.") % {"name": theme.name},
            )
        elif file.suffix == ".css":
            yield from _sheet_problems(file, file.relative_to(root))
    if not any((own / name).is_file() for name in PREVIEWS):
        yield Problem(
            theme.folder,
            0,
            _("The theme has no preview picture."),
            _("Save a screenshot of a home page as static/%(name)s/preview.webp.")
            % {"name": theme.name},
            serious=False,
        )


def picture_problems(theme: Theme) -> Iterator[Problem]:
    """Pictures that aren't there, or lack the part that is to be drawn."""
    for token in of_kind(Kind.PICTURE):
        if token.name not in theme.given:
            continue
        name, _hash, part = theme.given[token.name].partition("#")
        found = static_file(name)
        if not found:
            yield _of_token(
                theme, token.name, _("There is no static file %(name)s.") % {"name": name}
            )
            continue
        text = Path(found).read_text("utf8") if part else ""
        if part and (f'id="{part}"' not in text or not VIEW_BOX.search(text)):
            yield _of_token(
                theme,
                token.name,
                _("%(file)s has no viewBox, or nothing with the id %(part)s.")
                % {"file": name, "part": part},
            )


def colour_problems(theme: Theme) -> Iterator[Problem]:
    """Colours that can't be read on each other, the theme's own and those of its sets."""
    yield from _faint_problems(theme, theme.tokens.colours)
    for name, chosen in theme.sets.items():
        for problem in _faint_problems(theme, theme.tokens.in_colours(chosen.given).colours):
            text = _("In the colours %(name)s: %(problem)s")
            yield replace(problem, line=0, text=text % {"name": name, "problem": problem.text})


def _faint_problems(theme: Theme, colours: Mapping[str, str]) -> Iterator[Problem]:
    for text, ground, ratio, least in faint(colours):
        named = next((name for name in (text, ground) if name in theme.given), "main")
        yield _of_token(
            theme,
            named,
            _("%(text)s (%(one)s) on %(ground)s (%(other)s) has a contrast of %(ratio).2f to 1.")
            % {
                "text": text,
                "one": colours[text],
                "ground": ground,
                "other": colours[ground],
                "ratio": ratio,
            },
            _("Make one darker or the other lighter, up to %(least)s to 1 (WCAG AA).")
            % {"least": least},
        )


def _sheet_problems(file: Path, name: Path) -> Iterator[Problem]:
    try:
        text = file.read_text("utf8")
    except (OSError, UnicodeDecodeError) as error:
        yield Problem(file, 0, _("It can't be read: %(reason)s.") % {"reason": error})
        return
    bare = COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    for found in ADDRESS.finditer(bare):
        address = (found[1] or found[2] or "").strip()
        path = re.split(r"[?#]", address)[0]
        line = line_of(bare, found.start())
        if address.startswith(("data:", "#")):
            continue
        if re.match(r"(?:\w+:)?//", address):
            yield Problem(
                file,
                line,
                _("The page would fetch something from another server."),
                _("Put the file into the theme's static folder."),
            )
        elif path.startswith("/") or not static_file(
            posixpath.normpath(posixpath.join(name.parent.as_posix(), path))
        ):
            yield Problem(
                file,
                line,
                _("There is no file %(name)s.") % {"name": path},
                _("Write the address relative to this style sheet, and add the file."),
            )


def _of_token(theme: Theme, name: str, text: str, hint: str = "") -> Problem:
    file = theme.folder / FILE
    lines = file.read_text("utf8").splitlines() if file.exists() else []
    named = [number for number, line in enumerate(lines, 1) if re.match(rf"\s*{name}\s*=", line)]
    return Problem(file, named[0] if named else 0, text, hint)
