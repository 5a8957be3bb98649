"""Changes one site."""

import argparse
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from tenants import addresses, directory
from tenants.life import lifecycle
from tenants.provisioning import ProvisionError
from tenants.readiness import require_upgraded

from .sites import describe


class Command(BaseCommand):
    help = "Changes the address, the state or the theme of a site; all that is asked, or nothing."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("code")
        parser.add_argument(
            "--domain", metavar="HOST[/PATH]", help="its public address from now on"
        )
        parser.add_argument(
            "--keep", action="store_true", help="with --domain: the address before goes on working"
        )
        parser.add_argument("--state", help=", ".join(lifecycle.SETTABLE))
        parser.add_argument("--notice", default="", help="with --state: what citizens are told")
        parser.add_argument(
            "--until",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="with --state: planned end of offline, or of the notice of closed",
        )
        parser.add_argument(
            "--archive",
            default="",
            metavar="URL",
            help="with --state closed: where the content went",
        )
        parser.add_argument("--theme", help="name of a folder in themes/")
        parser.add_argument(
            "--second-factor",
            choices=("on", "off"),
            help="whether its sign-in requires a second factor",
        )

        parser.add_argument("--reason", default="", help="why; kept in the audit trail")
        parser.add_argument("--document", default="", help="number of the document that orders it")

    def handle(self, *args: Any, **options: Any) -> None:
        if not any(options[name] for name in CHANGES):
            raise CommandError(_("Give --domain, --state, --theme or --second-factor."))
        require_upgraded()
        try:
            with transaction.atomic():
                _change(options)
        except ProvisionError as error:
            raise CommandError("\n".join(error.problems)) from None
        directory.forget()
        site = directory.snapshot().by_code[options["code"]]
        for key, value in describe(site).items():
            self.stdout.write(f"{key}\t{value or '-'}")


CHANGES = ("domain", "state", "theme", "second_factor")


def _change(options: dict[str, Any]) -> None:
    code, why = options["code"], {name: options[name] for name in ("reason", "document")}
    if options["domain"]:
        addresses.change_address(code, options["domain"], keep=options["keep"], **why)
    if options["state"]:
        lifecycle.set_state(
            code,
            options["state"],
            options["notice"],
            until=options["until"],
            archive_url=options["archive"],
            **why,
        )
    if options["theme"]:
        lifecycle.set_theme(code, options["theme"], **why)
    if options["second_factor"]:
        required = options["second_factor"] == "on"
        lifecycle.set_second_factor(code, required=required, **why)
