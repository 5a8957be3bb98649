"""Compiling and checking the catalogues of texts."""

import shutil
from pathlib import Path

import polib
import pytest
from django.core.management import CommandError, call_command

from sitecluster.project import catalogues
from sitecluster.project.management.commands import catalogues as command


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree with a Chinese catalogue of one text; nothing is collected from the real code."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(command, "ROOT", tmp_path)
    write(tmp_path, msgid="%(count)s sites", msgstr="%(count)s 个站点")
    return tmp_path


def write(root: Path, **entry: object) -> Path:
    path = root / "platform/sitecluster/locale/zh_Hans/LC_MESSAGES/django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=utf-8"}
    catalogue.append(polib.POEntry(**entry))
    catalogue.save(str(path))
    return path


def test_compiled_catalogue_holds_the_translation(root: Path) -> None:
    assert catalogues.compile_catalogues(root) == 1
    (path,) = catalogues.catalogue_files(root)
    (entry,) = polib.mofile(str(path.with_suffix(".mo")))
    assert (entry.msgid, entry.msgstr) == ("%(count)s sites", "%(count)s 个站点")
    assert catalogues.problems(root) == []


def test_a_catalogue_that_is_not_compiled_is_a_problem(root: Path) -> None:
    (problem,) = catalogues.problems(root)
    assert "not compiled" in problem
    catalogues.compile_catalogues(root)
    write(root, msgid="Site", msgstr="站点")
    (problem,) = catalogues.problems(root)
    assert "not compiled" in problem


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"msgid": "Site", "msgstr": ""}, "not translated: 'Site'"),
        ({"msgid": "Site", "msgstr": "站点", "flags": ["fuzzy"]}, "fuzzy: 'Site'"),
        ({"msgid": "%(n)s sites", "msgstr": "%(m)s 个站点"}, "other placeholders"),
        ({"msgid": "Page {number}", "msgstr": "第页"}, "other placeholders"),
    ],
)
def test_what_is_wrong_with_a_text_is_named(
    root: Path, entry: dict[str, object], expected: str
) -> None:
    write(root, **entry)
    catalogues.compile_catalogues(root)
    assert [expected in problem for problem in catalogues.problems(root)] == [True]


def test_command_compiles_then_finds_nothing(root: Path) -> None:
    with pytest.raises(CommandError, match="not compiled"):
        call_command("catalogues", check=True)
    call_command("catalogues", compile=True)
    call_command("catalogues", check=True)


def test_command_names_the_first_problems_and_counts_the_rest(root: Path) -> None:
    path = write(root, msgid="Site", msgstr="")
    catalogue = polib.pofile(str(path))
    catalogue.extend(polib.POEntry(msgid=f"Site {number}") for number in range(30))
    catalogue.save()
    with pytest.raises(CommandError, match=r"'Site 18'\n\.\.\. and 12 more$"):
        call_command("catalogues", check=True)


def test_english_catalogue_repeats_the_texts(tmp_path: Path) -> None:
    path = tmp_path / "django.po"
    catalogue = polib.POFile()
    catalogue.append(polib.POEntry(msgid="Site"))
    catalogue.append(
        polib.POEntry(msgid="%s site", msgid_plural="%s sites", msgstr_plural={0: "", 1: ""})
    )
    catalogue.save(str(path))
    catalogues._repeat_the_english(path)
    one, many = polib.pofile(str(path))
    assert one.msgstr == "Site"
    assert many.msgstr_plural == {0: "%s site", 1: "%s sites"}
