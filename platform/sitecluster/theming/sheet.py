"""The style sheet of a theme: its tokens, the base theme's rules, its own rules, in one file.

One file costs a page one request, whatever the theme adds; it is a static file, so its name
carries a hash, caches keep it for good, and a Content-Security-Policy needs no exception.
"""

import posixpath
import re
from pathlib import Path

from django.conf import settings

from .catalogue import themes
from .manifest import Theme
from .tokens import set_css

RULES = "site.css"  # what a theme adds, in static/<name>/, and then PARTS in order of their names
PARTS = "css/*.css"
SHEET = "theme.css"  # what is made of it
CHARSET = re.compile(r'\A\s*@charset "[^"]*";\s*')
ADDRESS = re.compile(r"""url\(\s*(["']?)(?!["']|data:|https?:|/|#)([^"')]+)\1\s*\)""")


def sheet_name(theme: str) -> str:
    """The static file that pages of this theme link to."""
    return f"{theme}/{SHEET}"


def sheet_folder() -> Path:
    """Where the sheets are kept for the collection of static files."""
    return Path(settings.VAR_DIR) / "themes"


def sheet(theme: Theme) -> str:
    """The theme's style sheet."""
    parts = [
        f'@charset "utf-8";\n\n/* Made of the theme {theme.name}: change that, not this. */\n',
        theme.tokens.css(),
        *(
            set_css(name, theme.tokens.in_colours(colours.given))
            for name, colours in theme.sets.items()
        ),
    ]
    for name in reversed(theme.lineage):
        for file in rules_files(themes()[name]):
            text = CHARSET.sub("", file.read_text("utf8", errors="replace"))
            folder = file.parent.relative_to(themes()[name].folder / "static").as_posix()
            parts.append(_moved(text, folder, theme.name))
    return "\n".join(parts)


def rules_files(theme: Theme) -> list[Path]:
    """The rules that the theme itself adds: `RULES`, then `PARTS`."""
    folder = theme.folder / "static" / theme.name
    return [file for file in (folder / RULES, *sorted(folder.glob(PARTS))) if file.is_file()]


def write_sheet(theme: Theme) -> Path:
    """Keep the theme's sheet in `sheet_folder`; a file that is right already stays as it is."""
    file, text = sheet_folder() / sheet_name(theme.name), sheet(theme)
    if not file.exists() or file.read_text("utf8") != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".draft")
        draft.write_text(text, "utf8")
        draft.replace(file)
    return file


def _moved(text: str, folder: str, sheet_of: str) -> str:
    """Rules from ``folder``, to which their addresses are relative, for the sheet of a theme."""
    if folder == sheet_of:
        return text

    def moved(address: re.Match[str]) -> str:
        path = posixpath.relpath(posixpath.join(folder, address[2]), sheet_of)
        return f"url({address[1]}{path}{address[1]})"

    return ADDRESS.sub(moved, text)
