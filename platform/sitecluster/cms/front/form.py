"""The form of a front page: colours of the site's theme to choose from, sections to start with."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy as _

from sitecluster.cms.forms import SitePageForm
from sitecluster.theming.catalogue import colour_sets, current_theme, themes
from sitecluster.theming.tokens import Tokens

from .sections import usual_sections

SWATCH = (
    '<svg width="76" height="18" viewBox="0 0 76 18" aria-hidden="true" focusable="false">'
    '<rect width="66" height="18" fill="{}"/><rect width="22" height="18" fill="{}"/>'
    '<rect x="22" width="22" height="18" fill="{}"/></svg> {}'
)


class HomePageForm(SitePageForm):
    """Offers the colours of the theme, and begins with the sections that the page shows."""

    colours = forms.ChoiceField(
        label=_("colours"),
        required=False,
        widget=forms.RadioSelect,
        help_text=_("Where the site's theme has several sets of colours."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields.get("colours")
        if field is not None:
            field.choices = choices_of_colours()
        if "sections" in self.fields and not self.instance.sections:
            self.initial["sections"] = usual_sections()


def choices_of_colours() -> list[tuple[str, SafeString]]:
    """The theme's own colours and its sets, each with a swatch."""
    tokens = themes()[current_theme()].tokens
    own = [("", swatch(tokens, str(_("The theme's own colours"))))]
    language = get_language() or ""
    return own + [
        (name, swatch(tokens.in_colours(chosen.given), chosen.title(language)))
        for name, chosen in colour_sets().items()
    ]


def swatch(tokens: Tokens, title: str) -> SafeString:
    """The title beside a drawing of main colour, ground and mark."""
    return format_html(SWATCH, tokens.mark, tokens.main, tokens.ground, title)
