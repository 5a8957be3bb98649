"""The shape of the repository: what no linter can see."""

import ast
import platform
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ROOT / "platform" / "sitecluster"
# In pieces, since this file is one of those that must not name them.
REGISTRY_HOSTS = [
    ".".join(pieces)
    for pieces in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("repo1", "maven", "org"),
        ("proxy", "golang", "org"),
        ("crates", "io"),
    )
]
LONGEST_FILE, LONGEST_FUNCTION = 400, 50


@cache
def repository_files() -> list[Path]:
    """Files of the repository, those not committed yet among them, as they stand on disk."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


def code_files() -> list[Path]:
    """Python files outside tests and migrations."""
    return [
        path
        for path in repository_files()
        if path.suffix == ".py"
        and "migrations" not in path.parts
        and not path.is_relative_to(ROOT / "tests")
    ]


@cache
def contracts() -> dict[str, dict[str, list[str]]]:
    """The import contracts by id."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    return {contract["id"]: contract for contract in settings["contracts"]}


def test_the_platform_folder_is_no_package() -> None:
    """It would shadow the standard library's `platform` under manage.py, and only there."""
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert platform.__file__.startswith(sys.base_prefix)


def test_the_standard_librarys_platform_is_found_beside_manage_py() -> None:
    found = subprocess.run(
        [sys.executable, "-c", "import platform; print(platform.__file__)"],
        cwd=ROOT,  # `-c` puts this folder first on the path, as running manage.py does
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert Path(found).is_relative_to(sys.base_prefix)


def test_manage_py_starts() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", "version"],
        cwd=ROOT.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_no_folder_of_code_is_a_package_of_its_own() -> None:
    for folder in ("platform", "plugins", "themes"):
        assert not any(name.startswith(f"{folder}.") for name in list(sys.modules))


def test_no_file_is_imported_under_two_names() -> None:
    seen: dict[Path, str] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not file or not Path(file).is_relative_to(ROOT) or ".venv" in Path(file).parts:
            continue
        assert seen.setdefault(Path(file), name) == name


def test_the_layers_name_every_part_of_the_platform() -> None:
    layers = {
        name.strip(" ()") for layer in contracts()["layers"]["layers"] for name in layer.split("|")
    }
    parts = {
        f"sitecluster.{path.stem}"
        for path in PACKAGES.iterdir()
        if (path / "__init__.py").exists() or (path.suffix == ".py" and path.stem != "__init__")
    }
    plugins = {name for name in layers if name.startswith("sitecluster_")}
    assert layers == parts | plugins | {"tenants"}


def test_the_contracts_name_every_plugin() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    named = {name for name in settings["root_packages"] if name.startswith("sitecluster_")}
    plugins = {path.parent.name for path in ROOT.glob("plugins/*/pyproject.toml")}
    expected = {f"sitecluster_{name.replace('-', '_')}" for name in plugins}
    assert named == expected
    assert set(contracts()["plugins"]["modules"]) == expected
    layers = {name for layer in contracts()["layers"]["layers"] for name in layer.split(" | ")}
    assert {f"({name})" for name in expected} <= layers


def test_the_type_checker_sees_every_plugin() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    plugins = [str(path.parent.relative_to(ROOT)) for path in ROOT.glob("plugins/*/pyproject.toml")]
    assert set(settings["mypy_path"].split(":")) == {"platform", *plugins}


def test_the_contracts_let_only_one_package_touch_the_tenant_connection() -> None:
    parts = {f"sitecluster.{path.parent.name}" for path in PACKAGES.glob("*/__init__.py")}
    sealed = set(contracts()["one-door"]["source_modules"])
    assert sealed == parts - {"sitecluster.project", "sitecluster.postgres"}


def test_themes_hold_no_python() -> None:
    assert not [path for path in repository_files() if path.match("themes/**/*.py")]


def test_every_theme_says_what_it_is() -> None:
    folders = [path for path in (ROOT / "themes").iterdir() if path.is_dir()]
    assert folders
    for folder in folders:
        assert tomllib.loads((folder / "theme.toml").read_text("utf-8"))


@pytest.mark.parametrize("host", REGISTRY_HOSTS)
def test_no_file_names_the_host_of_a_package_registry(host: str) -> None:
    needle = host.encode()
    assert [path for path in repository_files() if needle in path.read_bytes()] == []


def test_no_file_of_code_is_long() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in code_files()}
    assert {path: n for path, n in lengths.items() if n > LONGEST_FILE} == {}


def test_no_function_is_long() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in code_files()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils.py", "helpers.py", "common.py", "services.py", "misc.py"}
    assert [path for path in code_files() if path.name in drawers] == []


def test_every_exemption_from_the_linter_carries_a_reason() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in code_files()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if "# noqa" in line and not re.search(r"# noqa: [A-Z0-9, ]+ --? \S", line)
    ]
    assert bare == []


def test_the_pins_carry_hashes_and_name_no_index() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text
        assert "--index" not in text
        assert "--find-links" not in text
        pinned = re.findall(r"^[a-z][^\n]*==", text, re.MULTILINE)
        assert len(pinned) > 50
        assert len(re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)) - 1 == len(pinned)
        assert all("--hash=sha256:" in part for part in re.split(r"\n(?=[a-z])", text) if part)


def test_the_pins_of_production_are_among_those_of_development() -> None:
    versions = [
        set(re.findall(r"^[a-z][^ ;\\]*", (ROOT / name).read_text("utf-8"), re.MULTILINE))
        for name in ("requirements.txt", "requirements-dev.txt")
    ]
    assert versions[0] <= versions[1]
