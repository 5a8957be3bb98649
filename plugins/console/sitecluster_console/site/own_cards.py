"""What else a site's page shows: its members, recent acts, and how it fares."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Max
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _, gettext_lazy

from sitecluster.accounts.models import Delegation, Membership
from sitecluster.audit.reading import entries, lines
from sitecluster.library.models import Item
from sitecluster.rights.roles import ROLES
from sitecluster.tasks.claiming import Status
from sitecluster.tasks.models import QueuedTask
from tenants.life.lifecycle import set_second_factor
from tenants.models import Backup, Kind, Tenant

from .cards import Card
from .form import SiteForm

SHOWN = 8


class MembersCard(Card):
    """Who works on the site, and who runs it from above."""

    name = "members"
    heading = gettext_lazy("Members")
    icon = "group"
    body_template = "console/card_members.html"
    wide = False

    def details(self) -> dict[str, Any]:
        found = Membership.objects.filter(tenant=self.site, ended_at=None).select_related("user")
        some = found.order_by("-created_at", "pk")[:SHOWN]
        running = Delegation.objects.filter(tenant=self.site, ended_at=None)
        return {
            "count": found.count(),
            "members": [(each.user, _roles(each.roles)) for each in some],
            "delegations": running.select_related("user").order_by("role", "user__email"),
            "everyone": f"{reverse('console:people')}?{urlencode({'site': self.site.code})}",
        }


def _roles(codes: list[str]) -> str:
    """Names of the groups; the mirror holds the codes of roles."""
    return "、".join(ROLES[code].name if code in ROLES else code for code in codes)


class ActsCard(Card):
    """The last entries of the audit trail."""

    name = "acts"
    heading = gettext_lazy("Recent acts")
    icon = "history"
    body_template = "console/card_acts.html"
    order = 90

    def details(self) -> dict[str, Any]:
        found = entries(self.user).filter(site_id=self.site.pk)[:SHOWN]
        report = f"{reverse('audit_report')}?{urlencode({'site_code': self.site.code})}"
        return {"lines": lines(found, self.user), "report": report}


class HealthCard(Card):
    """What needs somebody's attention, or that nothing does."""

    name = "health"
    heading = gettext_lazy("Health")
    icon = "circle-check"
    body_template = "console/card_health.html"
    order = 10
    wide = False

    def details(self) -> dict[str, Any]:
        backups = Backup.objects.filter(tenant=self.site, state=Backup.State.DONE)
        failed = QueuedTask.objects.filter(tenant_id=self.site.pk, status=Status.FAILED)
        return {
            "behind": self.place.behind,
            "upgrade_error": self.site.upgrade_error,
            "whole": self.user.is_superuser,
            "failed": failed.count(),
            "backup": backups.first(),
            "published": self._last_published(),
            "is_control": self.site.kind == Kind.CONTROL,
        }

    def _last_published(self) -> datetime | None:
        live = Item.objects.filter(tenant_id=self.site.pk, withdrawn_at=None)
        moment: datetime | None = live.aggregate(last=Max("published_at"))["last"]
        return moment


class SecondFactor(SiteForm):
    """``console:site_second_factor``: demand one of everybody who works on the site, or no more."""

    header_icon = "key"

    @cached_property
    def required(self) -> bool:
        """What it is to be: the opposite of what it is."""
        return not self.site.second_factor

    def get_page_title(self) -> str:
        if self.required:
            return _("Require a second factor")
        return _("Require a second factor no more")

    def act(self, data: dict[str, Any]) -> str:
        set_second_factor(self.site.code, required=self.required, **self.why(data))
        if self.required:
            return _("Whoever works on %(site)s needs a second factor.") % {"site": self.site.name}
        return _("%(site)s requires no second factor any more.") % {"site": self.site.name}


def cards(site: Tenant, request: HttpRequest) -> list[Card]:
    """What the site's page shows of all this."""
    return [HealthCard(site, request), MembersCard(site, request), ActsCard(site, request)]


def urls() -> list[URLPattern]:
    """Their addresses below ``/admin/cluster/``."""
    view = SecondFactor.as_view()
    return [path("sites/<int:pk>/second-factor/", view, name="site_second_factor")]
