"""Backs up one site."""

import argparse
import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from tenants.backups import making as backups
from tenants.models import State, Tenant
from tenants.readiness import require_upgraded


class Command(BaseCommand):
    help = "Writes the schema, the shared rows and the uploads of one site to one file."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("code")
        parser.add_argument(
            "--output", type=Path, help="copy the file here; it stays in BACKUPS_DIR"
        )
        parser.add_argument("--reason", default="", help="why; kept in the audit trail")

    def handle(self, *args: Any, **options: Any) -> None:
        require_upgraded()
        code, output = options["code"], options["output"]
        tenant = Tenant.objects.exclude(state=State.REMOVED).filter(code=code).first()
        if tenant is None:
            raise CommandError(_("There is no site %(code)s.") % {"code": code})
        try:
            path = backups.path_of(backups.make(tenant, reason=options["reason"]))
            if output:
                path = Path(shutil.copy(path, output))
        except backups.BackupError as error:
            raise CommandError("\n".join(error.problems)) from None
        except OSError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(str(path))
