"""`python -m bench [--quick] [NAME…]`: runs the benches and prints their figures."""

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from . import child, databases, lighthouse, serving

Bench = Callable[[str, Path, bool], None]


def _in_child(name: str, template: str, folder: Path, quick: bool) -> None:
    """Run a bench on a copy of the template and its files, in a process of its own."""
    shutil.copytree(folder / "media", folder / name / "media")
    with databases.database(name, template) as own:
        child.run(name, "run", child.environment(own, folder / name), quick=quick)


# Provisioning comes first: where many files were deleted a moment ago, as in dropping a
# database, ext4 takes several times as long to create new ones.
BENCHES: dict[str, Bench] = {
    "provisioning": partial(_in_child, "provisioning"),
    "upgrading": partial(_in_child, "upgrading"),
    "directory": partial(_in_child, "directory"),
    "console": partial(_in_child, "console"),
    "serving": serving.run,
    "memory": partial(_in_child, "memory"),
    "lighthouse": lighthouse.run,
}


def main() -> None:
    """Make a database with blueprints, run the benches on copies of it, drop all of them."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--quick", action="store_true", help="fewer sites and rounds")
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHES)
    if unknown:
        parser.error(f"no such bench: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # and drop what was made
    databases.start_server()
    with tempfile.TemporaryDirectory(prefix="sitecluster-bench-") as name:
        folder = Path(name)
        with databases.database("template") as template:
            child.run("ours", "upgrade", child.environment(template, folder))
            for bench in options.names or BENCHES:
                BENCHES[bench](template, folder, options.quick)


if __name__ == "__main__":
    main()
