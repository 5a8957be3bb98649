"""From an empty database, or an older one, to what this code expects."""

import argparse
import logging
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from sitecluster.theming.inspection import name_broken
from tenants import upgrading
from tenants.readiness import require_server


class Command(BaseCommand):
    help = "Brings the shared schema, the blueprints and every site to what this code expects."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="say what would be done and do nothing; exit code 1 if anything would",
        )
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="sites at once")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["jobs"] < 1:
            raise CommandError(_("--jobs must be at least 1."))
        if options["traceback"]:
            logging.getLogger("tenants.upgrading").setLevel(logging.INFO)
        require_server()
        name_broken(self.stderr.write)
        if options["check"]:
            self._check()
        else:
            self._upgrade(options["jobs"])

    def _check(self) -> None:
        plan = upgrading.plan()
        for migration in sorted(plan.shared):
            self.stdout.write(_("Shared schema: %s") % ".".join(migration))
        for kind in plan.blueprints:
            self.stdout.write(_("Blueprint: %s") % kind)
        for code, migrations in plan.sites.items():
            names = ", ".join(".".join(migration) for migration in sorted(migrations))
            self.stdout.write(_("Site %(code)s: %(names)s") % {"code": code, "names": names})
        if plan.control:
            self.stdout.write(_("The control site would be opened."))
        if plan.rights:
            self.stdout.write(_("The rights of the web processes' database role would be set."))
        for problem in plan.refused:
            self.stderr.write(problem)
        if plan:
            raise SystemExit(1)
        self.stdout.write(_("Nothing to do."))

    def _upgrade(self, jobs: int) -> None:
        try:
            done = upgrading.upgrade(self.stdout.write, jobs)
        except upgrading.UpgradeError as error:
            raise CommandError("\n".join(error.problems)) from error
        except KeyboardInterrupt:
            raise CommandError(
                _("Stopped. The sites under way are as they were; run it again for the rest."),
                returncode=130,
            ) from None
        self.stdout.write(
            _("Done: %(blueprints)d blueprints built, %(sites)d sites migrated.")
            % {"blueprints": done.blueprints, "sites": done.sites}
        )
        if done.failed:
            text = _("%(count)d sites failed and are as they were: %(codes)s")
            codes = ", ".join(sorted(done.failed))
            raise CommandError(text % {"count": len(done.failed), "codes": codes})
