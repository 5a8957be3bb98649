"""What the system checks say of plugins."""

from dataclasses import replace

import pytest

from sitecluster.plugins.checks import foreign_rows, foreign_tables
from sitecluster.plugins.registry import installed


def test_a_table_of_the_shared_schema_is_handed_on_by_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However the manifest names the app, by its module or by its class."""
    config = installed()["alerts"]
    declared = replace(config.manifest, handed_on=("alerts_shared_alert",))
    monkeypatch.setattr(config, "manifest", declared)
    assert [error.id for error in foreign_tables()] == ["plugins.E002"]


@pytest.mark.parametrize("table", ["accounts_membership", "alerts_nothing"])
def test_a_plugin_has_its_own_rows_backed_up_alone(
    monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    assert foreign_rows() == []
    config = installed()["alerts"]
    monkeypatch.setattr(config, "manifest", replace(config.manifest, backed_up=(table,)))
    assert [error.id for error in foreign_rows()] == ["plugins.E004"]
