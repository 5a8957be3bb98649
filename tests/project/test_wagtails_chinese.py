"""Nothing that Wagtail shows is left in English."""

from pathlib import Path

import polib
import pytest
from django.apps import apps
from django.conf import settings

Key = tuple[str | None, str]


def translated(path: Path) -> set[Key]:
    return {
        (entry.msgctxt, entry.msgid)
        for entry in (polib.pofile(str(path)) if path.exists() else ())
        if entry.translated()
    }


def offered(path: Path) -> set[Key]:
    return {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(path)) if not entry.obsolete}


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_every_text_of_wagtail_has_its_chinese(domain: str) -> None:
    """Its own catalogues hold only what is translated, so they are compared with the English."""
    locales = [Path(config.path) / "locale" for config in apps.get_app_configs()]
    known = set[Key]()
    for folder in (*locales, *map(Path, settings.LOCALE_PATHS)):
        known |= translated(folder / "zh_Hans" / "LC_MESSAGES" / f"{domain}.po")
    wagtails = [
        Path(config.path) / "locale" / "en" / "LC_MESSAGES" / f"{domain}.po"
        for config in apps.get_app_configs()
        if config.name.startswith("wagtail")
    ]
    wanted = set[Key]().union(*(offered(path) for path in wagtails if path.exists()))
    assert len(wanted) > {"django": 1000, "djangojs": 50}[domain]
    assert sorted(wanted - known, key=str) == []


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_what_wagtail_has_translated_since_is_not_repeated(domain: str) -> None:
    """With a new release of Wagtail its own text, which more people look at, takes over."""
    ours = translated(Path(settings.LOCALE_PATHS[1]) / "zh_Hans" / "LC_MESSAGES" / f"{domain}.po")
    theirs = set[Key]()
    for config in apps.get_app_configs():
        if config.name.startswith("wagtail"):
            theirs |= translated(
                Path(config.path) / "locale" / "zh_Hans" / "LC_MESSAGES" / f"{domain}.po"
            )
    assert ours & theirs == set()
