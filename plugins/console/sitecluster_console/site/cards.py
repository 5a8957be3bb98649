"""The parts of a site's page.

A module of the console adds to the page by being named in `site.page.CONTRIBUTORS` and having
``card(site, request) -> Component | None`` (or ``cards``, a list of them) and
``buttons(site, request) -> list[HeaderButton]``, whichever it needs.
"""

from typing import Any

from django.db import ProgrammingError
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component

from tenants import directory
from tenants.directory import Site
from tenants.models import Tenant

USUAL = 50  # place of a card among those of its column, in the order of the contributors


class Card(Component):
    """A panel: its heading, and ``body_template`` drawn with what `details` returns.

    ``wide`` cards stand in the broad column, the others beside it. One that ``needs_schema`` says
    so in a sentence while the site's schema is behind the code, and `details` isn't asked.
    """

    template_name = "console/card.html"
    body_template = ""
    name = ""
    heading: Any = ""
    icon = "site"
    wide = True
    needs_schema = False
    order = USUAL

    def __init__(self, site: Tenant, request: HttpRequest) -> None:
        self.site, self.request = site, request
        self.user: Any = request.user

    @cached_property
    def place(self) -> Site:
        """The site as the rest of the platform knows it, read now."""
        return directory.record(self.site)

    def details(self) -> dict[str, Any]:
        """What the body is drawn with."""
        return {}

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        """The frame's, and that of the body."""
        frame = {"card": self, "site": self.site, "request": self.request, "user": self.user}
        frame["csrf_token"] = get_token(self.request)  # a component has no context of the request
        if self.needs_schema and self.place.behind:
            return {**frame, "unavailable": behind_sentence(self.site)}
        try:
            return {**frame, **self.details()}
        except ProgrammingError:
            if not self.needs_schema:
                raise
            # Removed a moment ago: its tables went after its row was read.
            return {**frame, "unavailable": _("The site is not there any more.")}


def behind_sentence(site: Tenant) -> str:
    """What stands where the site's own tables can't be read."""
    text = _("%(site)s has to be upgraded first; until then this can't be shown or changed.")
    return text % {"site": site.name}
