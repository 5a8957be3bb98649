from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sitecluster.project.settings_table import TableError, filled, pages


class Command(BaseCommand):
    help = "Writes the table of settings into docs/, or checks that it is up to date."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        action = parser.add_mutually_exclusive_group(required=True)
        action.add_argument("--write", action="store_true", help="write the table")
        action.add_argument("--check", action="store_true", help="exit 1 if it is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        for help_key, page in pages().items():
            try:
                text = filled(page, help_key)
            except TableError as error:
                raise CommandError(str(error)) from error
            if options["write"]:
                page.write_text(text, encoding="utf-8")
            elif text != page.read_text(encoding="utf-8"):
                raise CommandError(
                    f"{page.name} is out of date: run manage.py settings_table --write"
                )
