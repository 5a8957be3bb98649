"""What every act on a site has in common: a page with its form, below the site's own page."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import FormView

from sitecluster_console.fields import GroundsForm
from sitecluster_console.trail import trail
from sitecluster_console.views import ConsoleView
from tenants.provisioning import ProvisionError


class SiteAct(ConsoleView, FormView):  # type: ignore[type-arg]
    """Asks before something is done to the site, and says at the form why it can't be.

    Subclasses name `page_title` and `perform`; ``serious`` acts have a red button.
    """

    template_name = "console/site_act.html"
    form_class: Any = GroundsForm
    header_icon = "cog"
    serious = False
    warning: Any = ""
    label: Any = ""

    def get_page_subtitle(self) -> str:
        return self.site.name

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return trail(self.site, str(self.get_page_title()))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {
            "site": self.site,
            "title": self.get_page_title(),
            "label": self.label or self.get_page_title(),
            "back": self.get_success_url(),
            "warning": self.warning,
            "serious": self.serious,
        }
        return {**super().get_context_data(**kwargs), **more}

    def get_success_url(self) -> str:
        """The site's page."""
        return reverse("console:site", args=[self.site.pk])

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.perform(form.cleaned_data)
        except ProvisionError as error:
            form.add_error(None, error.problems)
            return self.form_invalid(form)
        return redirect(self.get_success_url())

    def perform(self, data: dict[str, Any]) -> None:
        """Do it and say so; raises `ProvisionError`."""
        raise NotImplementedError

    def say(self, text: str) -> None:
        """Tell on the next screen what was done."""
        messages.success(self.request, text)

    def why(self, data: dict[str, Any]) -> dict[str, Any]:
        """Who does it and why, as the verbs take it."""
        values = {name: data.get(name, "") for name in ("reason", "document")}
        return {"by": self.request.user, **values}
