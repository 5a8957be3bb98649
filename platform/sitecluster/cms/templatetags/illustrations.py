"""What templates ask of editors' pictures."""

from typing import Any

from django import template

from sitecluster.cms import illustrations

register = template.Library()


@register.inclusion_tag("components/illustration.html")
def illustration(
    image: Any,
    shape: str,
    alt: str = "",
    css_class: str = "",
    sizes: str = "",
    eager: bool = False,
) -> dict[str, Any]:
    """Draw a picture in one of the shapes ``text``, ``card``, ``wide``, ``portrait``, ``logo``.

    ``alt`` is empty for decoration; ``sizes`` says how wide the place is where it isn't the
    shape's own; ``eager`` belongs to the one large picture on the first screen. Draws nothing
    without a picture.
    """
    return {
        "drawn": illustrations.drawn(image, shape, sizes),
        "alt": alt,
        "css_class": css_class,
        "eager": eager,
    }


@register.simple_tag
def illustration_url(image: Any, shape: str) -> str:
    """The address of the picture in this shape; empty without a picture."""
    drawn = illustrations.drawn(image, shape)
    return drawn.url if drawn else ""
