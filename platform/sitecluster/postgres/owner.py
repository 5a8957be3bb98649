"""The operating system's account under which the embedded server runs.

PostgreSQL refuses uid 0, so root hands it to an unprivileged account.
"""

import os
import pwd
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import PostgresError, gettext_noop

UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Owner:
    """An account: ids and name."""

    uid: int
    gid: int
    name: str

    def run(
        self, command: Sequence[object], *, pass_fds: Sequence[int] = (), stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run `command` as this account, apart from the caller's folder and PG* variables.

        The file descriptors in `pass_fds` stay open in it. Raises PostgresError when it can't be
        started at all; its own failure is in the result's return code.
        """
        user, group, groups = (None, None, None)
        if self.uid != os.geteuid():
            user, group, groups = self.uid, self.gid, ()
        try:
            return subprocess.run(
                [str(part) for part in command],
                input=stdin,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                cwd="/",
                env=_environment(),
                pass_fds=tuple(pass_fds),
                umask=0o077,
                user=user,
                group=group,
                extra_groups=groups,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise PostgresError(
                gettext_noop("%(program)s cannot be run as %(user)s: %(reason)s."),
                program=str(command[0]),
                user=self.name,
                reason=error,
            ) from error

    def may(self, access: str, path: Path) -> bool:
        """Say whether this account may "r"ead or e"x"ecute (of a folder: enter) `path`."""
        if self.uid == os.geteuid():
            return os.access(path, os.R_OK if access == "r" else os.X_OK)
        return self.run(["/bin/sh", "-c", f'test -{access} "$1"', "sh", path]).returncode == 0

    def require_entry(self, folder: Path) -> None:
        """Raise PostgresError naming the outermost folder that keeps this account out."""
        if self.may("x", folder):
            return
        way = [*reversed(folder.parents), folder]
        raise PostgresError(
            gettext_noop(
                "PostgreSQL runs as the account %(user)s, which cannot enter %(folder)s: "
                "set VAR_DIR to a folder that it can reach, such as /var/lib/sitecluster."
            ),
            user=self.name,
            folder=next(step for step in way if not self.may("x", step)),
        )


def find_owner(folder: Path) -> Owner:
    """Return the account for the server whose files lie in `folder` (which need not exist).

    Root takes the account that the folder belongs to, else `postgres` or `nobody`. Raises
    PostgresError when the folder is somebody else's or the account has no name.
    """
    uid, present = os.geteuid(), _owner_of(folder)
    if uid == 0:
        return _named(present) if present else _unprivileged()
    if present not in (None, uid):
        raise PostgresError(
            gettext_noop(
                "%(folder)s belongs to the account with the number %(uid)s: "
                "run the platform under it or as root."
            ),
            folder=folder,
            uid=present,
        )
    return _named(uid)


def make_private(folder: Path, owner: Owner) -> None:
    """Create `folder` (mode 0700, belonging to `owner`) or make sure that it is so.

    Raises PostgresError when the path is a link, no folder or somebody else's: in a shared
    temporary folder anybody could have planted it.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(folder):
            folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise PostgresError(
            gettext_noop("%(folder)s cannot be created: %(reason)s."),
            folder=folder,
            reason=error.strerror,
        ) from error
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise _foreign(folder) from error
    try:
        found = os.fstat(handle)
        if found.st_uid == 0 != owner.uid and os.geteuid() == 0:
            os.fchown(handle, owner.uid, owner.gid)
        elif found.st_uid != owner.uid:
            raise _foreign(folder)
        if stat.S_IMODE(found.st_mode) != 0o700:
            os.fchmod(handle, 0o700)
    finally:
        os.close(handle)


def _foreign(folder: Path) -> PostgresError:
    return PostgresError(
        gettext_noop(
            "%(folder)s is not a folder of PostgreSQL's own account: remove it and start again."
        ),
        folder=folder,
    )


def _owner_of(folder: Path) -> int | None:
    try:
        return folder.lstat().st_uid
    except FileNotFoundError:
        return None


def _named(uid: int) -> Owner:
    try:
        account = pwd.getpwuid(uid)
    except KeyError as error:
        raise PostgresError(
            gettext_noop(
                "The account with the number %(uid)s has no name on this system, "
                "which PostgreSQL needs: add it to /etc/passwd."
            ),
            uid=uid,
        ) from error
    return Owner(account.pw_uid, account.pw_gid, account.pw_name)


def _unprivileged() -> Owner:
    for name in UNPRIVILEGED:
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return Owner(account.pw_uid, account.pw_gid, name)
    raise PostgresError(
        gettext_noop(
            "PostgreSQL refuses to run as root and there is neither an account postgres nor "
            "nobody: add one or run the platform as an ordinary user."
        )
    )


def _environment() -> dict[str, str]:
    """Return the caller's variables without those that steer PostgreSQL, in a UTF-8 locale."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}
