"""The numbers and gates that the rules of a site's life set, which platform admins may change.

They are rows (`models.Limit`, `models.Gate`), since most of them are unverified (marked M); see
docs/lifecycle.md.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _, gettext_lazy

from sitecluster.audit.trail import record
from tenants.models import Gate, Limit
from tenants.provisioning import ProvisionError

OFFLINE_TIMES, OFFLINE_DAYS, CLOSING_NOTICE_DAYS = (
    "offline-times-a-year",
    "offline-days",
    "closing-notice-days",
)
LARGEST = 3660
TITLES = {
    OFFLINE_TIMES: gettext_lazy("How often within a year a site may be taken offline"),
    OFFLINE_DAYS: gettext_lazy("How many days a site may be offline at a time"),
    CLOSING_NOTICE_DAYS: gettext_lazy("How many days the notice of a closed site stays at least"),
}
UNITS = {"times": gettext_lazy("times"), "days": gettext_lazy("days")}


def value_of(key: str) -> int:
    """The number that the rule sets, in the unit of its row."""
    return Limit.objects.values_list("value", flat=True).get(pk=key)


def title(limit: Limit) -> str:
    """What the rule is called in the reader's language."""
    return str(TITLES.get(limit.key, limit.key))


def unit(limit: Limit) -> str:
    """What its number counts, in the reader's language."""
    return str(UNITS.get(limit.unit, limit.unit))


def set_limit(key: str, value: int, *, by: Any, reason: str, document: str = "") -> Limit:
    """Let the rule say another number from now on; raises `ProvisionError`."""
    if not 0 <= value <= LARGEST:
        text = _("The number must lie between 0 and %(largest)d.")
        raise ProvisionError([text % {"largest": LARGEST}])
    with transaction.atomic():
        limit = Limit.objects.select_for_update().get(pk=key)
        before, limit.value = limit.value, value
        limit.save(update_fields=["value"])
        if before != value:
            change: dict[str, Any] = {"before": {"value": before}, "after": {"value": value}}
            record("limit.set", by=by, subject=key, reason=reason, document=document, **change)
    return limit


def set_gate(
    code: str, *, required: bool, own_domain: bool, by: Any, reason: str, document: str = ""
) -> Gate:
    """Say whether sites must pass the gate before they open, and which sites."""
    with transaction.atomic():
        gate = Gate.objects.select_for_update().get(pk=code)
        before = {"required": gate.required, "own_domain": gate.own_domain}
        gate.required, gate.own_domain = required, own_domain
        gate.save(update_fields=["required", "own_domain"])
        after = {"required": required, "own_domain": own_domain}
        if before != after:
            why = {"by": by, "reason": reason, "document": document}
            record("gate.set", subject=code, before=before, after=after, **why)
    return gate
