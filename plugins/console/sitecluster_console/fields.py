"""Fields that many forms of the control site ask for, each written once."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.life.steps import SHORTEST_REASON


def reason_field(*, shortest: int | None = None, longest: int = 500) -> forms.CharField:
    """Why something is done; required, of ``shortest`` to ``longest`` characters."""
    return forms.CharField(
        label=_("Reason"),
        min_length=shortest,
        max_length=longest,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("It is kept in the audit trail."),
        error_messages={
            "min_length": _("Give a reason of %(limit_value)d characters or more."),
        },
    )


def grounds_field() -> forms.CharField:
    """Why, where a site's standing hangs on it: a word alone is no reason."""
    return reason_field(shortest=SHORTEST_REASON, longest=1000)


def document_field(*, required: bool = False, help_text: Any = "") -> forms.CharField:
    """The number of the document that orders it."""
    return forms.CharField(
        label=_("Document number"), max_length=100, required=required, help_text=help_text
    )


def date_field(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DateField:
    """A day, chosen in the browser's own calendar."""
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, help_text=help_text, widget=widget)


class ReasonForm(forms.Form):
    """Why it is done."""

    use_required_attribute = False
    reason = reason_field()


class OrderForm(ReasonForm):
    """Why it is done, and by order of which document if there is one."""

    document = document_field()


class GroundsForm(OrderForm):
    """The same for what a site's standing hangs on."""

    reason = grounds_field()
