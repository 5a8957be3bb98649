"""Verifies the audit trail."""

import argparse
import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError
from django.utils.translation import gettext as _

from sitecluster.audit.verifying import Head, Verification
from sitecluster.tenancy import shared_context

FORM = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


class Command(BaseCommand):
    help = "Names every audit entry that was changed, taken out or put in; exits 1 if there is one."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--expect",
            action="append",
            default=[],
            metavar="POSITION:HASH",
            help="a head that an earlier run printed and that was kept elsewhere; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        verification = Verification([_head(text) for text in options["expect"]])
        broken = 0
        try:
            with shared_context():
                for fault in verification.faults():
                    broken += 1
                    self.stderr.write(str(fault))
        except ProgrammingError:
            raise CommandError(
                _("There is no audit trail yet: run “manage.py upgrade” first.")
            ) from None
        self._report(verification)
        if broken:
            self.stderr.write(_("The audit trail is broken: %d faults.") % broken)
            raise SystemExit(1)
        self.stdout.write(_("The audit trail is whole."))

    def _report(self, verification: Verification) -> None:
        self.stdout.write(_("Sealed entries: %d") % verification.sealed)
        self.stdout.write(_("Head: %s") % verification.head)
        if verification.waiting:
            text = _("Not sealed yet: %(count)d, the oldest for %(seconds).1f seconds.")
            self.stdout.write(
                text % {"count": verification.waiting, "seconds": verification.oldest_seconds}
            )
        else:
            self.stdout.write(_("Not sealed yet: 0"))


def _head(text: str) -> Head:
    match = FORM.fullmatch(text.strip())
    if match is None:
        raise CommandError(
            _("--expect must be POSITION:HASH as an earlier run printed it, not %s.") % text
        )
    return Head(int(match[1]), match[2])
