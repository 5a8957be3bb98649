"""`migrate` for the shared schema; `upgrade` brings blueprints and sites along."""

from typing import Any

from django.core.management.commands import migrate

from sitecluster.tenancy import shared_context


class Command(migrate.Command):
    help = "Migrates the shared schema only; “upgrade” brings blueprints and sites along."

    def handle(self, *args: Any, **options: Any) -> None:
        with shared_context():
            super().handle(*args, **options)
