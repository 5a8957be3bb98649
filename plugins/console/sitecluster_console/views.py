"""What every screen of the console has in common."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

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
