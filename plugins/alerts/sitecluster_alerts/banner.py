"""What the plugin puts on the public pages, without a query while nothing changes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import Q
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from sitecluster.plugins.registry import is_on_at
from sitecluster.tenancy import Tenant, current_tenant, until_touched

from .shared.models import Alert


@until_touched
def _standing() -> Mapping[int, Sequence[Alert]]:
    """The notices that haven't ended, those of the future too, by the id of their site."""
    found = defaultdict(list)
    for alert in Alert.everywhere.filter(Q(ends_at=None) | Q(ends_at__gt=timezone.now())):
        found[alert.tenant_id].append(alert)
    return found


def alerts_for(site: Tenant) -> list[Alert]:
    """What citizens of ``site`` read now: its own and those from above, the gravest first."""
    now, standing, found = timezone.now(), _standing(), []
    above: Tenant | None = site
    while above is not None:
        if is_on_at("alerts", above):
            found += [
                alert
                for alert in standing.get(above.id, ())
                if alert.in_force(now) and (above is site or alert.below)
            ]
        above = above.parent
    return sorted(found, key=lambda alert: (alert.level, -alert.starts_at.timestamp()))


def banner(request: HttpRequest) -> str:
    """The slot ``banner``."""
    site = current_tenant()
    alerts = alerts_for(site) if site else []
    return render_to_string("alerts/banner.html", {"alerts": alerts}) if alerts else ""
