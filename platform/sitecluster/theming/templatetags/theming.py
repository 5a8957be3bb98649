"""What templates may ask of their theme."""

from typing import Any

from django import template

from sitecluster.theming import pictures

register = template.Library()


@register.simple_tag
def theme_sheet() -> str:
    """The address of the style sheet."""
    return pictures.sheet_url()


@register.simple_tag
def theme_icon() -> str:
    """The address of the logo, for browser tabs."""
    return pictures.picture("logo").url


@register.inclusion_tag("components/picture.html")
def theme_picture(name: str, css_class: str, fit: str = "xMidYMid meet") -> dict[str, Any]:
    """Draw the theme's ``logo``, ``header`` or ``notice`` picture, as decoration.

    ``fit`` is the preserveAspectRatio of a drawing.
    """
    return {"picture": pictures.picture(name), "css_class": css_class, "fit": fit}
