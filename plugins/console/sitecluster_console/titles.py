"""What the acts of the console are called in the audit trail."""

from django.utils.translation import gettext_lazy as _

from sitecluster.audit import acts


def register() -> None:
    """Give every act that the console alone records its title."""
    acts.register(
        {
            "opening.requested": _("Site requested"),
            "opening.approved": _("Request for a site approved"),
            "opening.declined": _("Request for a site declined"),
            "opening.withdrawn": _("Request for a site withdrawn"),
            "batch.started": _("Batch started"),
            "batch.stopped": _("Batch stopped"),
            "batch.resumed": _("Batch continued"),
        }
    )
