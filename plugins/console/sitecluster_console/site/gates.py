"""The opening gates of a site: the checklist on its page, and a form for each."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy
from wagtail.admin.ui.components import Component

from sitecluster_console.fields import ReasonForm, date_field, grounds_field
from tenants.life import clearances
from tenants.life.clearances import Step
from tenants.models import Kind, State, Tenant

from .act import SiteAct
from .cards import Card


class GatesCard(Card):
    """What the site must have passed before it opens, and what is recorded of it."""

    name = "gates"
    heading = gettext_lazy("Opening gates")
    icon = "tasks"
    body_template = "console/card_gates.html"

    def details(self) -> dict[str, Any]:
        steps = clearances.checklist(self.site)
        missing = [step for step in steps if step.missing]
        return {"steps": steps, "missing": len(missing), "passed": not missing}


def card(site: Tenant, request: HttpRequest) -> Component | None:
    """The checklist; the control site has none."""
    if site.kind == Kind.CONTROL:
        return None
    made = GatesCard(site, request)
    if site.state == State.BUILDING:
        made.order = 6  # what is to be done next
    return made


class ClearanceForm(forms.Form):
    """The record that a gate was passed."""

    use_required_attribute = False
    number = forms.CharField(label=pgettext_lazy("gate", "Number"), max_length=100)
    authority = forms.CharField(
        label=pgettext_lazy("gate", "Authority"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Who approved, filed or tested it"),
    )
    issued_on = date_field(pgettext_lazy("gate", "Date"))
    remark = forms.CharField(label=gettext_lazy("Remark"), max_length=200, required=False)

    def __init__(self, *args: Any, step: Step, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step = step
        self.fields["number"].help_text = step.kept

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "number" in data:
            for field, text in clearances.faults(
                self.step.gate, data["number"].strip(), data.get("issued_on")
            ):
                self.add_error(field, text)
        return data


class GateMixin:
    """The gate of the address, if it concerns the site; raises Http404."""

    site: Tenant
    kwargs: dict[str, Any]

    @cached_property
    def step(self) -> Step:
        for step in clearances.checklist(self.site):
            if step.gate.code == self.kwargs["gate"]:
                return step
        raise Http404


class GateView(GateMixin, SiteAct):
    """``console:gate``: records that the gate was passed."""

    form_class = ClearanceForm
    header_icon = "tasks"
    label = gettext_lazy("Save")
    template_name = "console/gate.html"

    def get_page_title(self) -> str:
        return self.step.title

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "step": self.step}

    def get_initial(self) -> dict[str, Any]:
        kept = self.step.clearance
        if kept is None:
            return {}
        names = ("number", "authority", "issued_on")
        return {**{name: getattr(kept, name) for name in names}, "remark": kept.note}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kept = self.step.clearance
        args = [self.site.pk, self.step.gate.code]
        withdraw = reverse("console:gate_withdraw", args=args) if kept else ""
        return {**super().get_context_data(**kwargs), "kept": kept, "withdraw": withdraw}

    def perform(self, data: dict[str, Any]) -> None:
        """Keep it."""
        user = self.request.user
        clearances.record_clearance(self.site.code, self.step.gate.code, by=user, **data)
        self.say(_("%(gate)s: recorded.") % {"gate": self.step.title})


class ReasonAlone(ReasonForm):
    """Why, in more than a word."""

    reason = grounds_field()


class WithdrawGateView(GateMixin, SiteAct):
    """``console:gate_withdraw``: takes the record back."""

    form_class = ReasonAlone
    header_icon = "tasks"
    serious = True
    label = gettext_lazy("Withdraw")

    def get_page_title(self) -> str:
        return _("Withdraw: %(gate)s") % {"gate": self.step.title}

    def perform(self, data: dict[str, Any]) -> None:
        """Take it back."""
        why = {"by": self.request.user, "reason": data["reason"]}
        clearances.withdraw_clearance(self.site.code, self.step.gate.code, **why)
        self.say(_("%(gate)s: no longer passed.") % {"gate": self.step.title})


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return [
        path("sites/<int:pk>/gates/<slug:gate>/", GateView.as_view(), name="gate"),
        path(
            "sites/<int:pk>/gates/<slug:gate>/withdraw/",
            WithdrawGateView.as_view(),
            name="gate_withdraw",
        ),
    ]
