"""How much room a site has for uploads. The storage tells every change of what lies there; who
keeps the figures and the limits is put in place at start-up."""

from dataclasses import dataclass
from typing import Protocol

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from sitecluster.tenancy import current_tenant


@dataclass(frozen=True)
class Room:
    """Bytes that the uploads of a site take up now, and how many they may."""

    used: int
    most: int


class Ledger(Protocol):
    """Knows the figures of the active site."""

    def room(self) -> Room | None:
        """None where the site has no limit."""

    def note(self, files: int, size: int) -> None:
        """There are so many files and bytes more than before; fewer if negative."""


_ledger: Ledger | None = None


def use_ledger(ledger: Ledger) -> None:
    """Say who keeps the figures."""
    global _ledger
    _ledger = ledger


def note(files: int, size: int) -> None:
    """Tell that the active site has so many files and bytes more."""
    if _ledger is not None and current_tenant() is not None:
        _ledger.note(files, size)


def refusal(more: int) -> str:
    """Why ``more`` bytes find no room on the active site; empty if they do.

    Two uploads at the very same time are both told that there is room, so a site can end up a
    little over its limit.
    """
    room = _ledger.room() if _ledger is not None and current_tenant() is not None else None
    if room is None or more <= 0 or room.used + more <= room.most:
        return ""
    text = _(
        "There is no room for this file of %(size)s: the uploads of this site take up %(used)s,"
        " and %(most)s are allowed. Delete what is no longer needed, or ask the platform's"
        " administrators for more room."
    )
    sizes = {"size": more, "used": room.used, "most": room.most}
    return text % {name: filesizeformat(size) for name, size in sizes.items()}
