"""The forms of blueprints."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sitecluster_console.fields import GroundsForm
from tenants import blueprint_sites
from tenants.directory import Site
from tenants.models import Blueprint


class PublishForm(GroundsForm):
    """Why a new version."""


class CopyForm(GroundsForm):
    """A new blueprint's code and name."""

    name = forms.CharField(
        label=_("Name of the blueprint"),
        max_length=100,
        help_text=_("What it is called where a new site's blueprint is chosen."),
    )
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Lower-case letters, digits and single hyphens."),
    )
    articles = forms.BooleanField(
        label=_("With the articles"),
        required=False,
        initial=True,
        help_text=_("Otherwise its columns, topics and links alone."),
    )
    field_order = ("name", "code", "articles", "reason", "document")

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site = site

    def clean_code(self) -> str:
        """A free code of the right form."""
        code: str = self.cleaned_data["code"].strip()
        problems = blueprint_sites.copy_faults(self.site, code, "-")
        if not problems and Blueprint.objects.filter(code=code).exists():
            problems = [str(_("There is a blueprint %s already.") % code)]
        if problems:
            raise forms.ValidationError(problems)
        return code
