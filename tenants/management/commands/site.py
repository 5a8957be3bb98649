"""Changes one site."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from tenants import directory, lifecycle
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
        parser.add_argument("--theme", help="name of a folder in themes/")
        parser.add_argument(
            "--second-factor",
            choices=("on", "off"),
            help="whether its sign-in requires a second factor",
        )

        parser.add_argument("--reason", default="", help="why; kept in the audit trail")
        parser.add_argument("--document", default="", help="number of the document that orders it")

    def handle(self, *args: Any, **options: Any) -> None:
        if not any(
            options[name]
            for name in ("domain", "state", "theme", "second_factor", "reason", "document")
        ):
            raise CommandError(_("Give --domain, --state, --theme or --second-factor."))
        require_upgraded()
        try:
            with transaction.atomic():
                self._change(**{name: options[name] for name in WISHES})
        except ProvisionError as error:
            raise CommandError("\n".join(error.problems)) from None
        directory.forget()
        site = directory.snapshot().by_code[options["code"]]
        for key, value in describe(site).items():
            self.stdout.write(f"{key}\t{value or '-'}")

    def _change(
        self,
        code: str,
        domain: str,
        keep: bool,
        state: str,
        notice: str,
        theme: str,
        second_factor: str | None,
        **why: str,
    ) -> None:
        if domain:
            lifecycle.change_address(code, domain, keep=keep, **why)
        if state:
            lifecycle.set_state(code, state, notice, **why)
        if theme:
            lifecycle.set_theme(code, theme, **why)
        if second_factor:
            lifecycle.set_second_factor(code, required=second_factor == "on")


WISHES = (
    "code",
    "domain",
    "keep",
    "state",
    "notice",
    "theme",
    "second_factor",
    "reason",
    "document",
)
