"""The forms that citizens fill in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import LONGEST_PLACE, LONGEST_TEXT, Kind
from .receipts import tidy

SHORTEST_TEXT = 5  # characters
LENGTHS = {
    "min_length": _("Write at least %(limit_value)d characters."),
    "max_length": _("Write at most %(limit_value)d characters."),
}


class Guarded(forms.Form):
    """A form with the guard's token, and a trap: a field that only programs fill in."""

    token = forms.CharField(required=False, widget=forms.HiddenInput)
    website = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )
    use_required_attribute = False  # our own words at the field, with and without script
    prefix_of_ids = "feedback"

    def __init__(self, data: Any = None, *, initial: Any = None) -> None:
        ids = f"{self.prefix_of_ids}-%s"
        super().__init__(data, initial=initial, auto_id=ids, label_suffix="")

    def clean_website(self) -> str:
        """Raise ValidationError if something stands in the trap."""
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("This field must stay empty."))
        return ""


class MessageForm(Guarded):
    """What is wrong, where, and if wanted who says so."""

    kind = forms.ChoiceField(
        label=_("What is it about?"),
        choices=Kind.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what it is about."),
            "invalid_choice": _("Choose what it is about."),
        },
    )
    place = forms.CharField(
        label=_("Where on the site (optional)"),
        required=False,
        max_length=LONGEST_PLACE,
        error_messages=LENGTHS,
        help_text=_("The address of the page, or how to find it."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    text = forms.CharField(
        label=_("Your message"),
        min_length=SHORTEST_TEXT,
        max_length=LONGEST_TEXT,
        help_text=_(
            "Which words or which link, and what would be right? Please write nothing private about"
            " other people."
        ),
        widget=forms.Textarea({"rows": 6}),
        error_messages={**LENGTHS, "required": _("Write what we should know.")},
    )
    contact = forms.CharField(
        label=_("How to reach you (optional)"),
        required=False,
        max_length=100,
        error_messages=LENGTHS,
        help_text=_("A telephone number or an email address, in case we have a question."),
    )


class ReceiptForm(Guarded):
    """Asks what has become of a message."""

    prefix_of_ids = "receipt"
    number = forms.CharField(
        label=_("Receipt number"),
        max_length=40,
        error_messages={**LENGTHS, "required": _("Write the receipt number.")},
        widget=forms.TextInput(
            {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )

    def clean_number(self) -> str:
        """The number as it is kept, however it was typed."""
        return tidy(self.cleaned_data["number"])
