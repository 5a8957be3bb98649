"""Steps in the life of one site: buttons and dialogs on its page, and a form page for each.

The dialog posts to the page, which shows the errors, works without script and is what the link
that takes an act back leads to.
"""

from typing import Any

from django.http import Http404, HttpRequest
from django.middleware.csrf import get_token
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import pgettext_lazy
from wagtail.admin import messages
from wagtail.admin.ui.components import Component

from tenants.life import lifecycle, removal
from tenants.life.limits import OFFLINE_TIMES, value_of
from tenants.life.steps import ACTS, Act, pauses_within_a_year
from tenants.models import State, Tenant

from .act import SiteAct
from .cards import Card
from .life_forms import ActForm


def offered(site: Tenant, user: Any) -> list[Act]:
    """The steps that the person may take now; none while the site is being removed."""
    steps = lifecycle.offered(site, user)
    removable = any(step.name == removal.REMOVE for step in steps)
    return [] if removable and removal.is_under_way(site) else steps


class LifeCard(Card):
    """Where the site stands, and buttons with dialogs for what leads on.

    They stand here and not in the header, which a phone cuts off.
    """

    name = "life"
    heading = pgettext_lazy("site", "Life cycle")
    icon = "history"
    order = 5
    body_template = "console/card_life.html"

    def details(self) -> dict[str, Any]:
        return {
            "csrf_token": get_token(self.request),  # a component has no context of the request
            "dialogs": [self._dialog(step) for step in offered(self.site, self.user)],
            "leaving": removal.is_under_way(self.site),
            "overdue": self._is_overdue(),
            "pauses": pauses_within_a_year(self.site),
            "allowed": value_of(OFFLINE_TIMES),
        }

    def _dialog(self, step: Act) -> dict[str, Any]:
        form = ActForm(act=step, site=self.site, user=self.user, auto_id=f"{step.name}-%s")
        return {
            "act": step,
            "form": form,
            "url": reverse("console:act", args=[self.site.pk, step.name]),
        }

    def _is_overdue(self) -> bool:
        until = self.site.state_until
        return (
            self.site.state == State.OFFLINE and until is not None and until < timezone.localdate()
        )


def card(site: Tenant, request: HttpRequest) -> Component:
    """The life cycle of the site."""
    return LifeCard(site, request)


class ActView(SiteAct):
    """``console:act``: one step as a page."""

    form_class = ActForm
    header_icon = "site"

    @cached_property
    def act(self) -> Act:
        """The step of the address, if it leads on from where the site is; raises Http404."""
        for step in offered(self.site, self.request.user):
            if step.name == self.kwargs["name"]:
                return step
        raise Http404

    def get_page_title(self) -> str:
        return str(self.act.title)

    def get_form_kwargs(self) -> dict[str, Any]:
        own = {"act": self.act, "site": self.site, "user": self.request.user}
        return {**super().get_form_kwargs(), **own}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        more = {"warning": self.act.warning, "serious": self.act.serious}
        return {**context, **more, "against": context["form"].against}

    def perform(self, data: dict[str, Any]) -> None:
        """Do it; the message offers the way back."""
        wishes: dict[str, Any] = {**self.why(data), "despite": data.get("despite", False)}
        if self.act.name == removal.REMOVE:
            removal.ask(self.site.code, **wishes)
            links = []
        else:
            asked: dict[str, Any] = {
                name: data.get(name) or "" for name in self.act.asks if name != "until"
            }
            until = data.get("until")
            lifecycle.act(self.site.code, self.act.name, until=until, **asked, **wishes)
            links = self._way_back()
        text = f"{self.site.name} {self.act.done}"
        messages.success(self.request, text, buttons=links)

    def _way_back(self) -> list[Any]:
        back = ACTS.get(self.act.opposite)
        site = self.sites().get(pk=self.site.pk)
        if back is None or back not in offered(site, self.request.user):
            return []
        return [messages.button(reverse("console:act", args=[site.pk, back.name]), back.title)]

    def get_success_url(self) -> str:
        """The site's page; the list of sites once it is gone."""
        if self.sites().filter(pk=self.site.pk).exists():
            return super().get_success_url()
        return reverse("console:home")


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return [path("sites/<int:pk>/act/<slug:name>/", ActView.as_view(), name="act")]
