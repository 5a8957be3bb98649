from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sitecluster.project.catalogues import collect_texts, compile_catalogues, problems
from sitecluster.project.config import ROOT

SHOWN = 20


class Command(BaseCommand):
    help = "Collects, compiles or checks the texts of the screens."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        action = parser.add_mutually_exclusive_group(required=True)
        action.add_argument("--collect", action="store_true", help="bring new texts into .po files")
        action.add_argument("--compile", action="store_true", help="write the .mo files")
        action.add_argument("--check", action="store_true", help="exit 1 if a text is missing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["collect"]:
            collect_texts(ROOT)
        elif options["compile"]:
            compile_catalogues(ROOT)
        elif found := problems(ROOT):
            more = [f"... and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
            raise CommandError("\n".join([*found[:SHOWN], *more]))
