"""The catalogues of texts: collecting the screens' texts, compiling and checking them.

Texts are English in the code. The English catalogue repeats them, so that both languages are
complete in the same sense; compiling needs no gettext on the machine.
"""

import re
import shutil
from pathlib import Path
from typing import Any

import polib
from django.core.management import call_command
from django.core.management.commands import makemessages

from sitecluster.project.config import ROOT

LANGUAGES = ("zh_Hans", "en")
IGNORED = (".venv/*", "var/*", "tests/*", "bench/*", "docs/*", "deploy/*")
COLLECTING: dict[str, Any] = {
    "locale": list(LANGUAGES),
    "extensions": ["py", "html", "txt"],
    "ignore_patterns": list(IGNORED),
    "add_location": "file",
    "no_wrap": True,
    "no_obsolete": True,
    "verbosity": 0,
}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w*\}")


def catalogue_files(root: Path) -> list[Path]:
    """Every .po file of the platform and its plugins below ``root``."""
    folders = (
        "platform/sitecluster/locale",
        "platform/sitecluster/locale_wagtail",  # what Wagtail hasn't translated itself
        "plugins/*/sitecluster_*/locale",
    )
    return sorted(path for folder in folders for path in root.glob(f"{folder}/*/LC_MESSAGES/*.po"))


def compile_catalogues(root: Path) -> int:
    """Write a .mo file beside every .po file; returns how many."""
    files = catalogue_files(root)
    for path in files:
        path.with_suffix(".mo").write_bytes(polib.pofile(str(path)).to_binary())
    return len(files)


def collect_texts(root: Path) -> None:
    """Bring the texts of code and templates into the .po files; needs gettext's programs."""
    call_command("makemessages", **COLLECTING)
    for path in catalogue_files(root):
        if path.parts[-3] == "en":
            _repeat_the_english(path)


def problems(root: Path) -> list[str]:
    """One sentence for each thing that is wrong with a catalogue; empty when all are complete."""
    found = [problem for path in catalogue_files(root) for problem in _file_problems(root, path)]
    if shutil.which("xgettext"):
        found += _uncollected()
    return found


def _file_problems(root: Path, path: Path) -> list[str]:
    name = path.relative_to(root)
    catalogue = polib.pofile(str(path))
    found = [
        f"{name}: not translated: {entry.msgid!r}" for entry in catalogue.untranslated_entries()
    ]
    found += [f"{name}: fuzzy: {entry.msgid!r}" for entry in catalogue.fuzzy_entries()]
    found += [
        f"{name}: other placeholders than the original: {entry.msgid!r}"
        for entry in catalogue.translated_entries()
        if not entry.msgid_plural and _placeholders(entry.msgid) != _placeholders(entry.msgstr)
    ]
    compiled = path.with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != catalogue.to_binary():
        found.append(f"{name}: not compiled: run `make install`")
    return found


def _placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text.replace("%%", "")))


def _repeat_the_english(path: Path) -> None:
    catalogue = polib.pofile(str(path), wrapwidth=0)
    for entry in catalogue:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: entry.msgid, 1: entry.msgid_plural}
        else:
            entry.msgstr = entry.msgid
        if entry.fuzzy:
            entry.flags.remove("fuzzy")
    catalogue.save()


class _Comparison(makemessages.Command):
    """Django's collecting command, comparing with the .po files where it would write them."""

    def __init__(self) -> None:
        super().__init__()
        self.missing: list[str] = []

    def write_po_file(self, potfile: str, locale: str) -> None:
        path = Path(potfile).parent / locale / "LC_MESSAGES" / f"{self.domain}.po"
        known = {_key(entry) for entry in polib.pofile(str(path))} if path.exists() else set()
        self.missing += [
            f"{locale}: run `make messages`, not in the catalogue: {entry.msgid!r}"
            for entry in polib.pofile(potfile)
            if _key(entry) not in known
        ]


def _key(entry: polib.POEntry) -> tuple[str, str | None]:
    return entry.msgid, entry.msgctxt


def _uncollected() -> list[str]:
    comparison = _Comparison()
    call_command(comparison, **COLLECTING)
    return comparison.missing


if __name__ == "__main__":  # `make install`: before settings and applications can be loaded
    compile_catalogues(ROOT)
