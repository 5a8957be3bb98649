"""What the cluster has still to do, in the shared schema."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult


class QueuedTask(DBTaskResult[Any, Any]):
    """A task with what it carries: the site it belongs to, the plugin, the actor's language.

    ``worker_ids`` holds one entry for each attempt so far.
    """

    tenant_id = models.BigIntegerField(
        null=True, db_index=True, help_text="the site it runs on; none: the shared schema"
    )
    plugin = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=10, blank=True)
    retries = models.PositiveSmallIntegerField(help_text="attempts after the first one")
    problem = models.TextField(
        _("problem"), blank=True, help_text="why the last attempt failed, without secrets"
    )

    objects: ClassVar[models.Manager["QueuedTask"]] = models.Manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("background task")
        verbose_name_plural = _("background tasks")
        default_permissions = ("view", "change")

    def __str__(self) -> str:
        return f"{self.task_name} {self.id}"

    @property
    def attempts(self) -> int:
        """How often it was begun."""
        return len(self.worker_ids)


class Appointment(models.Model):
    """A moment at which a task of a site is due; the worker then puts it into the queue.

    ``subject`` is the task's only argument, and a site has one appointment a task and subject.
    """

    tenant_id = models.BigIntegerField()
    task_path = models.CharField(max_length=200)
    subject = models.CharField(max_length=100)
    due_at = models.DateTimeField(_("due at"), db_index=True)
    calls = models.PositiveSmallIntegerField(default=0, help_text="how often the task was called")
    problem = models.TextField(_("problem"), blank=True)

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant_id", "task_path", "subject"], name="one_appointment_a_subject"
            )
        ]

    def __str__(self) -> str:
        return f"{self.task_path} {self.subject}"


class Period(models.Model):
    """When a task that recurs is due next, in the whole cluster."""

    task_path = models.CharField(max_length=200, primary_key=True)
    next_run = models.DateTimeField()

    class Meta:
        verbose_name = _("recurring task")
        verbose_name_plural = _("recurring tasks")
        default_permissions = ()

    def __str__(self) -> str:
        return self.task_path
