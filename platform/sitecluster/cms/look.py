"""How a site looks beside its theme: the logo, header picture and colours of its front page."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings

from sitecluster.theming.catalogue import colour_sets

from .listings import HOME_DEPTH


@dataclass(frozen=True)
class Look:
    """What an editor has chosen; the theme's own where a field is empty.

    ``colours`` names one of the sets of the theme that the site wears now, or is "".
    """

    logo: Any = None
    header_picture: Any = None
    colours: str = ""


def look_of(home: Any) -> Look:
    """The look that this front page, as it is in memory, gives the site."""
    colours = home.colours if home.colours in colour_sets() else ""
    return Look(home.logo, home.header_picture, colours)


def site_look() -> Look:
    """The look of the active site, in one statement: that of the front page in its language."""
    homes = apps.get_model("cms", "HomePage").objects.filter(
        depth=HOME_DEPTH, locale__language_code=settings.LANGUAGE_CODE
    )
    fields = "logo", "header_picture", "colours"
    home = homes.select_related("logo", "header_picture").defer("sections", "intro").first()
    return look_of(home) if home is not None and any(getattr(home, f) for f in fields) else Look()
