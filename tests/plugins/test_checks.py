"""What the system checks say of plugins."""

from dataclasses import replace

import pytest

from sitecluster.plugins.checks import foreign_tables
from sitecluster.plugins.registry import installed


def test_a_table_of_the_shared_schema_is_handed_on_by_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However the manifest names the app, by its module or by its class."""
    config = installed()["alerts"]
    declared = replace(config.manifest, handed_on=("alerts_shared_alert",))
    monkeypatch.setattr(config, "manifest", declared)
    assert [error.id for error in foreign_tables()] == ["plugins.E002"]
