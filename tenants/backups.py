"""Backups: one site's schema, its rows of shared tables and its uploads in one file."""

from collections.abc import Sequence
from typing import Any

from .models import Backup


class BackupError(Exception):
    """A backup can't be made; ``problems`` are sentences for the person who asked."""

    def __init__(self, problems: Sequence[Any]) -> None:
        self.problems = [str(problem) for problem in problems]
        super().__init__(" ".join(self.problems))


def make(site: Any, *, by: Any = None, reason: str = "") -> Backup:
    """Write a backup of the committed state of ``site``, a Tenant or `directory.Site`, now.

    The row joins the current transaction; what that transaction has changed in the site and not
    yet committed isn't in the file. Raises `BackupError`.
    """
    raise NotImplementedError
