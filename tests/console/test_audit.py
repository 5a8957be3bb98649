"""Issue 5, section 10: every act of the console is recorded, titled, searched, exported, sealed."""

import ast
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.test import Client
from openpyxl import load_workbook

from sitecluster.audit import acts
from sitecluster.audit.models import Entry
from sitecluster.audit.sealing import seal
from tenants.directory import Site

from .test_site_page import at

ROOT = Path(__file__).parents[2]
RECORDERS = {"record", "note", "_note", "_record", "record_change"}
REPORT = "/admin/reports/audit/"


def recorded() -> Iterator[str]:
    """Every act that stands as a word in a call which records it, or names a step's act."""
    for folder in ("platform/sitecluster", "tenants", "plugins"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf8"))):
                if isinstance(node, ast.Call):
                    yield from _act(node)


def _act(call: ast.Call) -> Iterator[str]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name in RECORDERS and call.args and isinstance(call.args[0], ast.Constant):
        yield str(call.args[0].value)
    for word in call.keywords:
        if word.arg in ("act", "audit") and isinstance(word.value, ast.Constant):
            yield str(word.value.value)


def test_every_act_has_a_title() -> None:
    found = {act for act in recorded() if "." in act}
    assert {"delegation.given", "site.identity_changed", "plugin.purged", "backup.made"} <= found
    assert found - set(acts.titled()) == set()


def test_an_act_of_the_console_is_found_exported_and_sealed(gamma: Site, boss: Client) -> None:
    path = at("site_theme", gamma.id)
    data = {"theme": "base", "reason": "全县统一风格", "document": "阿府办〔2026〕9号"}
    headers = {"x-forwarded-for": "192.0.2.9"}
    assert boss.post(path, data, headers=headers).status_code == 302
    entry = Entry.objects.get(act="theme.set")
    assert (entry.site_code, entry.actor_email) == ("gamma", "boss@console.example")
    assert (entry.before, entry.after) == ({"theme": "department"}, {"theme": "base"})
    assert entry.address
    assert entry.origin == "web"
    for query in ({"q": "全县统一"}, {"q": "阿府办"}, {"act": "theme.set"}, {"site_code": "gamma"}):
        assert "全县统一风格" in boss.get(REPORT, query).content.decode(), query
    found: Any = boss.get(REPORT, {"export": "xlsx", "act": "theme.set"})
    sheet: Any = load_workbook(io.BytesIO(found.getvalue())).active
    heading, row = sheet.values
    line = dict(zip(heading, row, strict=True))
    assert line["Reason"] == "全县统一风格"
    assert line["Document number"] == "阿府办〔2026〕9号"
    assert line["Changes"] == "theme: department → base"
    assert line["Time"].tzinfo is None
    seal()
    call_command("verify_audit", stdout=io.StringIO())
