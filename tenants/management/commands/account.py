"""Accounts from the command line."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from sitecluster.accounts.assistance import (
    require_second_factor,
    reset_second_factor,
    unlock,
)
from sitecluster.accounts.membership import (
    MembershipError,
    add_member,
    end_membership,
    find_account,
    move_home,
    one_time_link,
)
from sitecluster.accounts.models import Membership, User
from sitecluster.accounts.profiles import make_platform_admin
from sitecluster.accounts.suspension import reinstate, suspend
from sitecluster.rights.roles import ROLES, SITE_ADMIN
from sitecluster.tenancy import Tenant, shared_context
from tenants import directory
from tenants.readiness import require_upgraded


class Command(BaseCommand):
    """Adds, shows, ends, moves and suspends; an error is one sentence and changes nothing."""

    help = "Add, show, end, move, suspend, reinstate or unlock an account."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        add = acts.add_parser("add", help="make a member of a site; safe to repeat")
        add.add_argument("email")
        add.add_argument("--site", required=True, metavar="CODE")
        add.add_argument(
            "--role", action="append", default=[], metavar="ROLE", help=f"one of {', '.join(ROLES)}"
        )
        add.add_argument("--name", default="")
        add.add_argument("--platform-admin", action="store_true")
        add.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the password from standard input; else a one-time link is printed",
        )
        acts.add_parser("show", help="what is known of an account").add_argument("email")
        end = acts.add_parser("end", help="end a membership")
        end.add_argument("email")
        end.add_argument("--site", required=True, metavar="CODE")
        stop = acts.add_parser("suspend", help="shut an account out everywhere")
        stop.add_argument("email")
        stop.add_argument("--reason", required=True)
        stop.add_argument("--document", default="", help="number of the decision (A-225)")
        home = acts.add_parser("home", help="move an account to another home site")
        home.add_argument("email")
        home.add_argument("--site", required=True, metavar="CODE")
        acts.add_parser("reinstate", help="undo a suspension").add_argument("email")
        acts.add_parser("unlock", help="forget failed sign-ins").add_argument("email")
        reset = acts.add_parser("reset-second-factor", help="when phone and codes are lost")
        reset.add_argument("email")
        reset.add_argument("--reason", required=True)
        demand = acts.add_parser("require-second-factor", help="of a person, on every site")
        demand.add_argument("email")
        demand.add_argument("--reason", required=True)
        demand.add_argument("--off", action="store_true", help="no longer")

    def handle(self, *args: Any, **options: Any) -> None:
        require_upgraded()
        try:
            with shared_context(), transaction.atomic():
                getattr(self, options["act"].replace("-", "_"))(options)
        except (MembershipError, LookupError) as error:
            raise CommandError(str(error.args[0])) from None

    def add(self, options: dict[str, Any]) -> None:
        """Make the account, its membership and its roles."""
        site = find_site(options["site"])
        roles = options["role"] or ([SITE_ADMIN.code] if options["platform_admin"] else [])
        if not roles:
            raise CommandError(_("Give at least one --role."))
        password = sys.stdin.readline().rstrip("\r\n") if options["password_stdin"] else None
        user, created = add_member(
            options["email"], site, roles, name=options["name"], password=password
        )
        if options["platform_admin"]:
            make_platform_admin(user)
        text = _("Account made: %(user)s") if created else _("Account kept: %(user)s")
        self.stdout.write(text % {"user": user.email})
        if not user.has_usable_password():
            self.stdout.write(_("One-time link: %(link)s") % {"link": one_time_link(user, site)})
        elif options["password_stdin"] and not user.check_password(password or ""):
            self.stdout.write(_("The account keeps the password that it has."))

    def show(self, options: dict[str, Any]) -> None:
        """Print the account, its state and its memberships."""
        user = find_account(options["email"])
        self.stdout.write(f"{user.email}  {user.first_name}".rstrip())
        if user.is_superuser:
            self.stdout.write(_("platform admin"))
        if user.suspended_at:
            self.stdout.write(
                _("suspended since %(when)s: %(reason)s")
                % {"when": f"{user.suspended_at:%Y-%m-%d %H:%M}", "reason": user.suspension_reason}
            )
        for membership in Membership.objects.filter(user=user).select_related("tenant"):
            self.stdout.write(self._line(user, membership))

    def _line(self, user: User, membership: Membership) -> str:
        roles = ", ".join(membership.roles)
        if membership.ended_at:
            roles = _("ended on %(when)s") % {"when": f"{membership.ended_at:%Y-%m-%d}"}
        home = _(" (home site)") if user.home_site_id == membership.tenant_id else ""
        return f"  {membership.tenant.code}{home}: {roles}"

    def end(self, options: dict[str, Any]) -> None:
        """End a membership."""
        user, site = find_account(options["email"]), find_site(options["site"])
        end_membership(user, site)
        text = _("%(user)s is no longer a member of %(site)s.")
        self.stdout.write(text % {"user": user.email, "site": site.name})

    def suspend(self, options: dict[str, Any]) -> None:
        """Suspend an account."""
        user = find_account(options["email"])
        suspend(user, options["reason"], document=options["document"])
        self.stdout.write(_("%(user)s is suspended.") % {"user": user.email})

    def home(self, options: dict[str, Any]) -> None:
        """Let another site's admins look after the account."""
        user, site = find_account(options["email"]), find_site(options["site"])
        move_home(user, site)
        text = _("The home site of %(user)s is %(site)s.")
        self.stdout.write(text % {"user": user.email, "site": site.name})

    def reinstate(self, options: dict[str, Any]) -> None:
        """Let a suspended account in again."""
        user = find_account(options["email"])
        reinstate(user)
        self.stdout.write(_("%(user)s may sign in again.") % {"user": user.email})

    def unlock(self, options: dict[str, Any]) -> None:
        """Let an account that failed too often try again."""
        user = find_account(options["email"])
        known = unlock(user)
        text = _("%(user)s can try to sign in again.") if known else _("%(user)s wasn't locked.")
        self.stdout.write(text % {"user": user.email})

    def reset_second_factor(self, options: dict[str, Any]) -> None:
        """Take a lost second factor off an account."""
        user = find_account(options["email"])
        reset_second_factor(user, options["reason"])
        self.stdout.write(_("%(user)s has no second factor any more.") % {"user": user.email})

    def require_second_factor(self, options: dict[str, Any]) -> None:
        """Demand a second factor of a person, or no longer."""
        user, required = find_account(options["email"]), not options["off"]
        require_second_factor(user, required, options["reason"])
        text = _("%(user)s must have a second factor.")
        if not required:
            text = _("%(user)s needs a second factor only where a site demands it.")
        self.stdout.write(text % {"user": user.email})


def find_site(code: str) -> Tenant:
    """The site with this code; raises CommandError if there is none."""
    directory.forget()
    site = directory.snapshot().by_code.get(code)
    if site is None or site.state == "removed":
        raise CommandError(_("There is no site %(code)s.") % {"code": code})
    return site
