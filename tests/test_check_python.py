"""What `make install` says when no usable Python is there."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "deploy" / "check-python"


def check(python: str | Path) -> tuple[int, list[str]]:
    """The exit code and the lines said about an interpreter."""
    done = subprocess.run(
        ["bash", SCRIPT, python], capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stderr.splitlines()


def stand_in(folder: Path, script: str) -> Path:
    """An interpreter that answers as ``script`` says."""
    path = folder / "python3"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_the_running_python_is_good() -> None:
    assert check(sys.executable) == (0, [])


def test_a_missing_python_is_one_sentence() -> None:
    code, lines = check("/nowhere/python3")
    assert code == 1
    assert len(lines) == 1
    assert lines[0].startswith("There is no /nowhere/python3 here")


def test_an_old_python_is_named_with_its_version(tmp_path: Path) -> None:
    old = stand_in(tmp_path, '[ "$1" = --version ] && echo "Python 3.10.13" && exit 0; exit 1')
    code, lines = check(old)
    assert code == 1
    assert lines == [
        f"{old} is Python 3.10.13, and 3.11 or newer is needed: make PYTHON=python3.11 install"
    ]


def test_a_python_without_venv_says_what_to_install(tmp_path: Path) -> None:
    bare = stand_in(tmp_path, 'case "$2" in *venv*) exit 1;; esac; exit 0')
    code, lines = check(bare)
    assert code == 1
    assert len(lines) == 1
    assert "python3-venv" in lines[0]
