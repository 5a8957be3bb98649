"""`manage.py publish_scheduled`: what Wagtail's command of that name does is the worker's here."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from sitecluster.cms import moments
from sitecluster.tasks.claiming import serves
from sitecluster.tenancy import Tenant, all_sites, connection
from tenants.readiness import require_upgraded


class Command(BaseCommand):
    """Compares with the pages what the worker is to do when; nobody needs it in daily work."""

    help = (
        "Reads from the pages anew when the worker is to publish and expire them,"
        " for example after rows were changed by hand."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", metavar="CODE", help="this site only")
        parser.add_argument("--dryrun", action="store_true", help="say what differs, do nothing")

    def handle(self, *, site: str | None, dryrun: bool, **options: Any) -> None:
        require_upgraded()
        for found in self._sites(site):
            connection.recycle()  # one connection would remember the tables of every site
            for line in moments.rebuild(found, dryrun):
                self.stdout.write(f"{found.code} {line}")

    def _sites(self, code: str | None) -> list[Tenant]:
        known: dict[str, Tenant] = {found.code: found for found in all_sites()}
        if code is None:
            return [found for found in known.values() if serves(found)]
        if code not in known:
            raise CommandError(_("There is no site with the code %s.") % code)
        return [known[code]]
