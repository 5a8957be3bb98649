"""What the console keeps: sites that are asked for, and batches of acts on many sites."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _, pgettext_lazy


class Opening(models.Model):
    """A site before it exists: what was answered so far, who asks, who decides (B.4: 拟建, 审批中).

    ``answers`` are the fields of the wizard's forms. It ends with a site, declined or withdrawn.
    """

    class State(models.TextChoices):
        """Where it stands."""

        DRAFT = "draft", pgettext_lazy("opening", "Being filled in")
        REQUESTED = "requested", pgettext_lazy("opening", "Requested")
        APPROVED = "approved", pgettext_lazy("opening", "Approved")
        OPENED = "opened", pgettext_lazy("opening", "Opened")
        FAILED = "failed", pgettext_lazy("opening", "Could not be opened")
        DECLINED = "declined", pgettext_lazy("opening", "Declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("opening", "Withdrawn")

    answers = models.JSONField(default=dict)
    parent = models.ForeignKey(
        "tenants.Tenant",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="openings_below",
        verbose_name=_("site above"),
    )
    site = models.ForeignKey(
        "tenants.Tenant", on_delete=models.SET_NULL, null=True, blank=True, related_name="openings"
    )
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.DRAFT, db_index=True
    )
    reason = models.TextField(_("reason"), blank=True)
    document = models.CharField(_("document number"), max_length=100, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="openings"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(_("asked for"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision = models.TextField(_("why it was decided so"), blank=True)
    decision_document = models.CharField(_("document number"), max_length=100, blank=True)
    problems = models.JSONField(default=list)

    class Meta:
        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        default_permissions = ()
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return str(self.answers.get("name", "")) or f"#{self.pk}"


class Batch(models.Model):
    """One act on many sites, item by item in the background.

    ``kind`` names the act (`sitecluster_console.batches.work`), ``wishes`` what it is to do. A dry
    run does everything in a transaction that is rolled back.
    """

    kind = models.CharField(_("kind"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    wishes = models.JSONField(default=dict)
    dry_run = models.BooleanField(_("dry run"), default=False)
    reason = models.TextField(_("reason"), blank=True)
    document = models.CharField(_("document number"), max_length=100, blank=True)
    language = models.CharField(max_length=10, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="batches"
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        default_permissions = ()
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.title


class BatchItem(models.Model):
    """A batch's act on one site; with its work it is one transaction."""

    class State(models.TextChoices):
        """What has become of it."""

        WAITING = "waiting", pgettext_lazy("batch", "Waiting")
        DONE = "done", pgettext_lazy("batch", "Done")
        UNCHANGED = "unchanged", pgettext_lazy("batch", "Nothing to do")
        FAILED = "failed", pgettext_lazy("batch", "Failed")

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items")
    number = models.PositiveIntegerField(_("number"), help_text="its row in the uploaded file")
    code = models.CharField(_("code"), max_length=100)
    name = models.CharField(_("name"), max_length=200, blank=True)
    site = models.ForeignKey(
        "tenants.Tenant", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    wishes = models.JSONField(default=dict)
    after = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    result = models.TextField(_("result"), blank=True)
    problems = models.JSONField(_("problems"), default=list)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("item of a batch")
        verbose_name_plural = _("items of a batch")
        default_permissions = ()
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "number"], name="one_item_a_number"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["batch", "number"],
                condition=models.Q(state="waiting"),
                name="waiting_items_of_a_batch",
            ),
        ]

    def __str__(self) -> str:
        return self.code
