"""Who stands behind a site: shown on its page, changed with a reason."""

from typing import Any

from django import forms
from django.db import models
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext as _, gettext_lazy

from sitecluster.cms.identity import SiteIdentity
from sitecluster_console.fields import OrderForm
from tenants import directory
from tenants.identifying import FIELDS, NAME, change_identity, identity_of
from tenants.models import Tenant
from tenants.orders import name_faults, site_id_faults

from .cards import Card
from .form import SiteForm

LABELS: dict[str, Any] = {name: SiteIdentity._meta.get_field(name).verbose_name for name in FIELDS}


class IdentityCard(Card):
    """The facts that are known."""

    name = "identity"
    heading = gettext_lazy("Identity")
    icon = "home"
    body_template = "console/card_identity.html"
    needs_schema = True

    def details(self) -> dict[str, Any]:
        facts = identity_of(self.place)
        return {
            "facts": [(LABELS[name], value) for name, value in facts.items() if value],
            "missing": [LABELS[name] for name in ("host_unit", "site_id_code") if not facts[name]],
        }


class IdentityForm(OrderForm):
    """All facts, and why they change."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        facts = forms.fields_for_model(SiteIdentity, FIELDS, formfield_callback=_field)
        self.fields = {**facts, **self.fields}
        self.fields[NAME].required = True

    def clean_legal_name(self) -> str:
        name = str(self.cleaned_data[NAME])
        if faults := name_faults(name):
            raise forms.ValidationError(faults)
        return name

    def clean_site_id_code(self) -> str:
        code = str(self.cleaned_data["site_id_code"])
        if faults := site_id_faults(code):
            raise forms.ValidationError(faults)
        return code


def _field(fact: Any, **kwargs: Any) -> Any:
    if isinstance(fact, models.URLField):
        kwargs["assume_scheme"] = "https"
    return fact.formfield(**kwargs)


class ChangeIdentity(SiteForm):
    """``console:site_identity``."""

    page_title = gettext_lazy("Change the identity")
    header_icon = "home"
    submit = gettext_lazy("Save")
    form_class = IdentityForm
    needs_schema = True

    def get_initial(self) -> dict[str, Any]:
        facts = identity_of(directory.record(self.site))
        return {**facts, NAME: facts[NAME] or self.site.name}

    def act(self, data: dict[str, Any]) -> str:
        facts = {name: data[name] for name in FIELDS}
        change_identity(self.site.code, facts, **self.why(data))
        return _("The identity of %(site)s is saved.") % {"site": data[NAME]}


def card(site: Tenant, request: HttpRequest) -> Card:
    """What the site's page shows of it."""
    return IdentityCard(site, request)


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return [path("sites/<int:pk>/identity/", ChangeIdentity.as_view(), name="site_identity")]
