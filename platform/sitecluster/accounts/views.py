"""Sign-in, a person's own account, and the list of a person's sites."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views import account
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from sitecluster.tenancy import required_tenant

from . import sessions
from .forms import OwnProfileForm
from .invitations import requests_to
from .places import matching, sites_of
from .refusals import MembershipError

SITES_A_PAGE = 50
SITES_OFFERED = 10


class SignInView(account.LoginView):
    """Wagtail's sign-in; whoever is signed in without rights here learns where they have some."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user: Any = request.user
        if user.is_authenticated and not user.has_perm("wagtailadmin.access_admin"):
            return elsewhere(request)
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        sessions.begin(self.request, response, form.get_user())
        return response


def elsewhere(request: Any) -> HttpResponse:
    """Say to a person without rights on this site where they are a member."""
    list(messages.get_messages(request))  # Wagtail's own, which would repeat ours
    sites = sites_of(request.user)
    context = {
        "site": required_tenant(),
        "sites": sites[:SITES_OFFERED],
        "requests": requests_to(request.user),
    }
    return render(request, "accounts/elsewhere.html", context, status=403)


class AccountView(account.AccountView):
    """Wagtail's account page, with one field for the name."""

    def get_panels(self) -> list[Any]:
        panels: list[Any] = super().get_panels()
        for panel in panels:
            if isinstance(panel, account.NameEmailSettingsPanel):
                panel.form_class = OwnProfileForm
        return panels

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            response: HttpResponse = super().post(request)
        except MembershipError as error:
            messages.error(request, str(error))
            return redirect("wagtailadmin_account")
        return response


class MySitesView(WagtailAdminTemplateMixin, TemplateView):
    """All sites where the person may enter, with a box that filters them."""

    template_name = "accounts/my_sites.html"
    page_title = _("My sites")
    header_icon = "site"
    request: Any

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET.get("q", "")
        pages = Paginator(matching(sites_of(self.request.user), query), SITES_A_PAGE)
        page = pages.get_page(self.request.GET.get("p"))
        return {
            **super().get_context_data(**kwargs),
            "query": query,
            "sites": page,
            "requests": requests_to(self.request.user),
            "elided_page_range": pages.get_elided_page_range(page.number),
        }
