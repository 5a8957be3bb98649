"""What every act on one site has in common: a page with its form, which asks for a reason."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from sitecluster.accounts.refusals import MembershipError
from tenants import directory
from tenants.provisioning import ProvisionError
from tenants.switching import PluginError

from .cards import behind_sentence
from .trail import trail
from .views import ConsoleView


class ReasonForm(forms.Form):
    """Why it is done, and by order of which document."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    document = forms.CharField(label=_("Document number"), max_length=100, required=False)


class SiteForm(ConsoleView, FormView):  # type: ignore[type-arg]
    """An act on the site of the address; `act` does it."""

    template_name = "console/site_form.html"
    form_class: Any = ReasonForm
    header_icon = "site"
    needs_schema = False
    serious = False
    submit: Any = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._behind() or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._behind() or super().post(request, *args, **kwargs)

    def _behind(self) -> HttpResponse | None:
        """Back to the site's page, with a sentence, where the site's tables can't be touched."""
        if not (self.needs_schema and directory.record(self.site).behind):
            return None
        messages.error(self.request, behind_sentence(self.site))
        return redirect(self.get_success_url())

    def get_page_subtitle(self) -> str:
        return self.site.name

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return trail(self.site, str(self.get_page_title()))

    def get_success_url(self) -> str:
        return reverse("console:site", args=[self.site.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {
            "site": self.site,
            "back": self.get_success_url(),
            "submit": self.submit or self.get_page_title(),
        }
        return {**super().get_context_data(**kwargs), **more}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            done = self.act(form.cleaned_data)
        except (ProvisionError, PluginError) as error:
            form.add_error(None, error.problems)
        except MembershipError as error:
            form.add_error(None, str(error))
        else:
            messages.success(self.request, done)
            return redirect(self.get_success_url())
        return self.form_invalid(form)

    def why(self, data: dict[str, Any]) -> dict[str, Any]:
        """Who, why and by which document, as verbs take it."""
        return {
            "by": self.request.user,
            "reason": data["reason"],
            "document": data["document"],
        }

    def act(self, data: dict[str, Any]) -> str:
        """Do it, and say so. Raises `ProvisionError`, `PluginError` or `MembershipError`."""
        raise NotImplementedError
