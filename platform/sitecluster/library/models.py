"""统一信息资源库: the register, in the shared schema, of every published page of every site.

Search across the cluster, sharing, statistics and the open API read it and never walk over the
schemas (guideline 2017-47, B.5: first into the library, then into use).
"""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class ColumnType(models.Model):
    """A type of column and how long it may stay without an update (indicators, C.3).

    The windows are rules of the inspection, so they are data with their evidence: V verified,
    M known but unverified.
    """

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=50)
    window_days = models.PositiveIntegerField(
        _("update window in days"), null=True, blank=True, help_text=_("Empty: no window.")
    )
    evidence = models.CharField(_("evidence"), max_length=1, default="V")

    class Meta:
        verbose_name = _("column type")
        verbose_name_plural = _("column types")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name


class Item(models.Model):
    """One published page of one site.

    The row outlives the publication: ``withdrawn_at`` is set when the page is no longer live and
    cleared when it is published again, so ``uuid`` names the item for good.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="items")
    page_id = models.BigIntegerField(help_text="primary key in the site's schema")
    kind = models.CharField(max_length=40)
    language = models.CharField(max_length=20)
    translation_key = models.UUIDField()
    path = models.CharField(max_length=1000, help_text="within the site, without its prefix")
    column_path = models.CharField(max_length=1000, blank=True)
    column_title = models.CharField(max_length=255, blank=True)
    title = models.CharField(max_length=255)
    summary = models.TextField(blank=True)
    body_text = models.TextField(blank=True)
    source = models.CharField(max_length=255, blank=True)
    published_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    revision_hash = models.CharField(max_length=64)
    metadata = models.JSONField(default=dict, help_text="of a document: numbers, dates, validity")
    payload = models.JSONField(default=dict, help_text="what a copy on another site is made from")

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "page_id"], name="one_item_a_page"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["tenant", "-published_at"],
                condition=models.Q(withdrawn_at=None),
                name="live_items_of_a_site",
            ),
            models.Index(
                fields=["-published_at"],
                condition=models.Q(withdrawn_at=None),
                name="live_items",
            ),
        ]

    def __str__(self) -> str:
        return self.title
