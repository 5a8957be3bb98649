"""A site's rows in the shared schema: people's credentials, invitations, audit, tasks."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.test import override_settings
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_tasks.base import TaskResultStatus
from wagtail.log_actions import log

from sitecluster.accounts.credentials import PasswordRecord
from sitecluster.accounts.invitations import invite
from sitecluster.accounts.models import Delegation
from sitecluster.audit.trail import record
from sitecluster.tasks.models import Appointment, QueuedTask
from sitecluster_console.shared.models import Batch, BatchItem, Opening
from tenants.models import Backup, Clearance, Gate, Usage

from .content import Filling, filler


@filler
def credentials(filling: Filling) -> None:
    """A second factor, not confirmed so that nobody is asked for it, and an old password."""
    TOTPDevice.objects.create(user=filling.author, name=filling.slug("totp")[:64], confirmed=False)
    device = StaticDevice.objects.create(
        user=filling.author, name=filling.slug("codes")[:64], confirmed=False
    )
    device.token_set.create(token=filling.mark.secret[:16])
    PasswordRecord.objects.create(user=filling.author, password="x")


@filler
def invitations(filling: Filling) -> None:
    """Somebody who was asked to join."""
    address = filling.mark.email(f"asked{filling.round}")
    groups = Group.objects.filter(name=filling.made["group"].name)
    filling.made["asked"] = invite(address, filling.site, groups, name=filling.text("asked"))


@filler
def trails(filling: Filling) -> None:
    """What was done, in the site's own logs and in that of the cluster."""
    log(filling.made["image"], "wagtail.edit", user=filling.author, title=filling.text("log"))
    record(
        "member.added",
        by=filling.author,
        subject=filling.text("subject"),
        before={"a": filling.text("before")},
        after={"a": filling.text("after")},
        reason=filling.text("reason"),
        document=filling.text("number"),
    )


@filler
def tasks(filling: Filling) -> None:
    """A task that failed for good, and one that is due later."""
    from wagtail.tasks import delete_file_from_storage_task as some_task

    with override_settings(TASKS_RUN_AT_ONCE=False):
        some_task.enqueue("none", filling.slug("file"))
    waiting: Any = QueuedTask.objects.filter(tenant_id=filling.site.id)
    newest = waiting.order_by("-enqueued_at").first()
    newest.status, newest.finished_at = TaskResultStatus.FAILED, timezone.now()
    newest.problem = filling.text("problem")
    newest.save()
    filling.made["failed"] = newest
    Appointment.objects.create(
        tenant_id=filling.site.id,
        task_path=f"{filling.mark.needle}.none",
        subject=filling.text("subject")[:100],
        due_at=timezone.now() + timedelta(days=300),
    )


@filler
def cluster_administration(filling: Filling) -> None:
    """What the control site knows of the site; no screen of a site's own shows any of it."""
    place: Any = {"tenant_id": filling.site.id}
    person: Any = {"created_by": filling.author}
    Backup.objects.create(
        file=filling.slug("backup"), reason=filling.text("kept"), **place, **person
    )
    gate = Gate.objects.all()[filling.round]
    Clearance.objects.create(gate=gate, number=filling.text("filing"), **place)
    Usage.objects.update_or_create(defaults={"measured_at": timezone.now()}, **place)
    Delegation.objects.get_or_create(user=filling.author, role="applicant", **place)
    answers = {"name": filling.text("wanted")}
    Opening.objects.create(
        answers=answers,
        parent_id=filling.site.id,
        site_id=filling.site.id,
        asked_by=filling.author,
        reason=filling.text("wish"),
    )
    batch = Batch.objects.create(kind="none", title=filling.text("batch"), **person)
    BatchItem.objects.create(batch=batch, number=1, code="none", site_id=filling.site.id)
