"""Lists the installed plugins, turns them on and off, and deletes what they have left."""

from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from sitecluster.plugins.contract import PluginConfig, Scope
from sitecluster.plugins.discovery import found
from sitecluster.plugins.registry import installed, is_on_at
from tenants import directory, switching
from tenants.models import State
from tenants.readiness import require_upgraded

LIST, ENABLE, DISABLE, PURGE = "list", "enable", "disable", "purge"


class Command(BaseCommand):
    help = "Lists the plugins; turns one on or off at a site or deletes the data it left there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", nargs="?", choices=[LIST, ENABLE, DISABLE, PURGE], default=LIST)
        parser.add_argument("plugin", nargs="?", default="", help="its name in the list")
        parser.add_argument("--site", default="", help="code of the site")
        parser.add_argument(
            "--with-required", action="store_true", help="also turn on what it requires"
        )
        parser.add_argument(
            "--unpublish", action="store_true", help="unpublish its live pages with it"
        )
        parser.add_argument("--yes", action="store_true", help="delete without asking")

    def handle(self, *args: Any, **options: Any) -> None:
        require_upgraded()
        act, plugin, site = options["act"], options["plugin"], options["site"]
        if act == LIST:
            self._list(site)
            return
        if not (plugin and site):
            text = _("Say which plugin and where: manage.py plugins %(act)s PLUGIN --site CODE.")
            raise CommandError(text % {"act": act})
        if act == PURGE and not options["yes"]:
            self._confirm(plugin, site)
        try:
            self._switch(act, plugin, site, options)
        except switching.PluginError as error:
            raise CommandError("\n".join(error.problems)) from error

    def _switch(self, act: str, plugin: str, site: str, options: dict[str, Any]) -> None:
        steps: dict[str, tuple[Callable[[], Any], str]] = {
            ENABLE: (
                lambda: switching.enable(site, plugin, with_required=options["with_required"]),
                _("%(plugin)s is on at %(site)s."),
            ),
            DISABLE: (
                lambda: switching.disable(site, plugin, unpublish=options["unpublish"]),
                _("%(plugin)s is off at %(site)s; its data stays."),
            ),
            PURGE: (
                lambda: switching.purge(site, plugin),
                _("What %(plugin)s had left at %(site)s is deleted."),
            ),
        }
        step, sentence = steps[act]
        step()
        self.stdout.write(sentence % {"plugin": plugin, "site": site})

    def _list(self, code: str) -> None:
        if code and code not in directory.snapshot().by_code:
            raise CommandError(_("There is no site %(code)s.") % {"code": code})
        if not installed():
            self.stdout.write(_("No plugin is installed."))
        for label, config in sorted(installed().items()):
            self._describe(label, config, code)
        for problem in found().problems:
            self.stderr.write(problem)

    def _describe(self, label: str, config: PluginConfig, code: str) -> None:
        manifest = config.manifest
        sites = [
            site.code
            for site in directory.sites([code] if code else None)
            if site.state != State.REMOVED and is_on_at(label, site)
        ]
        where = _("on at %(sites)s") % {"sites": ", ".join(sites)} if sites else _("off")
        if manifest.scope is Scope.PLATFORM:
            where += " " + _("(belongs to the platform)")
        self.stdout.write(f"{label} {manifest.version}  {manifest.title}: {where}")

    def _confirm(self, plugin: str, site: str) -> None:
        text = _("This deletes every page and row of %(plugin)s at %(site)s, for good.")
        self.stdout.write(text % {"plugin": plugin, "site": site})
        try:
            answer = input(_("Type the code of the site to go on: "))
        except EOFError:
            answer = ""
        if answer.strip() != site:
            raise CommandError(_("Nothing was deleted."))
