"""From an empty database, or an older one, to what this code expects."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from tenants import upgrading
from tenants.readiness import require_server


class Command(BaseCommand):
    help = "Brings the shared schema, the blueprints and every site to what this code expects."

    def handle(self, *args: Any, **options: Any) -> None:
        require_server()
        done = upgrading.upgrade(self.stdout.write)
        self.stdout.write(
            _("Done: %(blueprints)d blueprints built, %(sites)d sites migrated.")
            % {"blueprints": done.blueprints, "sites": done.sites}
        )
