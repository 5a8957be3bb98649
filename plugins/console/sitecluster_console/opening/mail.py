"""Mails about requests for sites: to those who decide, and back to who asked."""

from collections.abc import Iterable
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy

from sitecluster.accounts import mail
from sitecluster.accounts.models import Delegation, User
from sitecluster.tasks.queue import PROMPT, task
from sitecluster.tenancy import CONTROL, all_sites, required_tenant, tenant_context
from sitecluster_console.shared.models import Opening


def superiors(opening: Opening) -> list[User]:
    """Who should decide: the managers of the nearest branch that holds the site above and who
    didn't ask; the platform admins where there are none."""
    site = opening.parent
    while site is not None:
        managers = User.everyone.filter(
            is_active=True,
            delegations__tenant=site,
            delegations__role=Delegation.Role.MANAGER,
            delegations__ended_at=None,
        )
        found = list(managers.exclude(pk=opening.asked_by_id).distinct())
        if found:
            return found
        site = site.parent
    admins = User.everyone.filter(is_active=True, is_superuser=True)
    return list(admins.exclude(pk=opening.asked_by_id))


def tell(opening: Opening, what: str, people: Iterable[User]) -> None:
    """Mail ``accounts/mail/opening_<what>.txt`` to these people, once this transaction is done."""
    control = next((site for site in all_sites() if site.kind == CONTROL), None)
    if control is None:
        return
    with tenant_context(control):
        for person in people:
            tell_later.enqueue(opening.pk, what, person.email)


@task(title=gettext_lazy("Mail about a request for a site"), priority=PROMPT)
def tell_later(opening_id: int, what: str, email: str) -> None:
    """Mail it, with a link to the request on the control site."""
    opening = Opening.objects.select_related("site", "parent", "asked_by").filter(pk=opening_id)
    row = opening.first()
    if row is None:
        return
    path = reverse("console:opening", urlconf=settings.ROOT_URLCONF, args=[row.pk])
    link = urljoin(required_tenant().admin_url, path)
    mail.send(f"opening_{what}", email, {"opening": row, "link": link}, about=str(row.pk))
