"""Themes of the tests' own, in a folder beside the platform's."""

from pathlib import Path

from django.template import engines

from sitecluster.theming import catalogue, pictures


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files, by their paths below ``folder``."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf8")


def forget() -> None:
    """Read themes, pictures and templates again at the next use, as after a restart."""
    catalogue.catalogue.cache_clear()
    pictures._sized.cache_clear()
    for loader in engines["django"].engine.template_loaders:  # type: ignore[attr-defined]
        loader.reset()
