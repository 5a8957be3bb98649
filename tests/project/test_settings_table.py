"""The table of settings in docs/ is the one that `Config` describes."""

from dataclasses import fields
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from sitecluster.project import settings_table
from sitecluster.project.config import Config


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    found = settings_table.pages(tmp_path)
    (tmp_path / "docs").mkdir()
    for page in found.values():
        page.write_text(f"before\n{settings_table.START}\nold\n{settings_table.END}\nafter\n")
    command = "sitecluster.project.management.commands.settings_table.pages"
    monkeypatch.setattr(command, lambda: found)
    return found


@pytest.mark.parametrize("help_key", ["help", "help_zh"])
def test_table_has_a_row_for_every_field(help_key: str) -> None:
    rows = settings_table.table(help_key).splitlines()
    assert len(rows) == len(fields(Config)) + 2
    for row, option in zip(rows[2:], fields(Config), strict=True):
        assert row.startswith(f"| `{option.metadata['env']}` | ")


def test_table_shows_defaults_without_this_machines_paths() -> None:
    rows = settings_table.table("help").splitlines()
    by_name = {row.split("`")[1]: row.split(" | ")[1] for row in rows[2:]}
    assert by_name["VAR_DIR"] == "`var`"
    assert by_name["DEBUG"] == "`0`"
    assert by_name["PUBLIC_PORT"] == "`8000`"
    assert by_name["SECRET_KEY"] == ""


def test_table_shows_placeholders_in_angle_brackets() -> None:
    assert "<code>" not in settings_table.table("help")
    assert "&lt;code>" in settings_table.table("help")


def test_every_setting_is_explained_in_both_languages() -> None:
    for option in fields(Config):
        assert option.metadata["help"].isascii()
        assert not option.metadata["help_zh"].isascii()


def test_write_fills_the_pages_and_leaves_the_rest(pages: dict[str, Path]) -> None:
    call_command("settings_table", write=True)
    for help_key, page in pages.items():
        text = page.read_text("utf-8")
        assert text.startswith("before\n")
        assert text.endswith("\nafter\n")
        assert settings_table.table(help_key) in text
        assert "\nold\n" not in text
    call_command("settings_table", check=True)


def test_check_names_the_page_that_is_out_of_date(pages: dict[str, Path]) -> None:
    with pytest.raises(CommandError, match=r"settings\.md is out of date"):
        call_command("settings_table", check=True)


def test_a_page_without_a_place_for_the_table_is_named(pages: dict[str, Path]) -> None:
    pages["help_zh"].write_text("nothing here")
    with pytest.raises(CommandError, match=r"settings\.zh-Hans\.md has no lines"):
        call_command("settings_table", write=True)


def test_the_pages_of_the_repository_are_up_to_date() -> None:
    for help_key, page in settings_table.pages().items():
        assert settings_table.filled(page, help_key) == page.read_text("utf-8")
