"""The forms of the acts on people."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy as _

from sitecluster.accounts.models import User
from sitecluster.rights.roles import ROLES
from sitecluster_console.choosing import SitesField
from sitecluster_console.fields import ReasonForm, document_field
from sitecluster_console.policy import sites_of


class NoForm(forms.Form):
    """Nothing but the question."""


class SuspensionForm(ReasonForm):
    """Why, and whether it is a sanction, which needs the number of its decision (A-225)."""

    GROUNDS = (
        ("protection", _("To protect the sites, or since the person has left")),
        ("sanction", _("As a sanction for bad or late work, with a criticism notice")),
    )
    grounds = forms.ChoiceField(
        label=_("Grounds"), choices=GROUNDS, widget=forms.RadioSelect, initial="protection"
    )
    document = document_field(help_text=_("The number of the decision; a sanction needs one."))
    field_order = ("grounds", "reason", "document")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("grounds") == "sanction" and not data.get("document", "").strip():
            self.add_error("document", gettext("A sanction needs the number of its decision."))
        return data


class RequireForm(ReasonForm):
    """Whether the person must have a second factor on every site."""

    required = forms.TypedChoiceField(
        label=_("Second factor"),
        choices=(
            (True, _("Required on every site")),
            (False, _("Required where a site demands it")),
        ),
        coerce=lambda value: value == "True",
        widget=forms.RadioSelect,
    )
    field_order = ("required", "reason")


class ProfileForm(forms.Form):
    """Name and address."""

    name = forms.CharField(label=_("Full name"), max_length=100)
    email = forms.EmailField(label=_("Email"), max_length=254)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        return email


class HomeForm(forms.Form):
    """Which of the person's sites looks after the account."""

    site = forms.TypedChoiceField(label=_("Home site"), coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args: Any, sites: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["site"]
        field.choices = sites


class GroupsForm(forms.Form):
    """Which of a site's groups the member is in, by name."""

    groups = forms.MultipleChoiceField(
        label=_("Roles"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, names: list[str], kept: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["groups"]
        field.choices = [(name, name) for name in names]
        field.required = not kept
        if kept:
            text = gettext("Stays, since it isn't yours to take: %(roles)s.")
            field.help_text = text % {"roles": "、".join(kept)}


class PlacesForm(forms.Form):
    """Sites of those that ``actor`` runs, and roles that every site has."""

    sites = SitesField(queryset=None, label=_("Sites"))
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=[(role.code, role.name) for role in ROLES.values()],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, actor: User, without: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["sites"]
        field.queryset = sites_of(actor).exclude(pk__in=without).order_by("code")


class InvitationForm(PlacesForm):
    """Whom to ask, and where to."""

    email = forms.EmailField(label=_("Email"), max_length=254)
    name = forms.CharField(label=_("Full name"), max_length=100)
    field_order = ("email", "name", "sites", "roles")
