"""Lists the sites."""

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError
from django.utils.translation import gettext as _

from tenants import directory, upgrading
from tenants.readiness import require_server


class Command(BaseCommand):
    help = "Lists the sites of the cluster."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="a list of objects")

    def handle(self, *args: Any, **options: Any) -> None:
        require_server()
        directory.forget()
        try:
            rows = [describe(site) for site in directory.sites()]
        except ProgrammingError:
            raise CommandError(upgrading.UPGRADE_FIRST) from None
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
            return
        for row in rows:
            cells = [row[key] or "-" for key in ("code", "name", "kind", "state", "public_url")]
            if row["behind"]:
                cells.append(row["upgrade_error"] or _("to be upgraded"))
            self.stdout.write("\t".join(cells))


def describe(site: directory.Site) -> dict[str, Any]:
    """A site as the list shows it; ``public_url`` is None where it has no public address."""
    return {
        "code": site.code,
        "name": site.name,
        "kind": site.kind,
        "parent": site.parent.code if site.parent else None,
        "state": site.state,
        "schema": site.schema_name,
        "public_url": site.address.url() if site.address else None,
        "admin_url": site.admin_url,
        "behind": site.behind,
        "upgrade_error": site.upgrade_error,
    }
