"""The addresses of a site: the card on its page, and what can be done with each."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.translation import gettext as _, gettext_lazy
from wagtail.admin.ui.components import Component

from sitecluster_console.fields import GroundsForm
from tenants import addresses as verbs, directory, domain_rules
from tenants.models import Domain, Kind, Tenant
from tenants.orders import domain_faults

from .act import SiteAct
from .cards import Card

PRIMARY, REDIRECT, SHOW, DROP = "primary", "redirect", "show", "drop"
TITLES = {
    PRIMARY: gettext_lazy("Make it the primary address"),
    REDIRECT: gettext_lazy("Lead it to the primary address"),
    SHOW: gettext_lazy("Show the pages at it again"),
    DROP: gettext_lazy("Take it away"),
}
DONE = {
    PRIMARY: gettext_lazy("%(domain)s is the primary address now."),
    REDIRECT: gettext_lazy("%(domain)s leads to the primary address now."),
    SHOW: gettext_lazy("%(domain)s shows the pages again."),
    DROP: gettext_lazy("%(domain)s is no address of the site any more."),
}


def possible(place: Domain) -> list[str]:
    """What can be done with an address, by name."""
    if place.is_primary:
        return []
    return [PRIMARY, SHOW if place.redirects else REDIRECT, DROP]


class AddressesCard(Card):
    """Where citizens find the site."""

    name = "addresses"
    heading = gettext_lazy("Addresses")
    icon = "globe"
    body_template = "console/card_addresses.html"

    def details(self) -> dict[str, Any]:
        places = self.site.domains.order_by("-is_primary", "host", "prefix")
        rows = [
            {
                "place": place,
                "url": directory.address(place.host, place.prefix).url(),
                "acts": [(name, TITLES[name]) for name in possible(place)],
                "advice": domain_rules.advice(self.site.kind, str(place), self.site.parent),
            }
            for place in places
        ]
        shown = {
            place.host
            for place in places
            if domain_rules.is_governments(place.host) and not place.redirects
        }
        return {"rows": rows, "several": len(shown) > 1}


def card(site: Tenant, request: HttpRequest) -> Component | None:
    """The addresses; the control site has none."""
    return None if site.kind == Kind.CONTROL else AddressesCard(site, request)


class AddForm(GroundsForm):
    """One more address, as ``host`` or ``host/path``."""

    domain = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=400,
        help_text=gettext_lazy("A host, or a host and a path: www.example.gov.cn/zz/town"),
    )
    redirects = forms.BooleanField(
        label=gettext_lazy("Only leads to the primary address"), required=False
    )
    field_order = ("domain", "redirects")

    def __init__(self, *args: Any, site: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site = site

    def clean_domain(self) -> str:
        """Judge it by itself and by the rules of B.3."""
        domain: str = self.cleaned_data["domain"].strip().lower()
        problems = domain_faults(domain)
        problems = problems or domain_rules.errors(self.site.kind, domain, self.site.parent)
        if problems:
            raise forms.ValidationError(problems)
        return domain


class AddView(SiteAct):
    """``console:address_add``."""

    form_class = AddForm
    header_icon = "globe"
    page_title = gettext_lazy("Add an address")
    label = gettext_lazy("Add")

    def get_form_kwargs(self) -> dict[str, Any]:
        if self.site.kind == Kind.CONTROL:
            raise Http404
        return {**super().get_form_kwargs(), "site": self.site}

    def perform(self, data: dict[str, Any]) -> None:
        """Give the site the address, and pass on what is advised against it."""
        verbs.add_address(
            self.site.code, data["domain"], redirects=data["redirects"], **self.why(data)
        )
        self.say(_("%(domain)s has been added.") % {"domain": data["domain"]})
        warnings = domain_rules.advice(self.site.kind, data["domain"], self.site.parent)
        for finding in warnings:
            messages.warning(self.request, finding.text)


class PrimaryForm(GroundsForm):
    """Whether the primary address before leads to the new one."""

    redirect_old = forms.BooleanField(
        label=gettext_lazy("Lead the primary address before to it"), required=False, initial=True
    )
    field_order = ("redirect_old", "reason", "document")


class AddressView(SiteAct):
    """``console:address``: one act on one address of the site."""

    header_icon = "globe"

    @cached_property
    def place(self) -> Domain:
        """The address, if the act is possible for it; raises Http404."""
        found: Domain | None = self.site.domains.filter(pk=self.kwargs["address_id"]).first()
        if found is None or self.kwargs["name"] not in possible(found):
            raise Http404
        return found

    def get_form_class(self) -> Any:
        return PrimaryForm if self.kwargs["name"] == PRIMARY else GroundsForm

    def get_form_kwargs(self) -> dict[str, Any]:
        assert self.place
        return super().get_form_kwargs()

    def get_page_title(self) -> str:
        return f"{TITLES[self.kwargs['name']]}: {self.place}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        assert self.place  # before the name is looked up
        name = self.kwargs["name"]
        more = {"label": TITLES[name], "serious": name == DROP}
        return {**super().get_context_data(**kwargs), **more}

    def perform(self, data: dict[str, Any]) -> None:
        """Do it."""
        name, domain, code = self.kwargs["name"], str(self.place), self.site.code
        why = self.why(data)
        if name == PRIMARY:
            verbs.make_primary(code, domain, redirect_old=data["redirect_old"], **why)
        elif name == DROP:
            verbs.drop_address(code, domain, **why)
        else:
            verbs.redirect(code, domain, redirects=name == REDIRECT, **why)
        self.say(DONE[name] % {"domain": domain})


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return [
        path("sites/<int:pk>/addresses/add/", AddView.as_view(), name="address_add"),
        path(
            "sites/<int:pk>/addresses/<int:address_id>/<slug:name>/",
            AddressView.as_view(),
            name="address",
        ),
    ]
