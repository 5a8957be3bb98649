"""The step of opening a site that chooses what it is made from and how it looks."""

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext as _, gettext_lazy

from sitecluster.theming.catalogue import default_theme, themes
from sitecluster.theming.inspection import refusals
from sitecluster.theming.pictures import preview_url
from tenants import blueprinting

from .forms import StepForm


class ThemeForm(StepForm):
    blueprint = forms.ChoiceField(label=gettext_lazy("Blueprint"), required=False)
    theme = forms.ChoiceField(label=gettext_lazy("Theme"), widget=forms.RadioSelect)

    def prepare(self) -> None:
        others = blueprinting.others_for(self.answer("kind")) if self.answer("kind") else []
        self.fields["blueprint"].choices = [("", _("The one of its kind")), *others]  # type: ignore[attr-defined]
        if not others:
            del self.fields["blueprint"]
        field: Any = self.fields["theme"]
        language = get_language() or ""
        field.choices = [(name, theme.title(language)) for name, theme in themes().items()]
        self.initial.setdefault("theme", default_theme(self.answer("kind")))
        field.help_text = _("It can be changed at any time.")

    def clean_theme(self) -> str:
        theme = str(self.cleaned_data["theme"])
        self.refuse("theme", refusals(theme))
        return theme

    def options(self) -> list[dict[str, Any]]:
        """The themes with their pictures."""
        usual = default_theme(self.answer("kind"))
        return [
            {
                "radio": radio,
                "picture": preview_url(radio.data["value"]),
                "usual": radio.data["value"] == usual,
            }
            for radio in self["theme"]
        ]
