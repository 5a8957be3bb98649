"""`manage.py publish_scheduled`: Wagtail's command of that name, for every live site."""

import logging
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from sitecluster.cms.scheduling import run_schedule
from sitecluster.tenancy import connection, tenant_context
from tenants import directory
from tenants.readiness import require_upgraded

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Publishes and expires what is due; a page or a site that fails doesn't stop the others."""

    help = "Publish and expire the pages that are due, on all live sites."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", metavar="CODE", help="this site only")
        parser.add_argument("--dryrun", action="store_true", help="say what is due, do nothing")

    def handle(self, *, site: str | None, dryrun: bool, **options: Any) -> None:
        require_upgraded()
        failed = [found.code for found in self._sites(site) if not self._run(found, dryrun)]
        if failed:
            raise CommandError(_("The schedule failed on: %s") % ", ".join(failed))

    def _sites(self, code: str | None) -> list[directory.Site]:
        if code is None:
            return directory.live_sites()
        try:
            return directory.sites([code])
        except KeyError:
            raise CommandError(_("There is no site with the code %s.") % code) from None

    def _run(self, site: directory.Site, dry: bool) -> bool:
        connection.recycle()  # one connection would remember the tables of every site
        try:
            with tenant_context(site):
                run = run_schedule(dry)
        except DatabaseError:
            logger.exception("The schedule of %s failed.", site.code)
            return False
        for sign, titles in (("+", run.published), ("-", run.expired), ("!", run.refused)):
            for title in titles:
                self.stdout.write(f"{site.code} {sign} {title}")
        return True
