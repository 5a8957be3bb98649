"""Choosing among sites, of which there may be a thousand."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from tenants.models import Tenant

FEW = 3  # sites that are seen at a glance; with more there is a box that filters them

if TYPE_CHECKING:
    OneOfSites = forms.ModelChoiceField[Tenant]
    SomeOfSites = forms.ModelMultipleChoiceField[Tenant]
else:
    OneOfSites = forms.ModelChoiceField
    SomeOfSites = forms.ModelMultipleChoiceField


class Filtered(forms.widgets.ChoiceWidget):
    """A scrolling list, what is chosen at its head, with a box that filters many."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = self.format_value(value)
        choices = sorted(self.choices, key=lambda choice: str(choice[0]) not in chosen)
        rows = [
            (self.input_type, name, key, SafeString("checked") if str(key) in chosen else "", label)
            for key, label in choices
        ]
        boxes = format_html_join(
            "",
            '<label><input type="{}" name="{}" value="{}" {}> <span>{}</span></label>',
            rows,
        )
        search: str | SafeString = ""
        if len(rows) > FEW:
            label = gettext("Show sites with this text in code or name")
            search = format_html(
                '<input type="search" aria-label="{0}" placeholder="{0}" autocomplete="off"'
                ' data-console-filter-target="text"'
                ' data-action="console-filter#apply keydown.enter->console-filter#apply">',
                label,
            )
        return format_html(
            '<div class="console-checks" data-controller="console-filter" role="{}"'
            ' aria-label="{}">{}<div class="console-checks-list" tabindex="0">{}</div></div>',
            "radiogroup" if self.input_type == "radio" else "group",
            gettext("Sites"),
            search,
            boxes,
        )


class SiteChecks(Filtered, forms.CheckboxSelectMultiple):
    """Any number of sites."""


class SiteRadios(Filtered, forms.RadioSelect):
    """One site."""


class SitesField(SomeOfSites):
    """Sites, named by code and name."""

    widget = SiteChecks

    def label_from_instance(self, obj: Any) -> str:
        return _named(obj)


class SiteField(OneOfSites):
    """A site, named by code and name."""

    widget = SiteRadios

    def label_from_instance(self, obj: Any) -> str:
        return _named(obj)


def _named(site: Tenant) -> str:
    return f"{site.code} {site.name}"
