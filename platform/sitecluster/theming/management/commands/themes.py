"""The installed themes."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import get_language, gettext as _

from sitecluster.theming.catalogue import catalogue
from sitecluster.theming.inspection import problems_of


class Command(BaseCommand):
    help = "Lists the installed themes and what is wrong with them; exit code 1 if one is broken."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", metavar="name", help="these themes only")

    def handle(self, *args: Any, **options: Any) -> None:
        known = catalogue()
        unknown = [name for name in options["names"] if name not in known.problems]
        if unknown:
            text = _("The theme %(theme)s is not installed; there are: %(themes)s.")
            names = {"theme": unknown[0], "themes": ", ".join(known.problems)}
            raise CommandError(text % names)
        broken = [name for name in options["names"] or known.problems if not self._show(name)]
        if broken:
            raise CommandError(_("Broken: %(themes)s.") % {"themes": ", ".join(broken)})

    def _show(self, name: str) -> bool:
        """Print one theme; is it sound?"""
        theme = catalogue().themes.get(name)
        title = theme.title(get_language() or "") if theme else ""
        kinds = ", ".join(theme.kinds) if theme else ""
        self.stdout.write("\t".join((name, title or "-", kinds or "-")))
        found = problems_of(name)
        for problem in found:
            style = self.style.ERROR if problem.serious else self.style.WARNING
            self.stdout.write("  " + style(str(problem)))
        return not any(problem.serious for problem in found)
