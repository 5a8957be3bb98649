"""The theme of a site, chosen by its picture."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import get_language, gettext as _, gettext_lazy

from sitecluster.theming.catalogue import default_theme, themes
from sitecluster.theming.inspection import refusals
from sitecluster.theming.pictures import preview_url
from sitecluster_console.fields import OrderForm
from tenants.life.lifecycle import set_theme
from tenants.models import Tenant

from .cards import Card
from .form import SiteForm


class ThemeCard(Card):
    """What the site wears now."""

    name = "theme"
    heading = gettext_lazy("Theme")
    icon = "desktop"
    body_template = "console/card_theme.html"
    wide = False

    def details(self) -> dict[str, Any]:
        return {"title": title_of(self.site.theme), "picture": preview_url(self.site.theme)}


class ThemeForm(OrderForm):
    """One of the installed themes."""

    theme = forms.ChoiceField(label=gettext_lazy("Theme"), widget=forms.RadioSelect)
    field_order = ("theme", "reason", "document")

    def __init__(self, *args: Any, site: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site = site
        choice: Any = self.fields["theme"]
        choice.choices = [(name, title_of(name)) for name in themes()]

    def clean_theme(self) -> str:
        theme = str(self.cleaned_data["theme"])
        if faults := refusals(theme):
            raise forms.ValidationError(faults)
        return theme

    def options(self) -> list[dict[str, Any]]:
        """The themes with their pictures."""
        usual = default_theme(self.site.kind)
        return [
            {"radio": radio, "picture": preview_url(name), "usual": name == usual}
            for radio in self["theme"]
            for name in [str(radio.data["value"])]
        ]


class ChangeTheme(SiteForm):
    """``console:site_theme``."""

    page_title = gettext_lazy("Change the theme")
    header_icon = "desktop"
    form_class = ThemeForm
    template_name = "console/site_theme.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "site": self.site}

    def get_initial(self) -> dict[str, Any]:
        return {"theme": self.site.theme}

    def act(self, data: dict[str, Any]) -> str:
        set_theme(self.site.code, data["theme"], **self.why(data))
        text = _("%(site)s wears the theme %(theme)s within a second.")
        return text % {"site": self.site.name, "theme": title_of(data["theme"])}


def title_of(theme: str) -> str:
    """What the theme is called; its name where it isn't installed any more."""
    known = themes().get(theme)
    return known.title(get_language() or "") if known else theme


def card(site: Tenant, request: HttpRequest) -> Card:
    """What the site's page shows of it."""
    return ThemeCard(site, request)


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return [path("sites/<int:pk>/theme/", ChangeTheme.as_view(), name="site_theme")]
