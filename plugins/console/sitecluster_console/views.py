"""What every screen of the console has in common."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.views.generic import FormView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from sitecluster.accounts.refusals import MembershipError
from tenants.models import Tenant

from .policy import may_enter, runs_any, sites_of


class ConsoleMixin:
    """Lets in who may use the screen; to be named before any of Wagtail's view classes.

    ``platform_only`` screens are for platform admins, ``applicants`` ones for whoever may ask for
    a site too; all others for everyone who runs a site.
    """

    request: HttpRequest
    kwargs: dict[str, Any]
    platform_only = False
    applicants = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Raise PermissionDenied, which Wagtail turns into its home screen with a message."""
        user: Any = request.user
        allowed = may_enter(user) if self.applicants else runs_any(user)
        if not user.is_active or not allowed or (self.platform_only and not user.is_superuser):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response

    def sites(self) -> "QuerySet[Tenant]":
        """The sites that the person runs."""
        return sites_of(self.request.user)

    @cached_property
    def site(self) -> Tenant:
        """The site of the address, if the person runs it; raises Http404."""
        return get_object_or_404(self.sites(), pk=self.kwargs["pk"])


class ConsoleView(ConsoleMixin, WagtailAdminTemplateMixin):
    """A screen that is no listing and no form of Wagtail's own."""


class ActForm(ConsoleView, FormView):  # type: ignore[type-arg]
    """Asks before `act` is done, and says at the form why it can't be."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            messages.success(self.request, self.act(form.cleaned_data))
        except MembershipError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        return redirect(self.get_success_url())

    def act(self, data: dict[str, Any]) -> str:
        """Do it, and say so. Raises `MembershipError`."""
        raise NotImplementedError
