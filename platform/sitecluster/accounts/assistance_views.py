"""The screens on which an admin helps a person who can't sign in any more."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button
from wagtail.users.utils import change_user_perm

from sitecluster.tenancy import required_tenant

from . import assistance, second_factor
from .models import User
from .refusals import MembershipError, may_edit_profile

LIST = "wagtailusers_users:index"


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("For example: the phone is lost. It is recorded."),
    )


class AssistView(WagtailAdminTemplateMixin, FormView):  # type: ignore[type-arg]
    """Asks before something is done for a member whose account is looked after here."""

    template_name = "accounts/assist.html"
    header_icon = "user"
    question: Any = ""
    request: Any

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        actor = request.user
        allowed = actor.has_perm(change_user_perm) and actor != self.person
        if not (allowed and may_edit_profile(actor, self.person, required_tenant())):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def person(self) -> User:
        """The member of this site; 404 for anyone else."""
        return get_object_or_404(User.objects.all(), pk=self.kwargs["pk"])

    def get_page_subtitle(self) -> str:
        return str(self.person)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        members = {"url": reverse(LIST), "label": gettext("Members")}
        return [*super().get_breadcrumbs_items(), members, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = {"back": reverse(LIST), "question": self.question, "person": self.person}
        return {**super().get_context_data(**kwargs), **back}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            messages.success(self.request, self.act(form))
        except MembershipError as error:
            messages.error(self.request, str(error))
        return redirect(LIST)

    def act(self, form: Any) -> str:
        """Do it, and say so."""
        raise NotImplementedError


class ResetSecondFactorView(AssistView):
    """Takes a lost second factor off an account."""

    page_title = _("Reset the second factor")
    form_class = ReasonForm
    question = _(
        "The person's app and recovery codes won't be accepted any more, and the person's sessions"
        " end. Make sure that it is the person who asks you."
    )

    def act(self, form: Any) -> str:
        reason = form.cleaned_data["reason"]
        assistance.reset_second_factor(self.person, reason, by=self.request.user)
        return gettext("%(user)s has no second factor any more.") % {"user": self.person}


class UnlockView(AssistView):
    """Lets a person try to sign in again."""

    page_title = _("Unlock sign-in")
    form_class = forms.Form
    question = _("Failed attempts to sign in to this account are forgotten.")

    def act(self, form: Any) -> str:
        if assistance.unlock(self.person, by=self.request.user):
            return gettext("%(user)s can try to sign in again.") % {"user": self.person}
        return gettext("%(user)s wasn't locked.") % {"user": self.person}


def buttons(user: User, request_user: User) -> Iterator[Button]:
    """What stands in the menu of a row in the list of members; costs no statement a row."""
    at_home = user.home_site_id == required_tenant().id and not user.is_superuser
    if user == request_user or not (request_user.is_superuser or at_home):
        return
    if second_factor.is_enrolled(user):
        url = reverse("reset_second_factor", args=[user.pk])
        yield Button(gettext("Reset the second factor"), url, icon_name="mobile-alt", priority=40)
    url = reverse("unlock_account", args=[user.pk])
    yield Button(gettext("Unlock sign-in"), url, icon_name="lock-open", priority=41)
