"""Runs one function of a bench in a process of its own, under its own settings and database.

``python -m bench.child MODULE FUNCTION ARGUMENTS``; the arguments are a JSON object. What the
function returns, unless it is None, is the last line that it prints, as JSON.
"""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

OURS, PLAIN = "bench.our_settings", "bench.plain_settings"
ROOT = Path(__file__).parents[1]


def environment(database: str, folder: Path, settings: str = OURS) -> dict[str, str]:
    """The environment of a child process on this database."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": settings,
        "BENCH_DATABASE": database,
        "BENCH_FOLDER": str(folder),
    }


def run(module: str, function: str, env: Mapping[str, str], **arguments: Any) -> None:
    """Run a function in a child whose output is shown."""
    subprocess.run(_command(module, function, arguments), env=dict(env), cwd=ROOT, check=True)


def ask(module: str, function: str, env: Mapping[str, str], **arguments: Any) -> Any:
    """Run a function in a child and give what it returns."""
    done = subprocess.run(
        _command(module, function, arguments),
        env=dict(env),
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _command(module: str, function: str, arguments: Mapping[str, Any]) -> list[str]:
    return [sys.executable, "-m", "bench.child", module, function, json.dumps(arguments)]


def main() -> None:
    """The child's side."""
    import django  # noqa: PLC0415 -- only the child is a Django process

    django.setup()
    module, function, arguments = sys.argv[1:]
    result = getattr(importlib.import_module(f"bench.{module}"), function)(**json.loads(arguments))
    if result is not None:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
