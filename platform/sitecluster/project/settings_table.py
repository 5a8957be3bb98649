"""The table of settings in docs/, made from the fields of `Config`."""

from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from sitecluster.project.config import ROOT, Config

START = "<!-- settings: written by `manage.py settings_table --write` -->"
END = "<!-- end of settings -->"


class TableError(Exception):
    """A page has no place for the table; the message names the page."""


def pages(root: Path = ROOT) -> dict[str, Path]:
    """The pages that hold the table, by the metadata key of the language they speak."""
    return {
        "help": root / "docs" / "settings.md",
        "help_zh": root / "docs" / "settings.zh-Hans.md",
    }


def table(help_key: str) -> str:
    """A Markdown table of every setting; ``help_key`` is "help" or "help_zh"."""
    heading = {
        "help": ("Variable", "Default", "Meaning"),
        "help_zh": ("环境变量", "默认值", "含义"),
    }[help_key]
    rows = [heading, ("---", "---", "---")]
    for option in fields(Config):
        meaning = option.metadata[help_key].replace("|", "\\|").replace("<", "&lt;")
        rows.append((f"`{option.metadata['env']}`", _default(option), meaning))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def filled(page: Path, help_key: str) -> str:
    """The text of ``page`` with the table as it should be; raises `TableError`."""
    before, start, rest = page.read_text(encoding="utf-8").partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise TableError(f"{page.name} has no lines {START} and {END}.")
    return f"{before}{START}\n{table(help_key)}\n{END}{after}"


def _default(option: Field[Any]) -> str:
    value = option.default
    if isinstance(value, Path):
        value = value.relative_to(ROOT) if value.is_relative_to(ROOT) else value
    if isinstance(value, bool):
        value = int(value)
    return f"`{value}`" if value != "" else ""
