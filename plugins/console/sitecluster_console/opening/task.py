"""Opening an approved site, in the worker: web processes change no schemas."""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from sitecluster.tasks.queue import PROMPT, task
from sitecluster.tenancy import shared_context
from sitecluster_console.shared.models import Opening
from tenants.directory import Site
from tenants.disclosing import called
from tenants.life import clearances
from tenants.provisioning import ProvisionError, provision

from . import mail as opening_mail
from .steps import order_of, problems_of

State = Opening.State
GATES = {  # of the opening gates, those whose record is among the answers
    "mark": "mark_code",
    "icp": "icp_number",
    "police": "police_number",
    clearances.SITE_ID_CODE: "site_id_code",
}


def enqueue(opening: Opening) -> None:
    """Let the worker open the site of an approved opening, after the current transaction."""
    with shared_context():
        open_site.enqueue(opening.pk)


def queue_up() -> None:
    """Let the current transaction wait for other requests and openings."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('sitecluster.openings'))")


@task(title=gettext_lazy("Opening of a site"), priority=PROMPT)
def open_site(opening_id: int) -> None:
    """Open the site, or note what stands against it; done once however often it runs.

    The site, the opening's new state and the mark that the task is done commit together.
    """
    queue_up()
    rows = Opening.objects.select_for_update(of=("self",)).select_related("asked_by", "decided_by")
    row = rows.select_related("parent").filter(pk=opening_id, state=State.APPROVED).first()
    if row is None:
        return  # it is open, or was never approved
    problems = _standing_against(row)
    if not problems:
        try:
            with transaction.atomic():
                _open(row)
        except ProvisionError as error:
            problems = [{"step": "", "text": text} for text in error.problems]
    if problems:
        row.state, row.problems = State.FAILED, problems
        row.save(update_fields=["state", "problems"])
    opening_mail.tell(row, "failed" if problems else "opened", [row.asked_by])


def _standing_against(row: Opening) -> list[dict[str, str]]:
    """What has changed since it was approved: a rule, or what the person may do."""
    branch = row.decided_by.branch() if row.decided_by else frozenset()
    if branch is not None and row.parent_id not in branch:
        text = _("%(person)s doesn't run the site above any more.")
        return [{"step": "", "text": text % {"person": row.decided_by}}]
    return problems_of(row, row.asked_by)


def _open(row: Opening) -> None:
    order, by = order_of(row), row.decided_by
    reason, document = row.decision or row.reason, row.decision_document or row.document
    outcome = provision(order, by=by, reason=reason, document=document)
    if not outcome.created:
        text = _("The code %(code)s is taken by %(name)s.")
        raise ProvisionError([text % {"code": order.code, "name": called(outcome.site)}])
    _keep_records(row, outcome.site, document, by)
    row.site_id, row.state, row.problems = outcome.site.id, State.OPENED, []
    row.save(update_fields=["site", "state", "problems"])


def _keep_records(row: Opening, site: Site, document: str, by: Any) -> None:
    """The approval that was given, and the filings that were named, as passed gates (B.4)."""
    if document:
        today = timezone.localdate()
        clearances.record_clearance(
            site.code, "approval", number=document, authority=str(by), issued_on=today, by=by
        )
    for gate, name in GATES.items():
        number = str(row.answers.get(name) or "")
        if number:
            clearances.record_clearance(site.code, gate, number=number, by=by)
