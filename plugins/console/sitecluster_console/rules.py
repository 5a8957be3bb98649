"""The rules of a site's life that platform admins may change: limits, and the opening gates."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _, gettext_lazy
from django.views.generic import FormView, TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from tenants.life import clearances, limits
from tenants.life.limits import LARGEST
from tenants.models import Gate, Limit
from tenants.provisioning import ProvisionError

from .fields import GroundsForm
from .views import ConsoleView

TITLE = gettext_lazy("Rules")


class RulesView(ConsoleView, TemplateView):
    """``console:rules``: every rule with its evidence and its source."""

    template_name = "console/rules.html"
    page_title = TITLE
    header_icon = "sliders"
    platform_only = True

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": TITLE}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {
            "limits": [(row, limits.title(row), limits.unit(row)) for row in Limit.objects.all()],
            "gates": [(row, clearances.title(row)) for row in Gate.objects.all()],
        }
        return {**super().get_context_data(**kwargs), **more}


class LimitForm(GroundsForm):
    """Another number."""

    value = forms.IntegerField(label=gettext_lazy("Number"), min_value=0, max_value=LARGEST)
    field_order = ("value",)


class GateForm(GroundsForm):
    """Which sites must pass the gate."""

    required = forms.BooleanField(
        label=gettext_lazy("Required before a site opens"), required=False
    )
    own_domain = forms.BooleanField(
        label=gettext_lazy("Only for sites with a domain of their own"), required=False
    )
    field_order = ("required", "own_domain")


class RuleView(ConsoleView, FormView):  # type: ignore[type-arg]
    """A rule's form."""

    template_name = "console/site_act.html"
    header_icon = "sliders"
    platform_only = True

    @cached_property
    def rule(self) -> Any:
        """The rule's row; raises Http404."""
        raise NotImplementedError

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        rules = {"url": reverse("console:rules"), "label": TITLE}
        here = {"url": "", "label": self.get_page_title()}
        items: list[dict[str, Any]] = [*WagtailAdminTemplateMixin.breadcrumbs_items, rules, here]
        return items

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        names = {"mark": self.rule.get_evidence_display(), "source": self.rule.source}
        more = {
            "title": self.get_page_title(),
            "label": _("Save"),
            "back": reverse("console:rules"),
            "warning": _("%(mark)s. Source: %(source)s") % names,
        }
        return {**super().get_context_data(**kwargs), **more}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.change({**form.cleaned_data, "by": self.request.user})
        except ProvisionError as error:
            form.add_error(None, error.problems)
            return self.form_invalid(form)
        messages.success(self.request, _("%(rule)s: saved.") % {"rule": self.get_page_title()})
        return redirect("console:rules")

    def change(self, data: dict[str, Any]) -> None:
        """Change the rule; raises `ProvisionError`."""
        raise NotImplementedError


class LimitView(RuleView):
    """``console:limit``."""

    form_class = LimitForm

    @cached_property
    def rule(self) -> Limit:
        return get_object_or_404(Limit, pk=self.kwargs["key"])

    def get_page_title(self) -> str:
        return limits.title(self.rule)

    def get_initial(self) -> dict[str, Any]:
        return {"value": self.rule.value}

    def change(self, data: dict[str, Any]) -> None:
        limits.set_limit(self.rule.pk, **data)


class GateRuleView(RuleView):
    """``console:gate_rule``."""

    form_class = GateForm

    @cached_property
    def rule(self) -> Gate:
        return get_object_or_404(Gate, pk=self.kwargs["gate"])

    def get_page_title(self) -> str:
        return clearances.title(self.rule)

    def get_initial(self) -> dict[str, Any]:
        return {"required": self.rule.required, "own_domain": self.rule.own_domain}

    def change(self, data: dict[str, Any]) -> None:
        limits.set_gate(self.rule.pk, **data)


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return [
        path("rules/", RulesView.as_view(), name="rules"),
        path("rules/limits/<slug:key>/", LimitView.as_view(), name="limit"),
        path("rules/gates/<slug:gate>/", GateRuleView.as_view(), name="gate_rule"),
    ]
