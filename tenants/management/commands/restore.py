"""Restores one site from a backup."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants.backups import restoring
from tenants.readiness import require_upgraded

from .sites import describe


class Command(BaseCommand):
    help = (
        "Restores a backup: in place, as a copy under another code, or a site that was removed."
        " A backup of a standing site is made before it is replaced."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--code", default="", help="another code, for a copy")
        parser.add_argument("--name", default="", help="another name, for a copy")
        parser.add_argument("--domain", default="", metavar="HOST[/PATH]", help="its address")
        parser.add_argument("--reason", required=True, help="why; kept in the audit trail")
        parser.add_argument("--document", default="", help="number of the document that orders it")

    def handle(self, *args: Any, **options: Any) -> None:
        require_upgraded()
        wishes = {key: options[key] for key in ("code", "name", "domain", "reason", "document")}
        try:
            site = restoring.restore(options["file"], **wishes)
        except restoring.RestoreError as error:
            raise CommandError("\n".join(error.problems)) from None
        for key, value in describe(site).items():
            self.stdout.write(f"{key}\t{value or '-'}")
