"""The console's part of the main menu: one group whose items each show what the person may use."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

from .policy import may_enter, runs_any


@dataclass(frozen=True)
class Entry:
    """An item: its address's name, label, icon, and for whom it is."""

    view: str
    label: Any
    icon: str
    applicants: bool = False
    platform_only: bool = False


ENTRIES: list[Entry] = [
    Entry("home", _("Sites"), "site"),
    Entry("openings", _("Open a site"), "plus", applicants=True),
    Entry("requests", _("Requests for sites"), "clipboard-list"),
    Entry("rosters", _("Open many sites"), "upload"),
    Entry("batches", _("Batches"), "tasks"),
    Entry("bulk", _("Act on many sites"), "list-ul"),
    Entry("people", _("People"), "user"),
    Entry("blueprints", _("Blueprints"), "copy", platform_only=True),
    Entry("all_backups", _("Backups"), "download", platform_only=True),
    Entry("upgrades", _("Upgrades"), "resubmit", platform_only=True),
    Entry("queue", _("Background tasks"), "cogs", platform_only=True),
    Entry("delegations", _("Delegations"), "group"),
    Entry("rules", _("Rules"), "sliders", platform_only=True),
]


class ConsoleItem(MenuItem):
    """An item that is shown to whom its screen lets in."""

    def __init__(self, entry: Entry, order: int) -> None:
        self.entry = entry
        name = "console-" + entry.view
        super().__init__(
            entry.label, reverse(f"console:{entry.view}"), name, icon_name=entry.icon, order=order
        )

    def is_shown(self, request: HttpRequest) -> bool:
        user: Any = request.user
        if self.entry.platform_only:
            return bool(user.is_superuser)
        return may_enter(user) if self.entry.applicants else runs_any(user)


class ClusterMenuItem(SubmenuMenuItem):
    """站群: everything of the console."""

    def __init__(self) -> None:
        menu = Menu(items=[ConsoleItem(entry, number) for number, entry in enumerate(ENTRIES)])
        super().__init__(_("Cluster"), menu, name="cluster", icon_name="grid", order=20)
