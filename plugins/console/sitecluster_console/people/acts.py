"""What can be done with a person's account."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext as _, gettext_lazy

from sitecluster.accounts import assistance, suspension
from sitecluster.accounts.membership import move_home
from sitecluster.accounts.models import User
from sitecluster.accounts.profiles import ask_for_address, edit, mail_one_time_link
from sitecluster.accounts.refusals import MembershipError
from sitecluster.tenancy import Tenant, find_sites, required_tenant, tenant_context
from tenants import directory

from . import forms as forms, scope as scope
from .act import PersonAct


class Suspend(PersonAct):
    """A-225."""

    page_title = gettext_lazy("Suspend the account")
    form_class = forms.SuspensionForm
    serious = True
    question = gettext_lazy(
        "The person is shut out of every site at once; sessions and API tokens end for good."
    )

    def act(self, data: dict[str, Any]) -> str:
        with scope.at_home(self.person):
            suspension.suspend(
                self.person,
                data["reason"],
                by=self.actor,
                document=data["document"],
                sanction=data["grounds"] == "sanction",
            )
        return _("%(user)s is suspended.") % {"user": self.person}


class Reinstate(PersonAct):
    """Undoes a suspension."""

    page_title = gettext_lazy("Let in again")
    question = gettext_lazy(
        "The person may sign in again; what the memberships allow is unchanged."
    )

    def act(self, data: dict[str, Any]) -> str:
        with scope.at_home(self.person):
            suspension.reinstate(self.person, by=self.actor, reason=data["reason"])
        return _("%(user)s may sign in again.") % {"user": self.person}


class ResetPassword(PersonAct):
    """Mails a one-time link."""

    page_title = gettext_lazy("Reset the password")
    form_class = forms.NoForm
    question = gettext_lazy(
        "A link is mailed with which the person sets a new password, once; the old one holds"
        " until then."
    )

    def act(self, data: dict[str, Any]) -> str:
        site = sign_in_site(self.person, self.actor)
        with tenant_context(site):
            mail_one_time_link(self.person, site, by=self.actor)
        return _("A link has been sent to %(email)s.") % {"email": self.person.email}


class ResetSecondFactor(PersonAct):
    """Takes a lost second factor off the account."""

    page_title = gettext_lazy("Reset the second factor")
    serious = True
    question = gettext_lazy(
        "The person's app and recovery codes won't be accepted any more, and the person's sessions"
        " end. Make sure that it is the person who asks you."
    )

    def act(self, data: dict[str, Any]) -> str:
        with scope.at_home(self.person):
            assistance.reset_second_factor(self.person, data["reason"], by=self.actor)
        return _("%(user)s has no second factor any more.") % {"user": self.person}


class RequireSecondFactor(PersonAct):
    """Demands one of this person, on every site."""

    page_title = gettext_lazy("Require a second factor")
    form_class = forms.RequireForm
    question = gettext_lazy(
        "Who has none is led to set one up at the next request, on whatever site."
    )

    def get_initial(self) -> dict[str, Any]:
        return {"required": self.person.second_factor_required}

    def act(self, data: dict[str, Any]) -> str:
        required = data["required"]
        with scope.at_home(self.person):
            assistance.require_second_factor(self.person, required, data["reason"], by=self.actor)
        text = _("%(user)s must have a second factor.")
        if not required:
            text = _("%(user)s needs a second factor only where a site demands it.")
        return text % {"user": self.person}


class Unlock(PersonAct):
    """Forgets failed sign-ins."""

    page_title = gettext_lazy("Unlock sign-in")
    form_class = forms.NoForm
    question = gettext_lazy("Failed attempts to sign in to this account are forgotten.")

    def act(self, data: dict[str, Any]) -> str:
        with scope.at_home(self.person):
            known = assistance.unlock(self.person, by=self.actor)
        text = _("%(user)s can try to sign in again.") if known else _("%(user)s wasn't locked.")
        return text % {"user": self.person}


class ChangeProfile(PersonAct):
    """Name and address; an address that a delegate asks for holds when its reader confirms."""

    page_title = gettext_lazy("Change name or email")
    form_class = forms.ProfileForm
    on_oneself = True

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.person.first_name, "email": self.person.email}

    def act(self, data: dict[str, Any]) -> str:
        fields = {"first_name": data["name"].strip()}
        if self.actor.is_superuser:
            fields["email"] = data["email"]
        with scope.at_home(self.person):
            site = required_tenant()
            asked = data["email"] != self.person.email and not self.actor.is_superuser
            edit(self.person, site, by=self.actor, **fields)
            if asked:
                ask_for_address(self.person, data["email"], site, by=self.actor)
        if asked:
            return _("A link has been sent to %(email)s.") % {"email": data["email"]}
        return _("%(object)s has been changed.") % {"object": self.person}


class MoveHome(PersonAct):
    """Makes another of the person's sites look after the account."""

    page_title = gettext_lazy("Move home site")
    form_class = forms.HomeForm
    platform_only = True
    on_oneself = True
    question = gettext_lazy("The admins of the home site may change the account.")

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = scope.memberships(self.actor).filter(user=self.person, ended_at=None)
        named = rows.order_by("tenant__code").values_list("tenant_id", "tenant__name")
        return {**super().get_form_kwargs(), "sites": list(named)}

    def get_initial(self) -> dict[str, Any]:
        return {"site": self.person.home_site_id}

    def act(self, data: dict[str, Any]) -> str:
        rows = scope.memberships(self.actor).filter(user=self.person, ended_at=None)
        membership = get_object_or_404(rows.select_related("tenant"), tenant_id=data["site"])
        site = directory.record(membership.tenant)
        move_home(self.person, site, by=self.actor)
        text = _("The home site of %(user)s is %(site)s.")
        return text % {"user": self.person, "site": site.name}


class Promote(PersonAct):
    """Makes a platform admin."""

    page_title = gettext_lazy("Make a platform admin")
    platform_only = True
    serious = True
    question = gettext_lazy("A platform admin may do everything on every site.")
    admin = True

    def act(self, data: dict[str, Any]) -> str:
        edit(
            self.person,
            required_tenant(),
            by=self.actor,
            reason=data["reason"],
            is_superuser=self.admin,
        )
        text = _("%(user)s is a platform admin.")
        if not self.admin:
            text = _("%(user)s is no platform admin any more.")
        return text % {"user": self.person}


class Demote(Promote):
    """Takes platform administration; the last platform admin stays."""

    page_title = gettext_lazy("Take platform administration")
    on_oneself = True
    question = gettext_lazy("The person keeps the memberships and what they allow.")
    admin = False


def sign_in_site(person: User, actor: User) -> Tenant:
    """A site on whose admin host the person can set a password: at home, if they are a member."""
    rows = scope.memberships(actor).filter(user=person, ended_at=None)
    sites = find_sites(rows.values_list("tenant_id", flat=True))
    at_home = [site for site in sites if site.id == person.home_site_id]
    for site in [*at_home, *sites]:
        return site
    raise MembershipError(_("%(user)s is a member of no site.") % {"user": person})


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    acts: dict[str, Any] = {
        "suspend": Suspend,
        "reinstate": Reinstate,
        "link": ResetPassword,
        "factor_reset": ResetSecondFactor,
        "factor_required": RequireSecondFactor,
        "unlock": Unlock,
        "profile": ChangeProfile,
        "home": MoveHome,
        "promote": Promote,
        "demote": Demote,
    }
    return [
        path(f"people/<int:pk>/{name.replace('_', '-')}/", view.as_view(), name=f"person_{name}")
        for name, view in acts.items()
    ]
