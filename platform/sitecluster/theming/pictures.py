"""The pictures of a theme: its logo, the header picture, the drawing on notices."""

import logging
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath

from django.core.files.images import get_image_dimensions
from django.templatetags.static import static

from .catalogue import current_theme, themes
from .files_inspected import PREVIEWS
from .finders import static_file
from .sheet import sheet_name
from .tokens import Tokens

VIEW_BOX = re.compile(r'<svg[^>]*\sviewBox="((?:-?[\d.]+ ){3}[\d.]+)"')
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Picture:
    """A picture of a theme, ready for a page.

    A drawing is part of an SVG file (``file.svg#id``) that takes its colours from the page, and
    has the ``view_box`` of the file; any other picture has a size in pixels, or 0 if unknown.
    """

    url: str
    part: str = ""
    view_box: str = ""
    width: int = 0
    height: int = 0


def picture(name: str) -> Picture:
    """The picture that the current theme has for a token: ``logo``, ``header`` or ``notice``."""
    sized = _sized(getattr(themes()[current_theme()].tokens, name))
    try:
        return replace(sized, url=static(sized.url))
    except ValueError:  # not among the collected files
        _say_once(f"Run collectstatic: {sized.url} is not among the collected files")
        plain = _sized(getattr(Tokens(), name))
        return replace(plain, url=static(plain.url))


def sheet_url() -> str:
    """The address of the current theme's style sheet; the base theme's until it is collected."""
    try:
        return static(sheet_name(current_theme()))
    except ValueError:
        _say_once(f"Run collectstatic: the theme {current_theme()} has no sheet")
        return static(sheet_name("base"))


def preview_url(name: str) -> str:
    """The address of the picture of a site that wears the theme of this name; "" without one."""
    for file in PREVIEWS:
        if static_file(f"{name}/{file}"):
            try:
                return static(f"{name}/{file}")
            except ValueError:
                _say_once(f"Run collectstatic: {name}/{file} is not among the collected files")
    return ""


@lru_cache
def _sized(value: str) -> Picture:
    """The picture of a token's value, with its static name instead of its address."""
    name, _hash, part = value.partition("#")
    file = static_file(name)
    if file is None:
        return Picture(name, part)
    if PurePosixPath(name).suffix == ".svg":
        box = VIEW_BOX.search(Path(file).read_text("utf8", errors="replace"))
        view_box = box[1] if box else ""
        width, height = (float(number) for number in view_box.split()[2:] or ("0", "0"))
        return Picture(name, part, view_box, round(width), round(height))
    size = get_image_dimensions(file)
    return Picture(name, part, "", size[0] or 0, size[1] or 0)


@lru_cache
def _say_once(text: str) -> None:
    """Log what is so for every page until the next start."""
    logger.error(text)
