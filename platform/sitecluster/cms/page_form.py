"""The form of the page editor."""

from wagtail.admin.forms import WagtailAdminPageForm

from sitecluster.tenancy import current_tenant

from . import gates
from .gates import Act, Kind

# Buttons after which the page will have to be fit for publication.
ASKING = ("action-publish", "action-submit")


class PublicationForm(WagtailAdminPageForm):
    """Says beside the form what stands against publishing the page."""

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.errors or not any(self.data.get(button) for button in ASKING):
            return
        act = Act(Kind.PUBLISH, self.instance, self.for_user, current_tenant())
        for problem in gates.problems(act):
            self.add_error(None, problem)
