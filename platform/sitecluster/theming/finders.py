"""Where the static files of themes are: `static/<theme>/` of each, and the sheets made of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.utils import get_files
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage

from .catalogue import themes
from .manifest import Theme
from .sheet import rules_files, sheet_folder, sheet_name, write_sheet


def static_file(name: str) -> str | None:
    """The file behind a static name, or None; a name that leads out of the folders has none."""
    try:
        found = finders.find(name)
    except SuspiciousFileOperation:
        return None
    return str(found) if found and Path(found).is_file() else None


class ThemeFinder(finders.BaseFinder):
    """Knows the static files of every installed theme.

    Only what lies in the folder of the theme's own name counts, so that two themes never have a
    file of the same name.
    """

    def check(self, **kwargs: Any) -> list[Any]:
        """Nothing to configure."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file behind a static name; a list with ``find_all``."""
        find_all = find_all or kwargs.get("all", False)
        found = self._file(path)
        if found is None:
            return []  # what finders.find() takes for nothing
        return [str(found)] if find_all else str(found)

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        """Every static name with the storage that holds it."""
        for theme in themes().values():
            write_sheet(theme)
            yield sheet_name(theme.name), FileSystemStorage(sheet_folder())
            if not (theme.folder / "static" / theme.name).is_dir():
                continue
            storage = FileSystemStorage(theme.folder / "static")
            for name in get_files(storage, ignore_patterns, theme.name):
                if _servable(theme, name):
                    yield name, storage

    def _file(self, path: str) -> Path | None:
        theme = themes().get(Path(path).parts[0]) if path else None
        if theme is None:
            return None
        if path == sheet_name(theme.name):
            return write_sheet(theme)
        return _within(theme, path)


def _servable(theme: Theme, name: str) -> bool:
    """Is this a file that pages can ask for? Its rules are part of the theme's sheet."""
    file = theme.folder / "static" / name
    if name == sheet_name(theme.name) or file in rules_files(theme):
        return False
    if file.suffix in (".css", ".js"):
        try:
            file.read_text("utf8")
        except (OSError, UnicodeDecodeError):
            return False
    return True


def _within(theme: Theme, path: str) -> Path | None:
    root = (theme.folder / "static").resolve()
    file = (root / path).resolve()
    return file if file.is_relative_to(root / theme.name) and file.is_file() else None
