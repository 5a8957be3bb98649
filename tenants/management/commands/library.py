"""Compares the library with the pages that are live."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from sitecluster.audit.trail import record
from sitecluster.cms import publication
from sitecluster.tenancy import connection
from tenants import directory
from tenants.readiness import require_upgraded


class Command(BaseCommand):
    help = "Names every difference between the library and the live pages; exits 1 if there is any."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--site", default="", metavar="CODE", help="this site only")
        parser.add_argument("--repair", action="store_true", help="write the rows anew")

    def handle(self, *args: Any, **options: Any) -> None:
        require_upgraded()
        known = directory.snapshot().by_code
        if options["site"] and options["site"] not in known:
            raise CommandError(_("There is no site %(code)s.") % {"code": options["site"]})
        found = 0
        for code in [options["site"]] if options["site"] else list(known):
            connection.recycle()
            if options["repair"]:
                repair(known[code])
            for difference in publication.compare(known[code]):
                found += 1
                self.stderr.write(f"{code}: {difference}")
        self.stdout.write(_("%d differences.") % found)
        if found:
            raise SystemExit(1)


def repair(site: directory.Site) -> None:
    """Write the site's rows anew, and note in the audit trail what they lacked."""
    with transaction.atomic():
        found = publication.compare(site)
        publication.reconcile(site)
        if found:
            record("library.repaired", site=site, subject=site.name, before={"differences": found})
