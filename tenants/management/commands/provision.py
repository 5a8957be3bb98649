"""Opens one site."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from sitecluster.accounts import membership
from tenants.models import Kind
from tenants.orders import Order
from tenants.provisioning import ProvisionError, provision
from tenants.readiness import require_upgraded

WISHES = "code name kind parent domain site_id_code blueprint admin".split()


class Command(BaseCommand):
    help = "Opens a site from the blueprint of its kind."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("code", help="short Latin name: its schema and its admin host")
        parser.add_argument("--name", required=True, help="legal name")
        parser.add_argument("--kind", required=True, help=", ".join(Kind.values))
        parser.add_argument("--parent", default="", help="code of the site above")
        parser.add_argument("--domain", default="", metavar="HOST[/PATH]", help="public address")
        parser.add_argument("--site-id-code", default="", help="site identification code")
        parser.add_argument("--blueprint", default="", metavar="CODE", help="what it is made from")
        parser.add_argument("--admin", default="", metavar="EMAIL", help="its first site admin")

    def handle(self, *args: Any, **options: Any) -> None:
        require_upgraded()
        order = Order(**{name: options[name] for name in WISHES})
        try:
            outcome = provision(order)
        except ProvisionError as error:
            raise CommandError("\n".join(error.problems)) from None
        text = _("Opened: %s") if outcome.created else _("Exists already, unchanged: %s")
        self.stdout.write(text % outcome.site.name)
        if outcome.site.address:
            self.stdout.write(outcome.site.address.url())
        self.stdout.write(outcome.site.admin_url)
        if order.admin and outcome.created:
            account = membership.find_account(order.admin)
            if not account.has_usable_password():
                link = membership.one_time_link(account, outcome.site)
                self.stdout.write(_("One-time link: %(link)s") % {"link": link})
