"""A person's places on sites: memberships, roles, more sites, invitations."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _, gettext_lazy
from django.views.generic import FormView, View

from sitecluster.accounts import leaving
from sitecluster.accounts.branches import groups_given_by
from sitecluster.accounts.invitations import invite, resend, withdraw
from sitecluster.accounts.membership import add_member, end_membership, set_groups
from sitecluster.accounts.models import Invitation, Membership
from sitecluster.accounts.refusals import MembershipError
from sitecluster.rights.roles import CODES, groups_of
from sitecluster.tenancy import Tenant, tenant_context
from sitecluster_console.views import ConsoleView
from tenants import directory

from . import forms as forms, scope as scope
from .act import PersonAct
from .person import PersonMixin

Work = Callable[[Tenant], str]


class EndAll(PersonAct):
    """Ends every membership that is the actor's to end."""

    page_title = gettext_lazy("End all memberships")
    account_wide = False
    serious = True
    question = gettext_lazy(
        "Roles and API tokens on these sites are taken; what the person has written stays."
    )

    def act(self, data: dict[str, Any]) -> str:
        leaving.leave_all(self.person, by=self.actor, reason=data["reason"])
        return _("%(user)s has left these sites.") % {"user": self.person}

    def get_success_url(self) -> str:
        return page_or_list(self)


class MembershipAct(PersonAct):
    """An act on one membership, of a site that the actor runs."""

    account_wide = False
    on_oneself = True

    @cached_property
    def membership(self) -> Membership:
        rows = scope.memberships(self.actor).filter(user=self.person, ended_at=None)
        return get_object_or_404(rows.select_related("tenant"), tenant_id=self.kwargs["site_pk"])

    @cached_property
    def place(self) -> Tenant:
        """The site, as verbs take it."""
        return directory.record(self.membership.tenant)

    def refuse(self) -> None:
        super().refuse()
        if self.membership and self.person.is_superuser and not self.actor.is_superuser:
            raise PermissionDenied

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(where=self.place, **kwargs)


class EndMembership(MembershipAct):
    """Takes the person off one site."""

    page_title = gettext_lazy("End the membership")
    serious = True
    question = EndAll.question

    def act(self, data: dict[str, Any]) -> str:
        end_membership(self.person, self.place, by=self.actor, reason=data["reason"])
        text = _("%(user)s is no longer a member of %(site)s.")
        return text % {"user": self.person, "site": self.place.name}

    def get_success_url(self) -> str:
        return page_or_list(self)


class InvitationAct(PersonMixin, View):
    """Sends an invitation of the person's address again, or takes it back."""

    http_method_names = ("post",)
    again = False

    def post(self, request: HttpRequest, pk: int, invitation_pk: int) -> HttpResponse:
        rows = scope.invitations(self.actor).filter(email=self.person.email)
        answer_invitation(request, get_object_or_404(rows, pk=invitation_pk), again=self.again)
        return redirect(self.page_url)


def answer_invitation(request: HttpRequest, invitation: Invitation, *, again: bool) -> None:
    """Send it again or withdraw it, and say so."""
    actor: Any = request.user
    site = directory.record(invitation.tenant)
    try:
        if again:
            resend(invitation, site, by=actor)
            text = _("An invitation has been sent to %(email)s.")
        else:
            withdraw(invitation, site, by=actor)
            text = _("The invitation of %(email)s has been withdrawn.")
    except MembershipError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, text % {"email": invitation.email})


def page_or_list(view: PersonAct) -> str:
    """The person's page, or the list if they are out of sight now."""
    if scope.people_of(view.actor).filter(pk=view.person.pk).exists():
        return view.page_url
    return str(view.trail()[-2]["url"])


class ChangeRoles(MembershipAct):
    """Gives the member exactly the chosen groups, beside those that aren't the actor's to take."""

    page_title = gettext_lazy("Change roles")
    form_class = forms.GroupsForm

    @cached_property
    def reach(self) -> tuple[list[str], list[str]]:
        """Names of the groups that may be chosen, and of those that stay."""
        with tenant_context(self.place):
            given = groups_given_by(self.actor).values_list("name", flat=True)
            names = sorted(given, key=lambda name: (name not in CODES, [*CODES, name].index(name)))
            held = Group.objects.filter(usergroup__user_id=self.person.pk)
            kept = sorted(held.exclude(name__in=names).values_list("name", flat=True))
        return names, kept

    def get_form_kwargs(self) -> dict[str, Any]:
        names, kept = self.reach
        return {**super().get_form_kwargs(), "names": names, "kept": kept}

    def get_initial(self) -> dict[str, Any]:
        return {"groups": [scope.role_title(role) for role in self.membership.roles]}

    def act(self, data: dict[str, Any]) -> str:
        with tenant_context(self.place):
            wanted = list(Group.objects.filter(name__in=[*data["groups"], *self.reach[1]]))
        set_groups(self.person, self.place, wanted, by=self.actor)
        return _("%(object)s has been changed.") % {"object": self.person}


class AddToSites(PersonAct):
    """Makes the person a member of more sites: a platform admin at once, a delegate by asking."""

    page_title = gettext_lazy("Add to sites")
    form_class = forms.PlacesForm
    account_wide = False
    on_oneself = True

    @property
    def question(self) -> str:
        if self.actor.is_superuser:
            return _("The person is a member at once.")
        return _("The person is asked by email and becomes a member by accepting.")

    def get_form_kwargs(self) -> dict[str, Any]:
        held = scope.memberships(self.actor).filter(user=self.person, ended_at=None)
        without = held.values("tenant_id")
        return {**super().get_form_kwargs(), "actor": self.actor, "without": without}

    def form_valid(self, form: Any) -> HttpResponse:
        person, data = self.person, form.cleaned_data

        def add(site: Tenant) -> str:
            add_member(person.email, site, data["roles"], by=self.actor)
            return _("%(user)s is a member of %(site)s.") % {"user": person, "site": site.name}

        def ask(site: Tenant) -> str:
            return asked(person.email, person.first_name, site, data["roles"], self.actor)

        work = add if self.actor.is_superuser else ask
        on_each(self.request, data["sites"], work)
        return redirect(self.page_url)


class Invite(ConsoleView, FormView):  # type: ignore[type-arg]
    """Asks an address to join one site or several; each sends a one-time link."""

    template_name = "console/person_act.html"
    page_title = gettext_lazy("Invite")
    header_icon = "mail"
    form_class = forms.InvitationForm

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        people = {"url": reverse("console:people"), "label": _("People")}
        return [*self.breadcrumbs_items, people, {"url": "", "label": self.page_title}]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "actor": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        question = _(
            "Each site sends a message with a link that holds for seven days. Who has no account"
            " makes one there; who has one signs in and accepts."
        )
        more = {"back": reverse("console:people"), "question": question}
        return {**super().get_context_data(**kwargs), **more}

    def form_valid(self, form: Any) -> HttpResponse:
        data, actor = form.cleaned_data, self.request.user

        def ask(site: Tenant) -> str:
            return asked(data["email"], data["name"], site, data["roles"], actor)

        on_each(self.request, data["sites"], ask)
        return redirect("console:people")


def asked(email: str, name: str, site: Tenant, roles: Iterable[str], by: Any) -> str:
    """Ask the address to join; the sentence says the same whether an account has it or not.

    A platform admin is told the link too, for people without mail. Raises `MembershipError`.
    """
    with tenant_context(site):
        sent = invite(email, site, groups_of(roles), name=name or email, by=by)
    values = {"email": email, "site": site.name, "link": sent.link}
    if by.is_superuser:
        return _("%(site)s: an invitation has been sent to %(email)s: %(link)s") % values
    return _("%(site)s: an invitation has been sent to %(email)s.") % values


def on_each(request: Any, sites: Iterable[Any], work: Work) -> None:
    """Do ``work`` for each site by itself, and say what has become of it."""
    for row in sites:
        site = directory.record(row)
        try:
            messages.success(request, work(site))
        except (MembershipError, LookupError) as error:
            messages.error(request, f"{site.name}: {error}")


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    one = "people/<int:pk>/sites/<int:site_pk>/"
    asked_of = "people/<int:pk>/asked/<int:invitation_pk>/"
    again, back = InvitationAct.as_view(again=True), InvitationAct.as_view()
    return [
        path("people/invite/", Invite.as_view(), name="people_invite"),
        path("people/<int:pk>/add/", AddToSites.as_view(), name="person_add"),
        path("people/<int:pk>/end-all/", EndAll.as_view(), name="person_end_all"),
        path(f"{one}roles/", ChangeRoles.as_view(), name="person_roles"),
        path(f"{one}end/", EndMembership.as_view(), name="person_end"),
        path(f"{asked_of}resend/", again, name="person_invitation_resend"),
        path(f"{asked_of}withdraw/", back, name="person_invitation_withdraw"),
    ]
