"""The sample county, served."""

import argparse
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _

from sitecluster.project import sample
from sitecluster.project.config import config
from tenants import directory, upgrading

SECOND_FACTOR = (
    _("The control site asks for a second factor. At the first sign-in there it shows a picture:"),
    _("scan it with an authenticator app, type the six digits, and keep the recovery codes."),
    _("To try it without: TRIAL_WITHOUT_SECOND_FACTOR=1 make demo"),
)


class Command(BaseCommand):
    help = "Opens the 44 sites of a sample county, fills them, and serves all."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="prepare only")

    def handle(self, *args: Any, **options: Any) -> None:
        upgrading.upgrade(self.stdout.write)
        try:
            accounts = sample.load(self.stdout.write)
        except sample.SampleError as error:
            raise CommandError(str(error)) from None
        self._announce(accounts)
        if not options["no_serve"]:
            call_command("serve", bind=f"127.0.0.1:{config.public_port}")

    def _announce(self, accounts: list[tuple[sample.Account, str]]) -> None:
        known = directory.snapshot().by_code
        self.stdout.write("")
        for code in ("jiaxian", "shuili", "mutouyu"):
            place = known[code].address
            assert place is not None
            self.stdout.write(f"{known[code].name}  {place.url()}")
        self.stdout.write("")
        for person, password in accounts:
            self.stdout.write(
                f"{person.title}: {person.email}  {password}  {known[person.site].admin_url}"
            )
        self.stdout.write("")
        if not config.trial_without_second_factor:
            for line in SECOND_FACTOR:
                self.stdout.write(str(line))
            self.stdout.write("")
