"""Acts on one site that may need its schema, and say on its page what they have done."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from sitecluster.accounts.refusals import MembershipError
from sitecluster_console.fields import OrderForm
from tenants import directory
from tenants.provisioning import ProvisionError
from tenants.switching import PluginError

from .act import SiteAct
from .cards import behind_sentence


class SiteForm(SiteAct):
    """An act on the site of the address; `act` does it."""

    template_name = "console/site_form.html"
    form_class: Any = OrderForm
    header_icon = "site"
    needs_schema = False
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

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {"submit": self.submit or self.get_page_title()}
        return {**super().get_context_data(**kwargs), **more}

    def perform(self, data: dict[str, Any]) -> None:
        try:
            self.say(self.act(data))
        except PluginError as error:
            raise ProvisionError(error.problems) from error
        except MembershipError as error:
            raise ProvisionError([str(error)]) from error

    def act(self, data: dict[str, Any]) -> str:
        """Do it, and say so. Raises `ProvisionError`, `PluginError` or `MembershipError`."""
        raise NotImplementedError
