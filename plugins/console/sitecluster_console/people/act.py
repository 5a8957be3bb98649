"""What every act on a person has in common: a page with its form."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.views.generic import FormView

from sitecluster_console.fields import ReasonForm
from sitecluster_console.views import ActForm

from .person import PersonMixin


class RefusingMixin:
    """Asks `refuse` of a view, once `ConsoleMixin` has let the person in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.refuse()
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response

    def refuse(self) -> None:
        """Raise PermissionDenied or Http404 unless the act may be done."""
        raise NotImplementedError


class PersonAct(PersonMixin, ActForm, RefusingMixin, FormView):  # type: ignore[type-arg]
    """Something that is done to a person.

    ``account_wide``: it touches the account itself, so it is for those who look after it.
    """

    template_name = "console/person_act.html"
    header_icon = "user"
    form_class: Any = ReasonForm
    account_wide = True
    on_oneself = False
    serious = False
    question: Any = ""

    def refuse(self) -> None:
        """Raise PermissionDenied or Http404 unless the act may be done."""
        person = self.person  # Http404 for one out of sight
        if self.account_wide and not self.looks_after:
            raise PermissionDenied
        if person == self.actor and not self.on_oneself:
            raise PermissionDenied

    def get_page_subtitle(self) -> str:
        return str(self.person)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return self.trail(self.page_title)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {"person": self.person, "back": self.page_url, "question": self.question}
        return {**super().get_context_data(**kwargs), **more}

    def get_success_url(self) -> str:
        return self.page_url
