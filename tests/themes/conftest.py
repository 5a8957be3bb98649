"""A folder for themes of the tests' own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.themes import authoring

Author = Callable[[dict[str, str]], Path]


@pytest.fixture
def themes_dir(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """An empty THEMES_DIR, and a VAR_DIR for what is made of its themes."""
    folder = tmp_path / "themes"
    folder.mkdir()
    before = settings.THEMES_DIRS
    settings.THEMES_DIRS = [*before, folder]
    settings.VAR_DIR = tmp_path / "var"
    authoring.forget()
    yield folder
    settings.THEMES_DIRS = before
    authoring.forget()


@pytest.fixture
def author(themes_dir: Path) -> Author:
    """Writes files into THEMES_DIR as its author would, and restarts the process, so to speak."""

    def write(files: dict[str, str]) -> Path:
        authoring.write(themes_dir, files)
        authoring.forget()
        return themes_dir

    return write
