"""What the person sees who is asked to join a site, or to confirm a new address."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from sitecluster.tenancy import required_tenant

from . import invitations, profiles
from .forms import NewAccountForm
from .models import Invitation, User
from .personal import personal
from .refusals import MembershipError

GONE = 404


def refusal(request: HttpRequest, error: str) -> HttpResponse:
    """A page with one sentence."""
    return render(request, "accounts/refusal.html", {"error": error}, status=GONE)


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class InvitationView(View):
    """The page behind the mailed link: accept with the account that has the address, or make it."""

    request: Any
    invitation: Invitation

    def dispatch(self, request: Any, *args: Any, token: str, **kwargs: Any) -> Any:
        found = invitations.find(token, required_tenant())
        if found is None:
            return refusal(request, gettext("This invitation no longer holds."))
        self.invitation = found
        try:
            return super().dispatch(request, *args, **kwargs)
        except MembershipError as error:
            return refusal(request, str(error))

    def get(self, request: HttpRequest) -> HttpResponse:
        step = self.step()
        return self.show(step, NewAccountForm(self.account()) if step == "new" else None)

    def post(self, request: Any) -> HttpResponse:
        step, act = self.step(), request.POST.get("act")
        if act == "decline":
            user = request.user if step == "answer" else None
            invitations.decline(self.invitation, user)
            return render(request, "accounts/declined.html", {"site": required_tenant()})
        if act == "accept" and step == "answer":
            invitations.accept(self.invitation, request.user)
            return redirect("wagtailadmin_home")
        if act == "begin" and step == "new":
            return self.begin(NewAccountForm(self.account(), request.POST))
        return self.get(request)

    def begin(self, form: Any) -> HttpResponse:
        """Make the account, and let the person sign in with it."""
        if not form.is_valid():
            return self.show("new", form)
        data = form.cleaned_data
        invitations.accept_anew(self.invitation, data["name"], data["new_password1"])
        messages.success(self.request, gettext("Your account is ready. Please sign in."))
        return redirect("wagtailadmin_login")

    def step(self) -> str:
        """What this browser's person has to do."""
        user = self.request.user
        if user.is_authenticated:
            return "answer" if user.email == self.invitation.email else "other"
        return "sign_in" if self.account().has_usable_password() else "new"

    def account(self) -> User:
        """The account with the address; one that isn't saved if there is none."""
        found = User.everyone.filter(email=self.invitation.email).first()
        if found is not None:
            return found
        user = User(email=self.invitation.email, first_name=self.invitation.name)
        user.set_unusable_password()
        return user

    def show(self, step: str, form: Any) -> HttpResponse:
        if form is not None:
            form.fields["name"].initial = self.invitation.name
        context = {
            "step": step,
            "form": form,
            "invitation": self.invitation,
            "site": required_tenant(),
            "groups": invitations.groups_of(self.invitation),
        }
        return render(self.request, "accounts/invitation.html", context)


@personal
def answer(request: Any, pk: int) -> HttpResponse:
    """Accept or decline a request from the list of one's sites, whichever site asks."""
    user: Any = request.user
    mine = Invitation.objects.filter(email=user.email, closed_at=None)
    invitation = get_object_or_404(mine, pk=pk)
    back = "my_sites" if user.has_perm("wagtailadmin.access_admin") else "wagtailadmin_login"
    if request.method != "POST":
        return redirect(back)
    try:
        if request.POST.get("act") == "accept":
            invitations.accept(invitation, user)
            site = invitations.site_of(invitation)
            text = gettext("You are a member of %(site)s now.") % {"site": site.name}
            messages.success(request, text)
        elif request.POST.get("act") == "decline":
            invitations.decline(invitation, user)
            messages.success(request, gettext("The request has been declined."))
    except MembershipError as error:
        messages.error(request, str(error))
    return redirect(back)


@never_cache
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link to a new address; a button changes it, since programs open links."""
    try:
        change = profiles.waiting_change(token, required_tenant())
        done = request.method == "POST"
        if done:
            profiles.confirm_address(change)
    except MembershipError as error:
        return refusal(request, str(error))
    return render(request, "accounts/confirm_address.html", {"change": change, "done": done})
