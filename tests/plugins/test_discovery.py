"""What is broken is left out and named; it never stops the platform."""

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from sitecluster.plugins import Manifest, PluginConfig, Scope
from sitecluster.plugins.discovery import GROUP, Found, discover, found, platform_version

Make = Callable[..., EntryPoint]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes the entry point of a plugin of this name with these fields of its manifest."""

    def make(name: str, label: str = "", **fields: object) -> EntryPoint:
        module = ModuleType(f"made_{name}")
        manifest = Manifest(title=name, version="1", **fields)  # type: ignore[arg-type]
        body = {"name": module.__name__, "label": label or name, "manifest": manifest}
        vars(module)["Config"] = type("Config", (PluginConfig,), body)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return EntryPoint(name, f"{module.__name__}:Config", GROUP)

    return make


def problems(*entries: EntryPoint) -> str:
    result = discover(entries, "0.1.0")
    assert not result.plugins
    return " ".join(result.problems)


def test_the_samples_are_found() -> None:
    assert {"board", "chime", "echo", "watch"} <= set(found().plugins)
    assert found().problems == []
    assert platform_version() != "0"


def test_plugins_come_in_the_order_of_their_names(make: Make) -> None:
    result = discover([make("b"), make("a")], "0.1.0")
    assert list(result.plugins) == ["a", "b"]
    assert result.problems == []


def test_a_module_that_is_not_there() -> None:
    text = problems(EntryPoint("x", "no_such_module:Config", GROUP))
    assert text.startswith("Plugin x (no_such_module:Config): it can't be imported")
    assert "no_such_module" in text


def test_a_module_that_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made_raising.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(str(tmp_path))
    text = problems(EntryPoint("x", "made_raising:Config", GROUP))
    assert "ZeroDivisionError: division by zero" in text


def test_what_is_no_plugin() -> None:
    assert "names no subclass" in problems(EntryPoint("x", "json:dumps", GROUP))
    assert "names no subclass" in problems(EntryPoint("x", "django.apps:AppConfig", GROUP))
    entry = EntryPoint("x", "sitecluster.plugins:PluginConfig", GROUP)
    assert "has no manifest" in problems(entry)


def test_a_label_that_is_another_name(make: Make) -> None:
    assert "label isn't the name" in problems(make("x", label="y"))


@pytest.mark.parametrize(
    ("compatible", "problem"),
    [
        (">=0.1,<0.3", ""),
        ("==0.1.*", ""),
        (">=2", "for version >=2 of the platform, not 0.1.0"),
        ("recent", "“recent” is no version specifier"),
    ],
)
def test_versions_of_the_platform(make: Make, compatible: str, problem: str) -> None:
    result = discover([make("x", compatible=compatible)], "0.1.0")
    assert bool(result.plugins) is not bool(problem)
    assert problem in " ".join(result.problems)


def test_what_is_required_but_not_there_takes_its_dependents_along(make: Make) -> None:
    entries = [make("a", requires=("b",)), make("b", requires=("c",)), make("d")]
    result = discover(entries, "0.1.0")
    assert list(result.plugins) == ["d"]
    assert result.problems == ["Plugin b: it requires c.", "Plugin a: it requires b."]


def test_circles_and_a_platform_plugin_that_requires_a_sites(make: Make) -> None:
    assert "requires itself" in problems(make("a", requires=("b",)), make("b", requires=("a",)))
    result = discover([make("a"), make("p", scope=Scope.PLATFORM, requires=("a",))], "0.1.0")
    assert list(result.plugins) == ["a"]
    assert "p" in result.problems[0]


def test_two_of_one_name(make: Make) -> None:
    result = discover([make("x"), make("x")], "0.1.0")
    assert list(result.plugins) == ["x"]
    assert "another plugin has the same name" in result.problems[0]


def test_apps_of_the_platform_stay_its_own(make: Make) -> None:
    apps = ["sitecluster.cms", "wagtail.contrib.table_block"]
    entries = [make("cms"), make("x", apps=("wagtail.contrib.table_block",))]
    result = discover(entries, "0.1.0", apps)
    assert not result.plugins
    assert "sitecluster.cms has the label cms already" in result.problems[0]
    assert "the platform itself has the app wagtail.contrib.table_block" in result.problems[1]


def test_apps_that_come_along(make: Make) -> None:
    entries = [make("a", apps=("bell",)), make("b", apps=("bell",)), make("c", apps=("gone",))]
    result = discover(entries, "0.1.0")
    assert list(result.plugins) == ["a", "b"]
    assert "its app gone can't be loaded" in result.problems[0]


def test_the_check_names_what_was_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Found(problems=["Plugin x: it requires y."])
    monkeypatch.setattr("sitecluster.plugins.discovery.found", lambda: broken)
    named = [message for message in run_checks() if message.id == "plugins.E001"]
    assert [message.msg for message in named] == ["Plugin x: it requires y."]


def test_models_that_raise_are_named(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "made_models"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "models.py").write_text("import no_such_module")
    monkeypatch.syspath_prepend(str(tmp_path))
    config = PluginConfig("made_models", import_module("made_models"))
    with pytest.raises(ImproperlyConfigured, match="of the plugin made_models can't be loaded"):
        config.import_models()


def test_tables_and_slots_that_a_plugin_cannot_have(monkeypatch: pytest.MonkeyPatch) -> None:
    from sitecluster.plugins.registry import installed

    wrong = Manifest(
        title="Board",
        version="1",
        shared_app="sitecluster_board.shared",
        handed_on=("board_topic", "cms_articlepage", "board_shared_tally"),
        permissions={"janitor": ()},
        slots={"footer": "sitecluster_board.banner.render", "banner": "sitecluster_board.gone"},
    )
    monkeypatch.setattr(type(installed()["board"]), "manifest", wrong)
    named = {message.msg for message in run_checks() if "Plugin" in message.msg}
    assert named == {
        "Plugin board: there is no role janitor.",
        "Plugin board: it hands on cms_articlepage, which is no table of its own.",
        "Plugin board: it hands on board_shared_tally, which is no table of its own.",
        "Plugin board: there is no slot footer, only banner.",
        "Plugin board: what it puts into the slot banner can't be imported: Module"
        ' "sitecluster_board" does not define a "gone" attribute/class.',
    }
