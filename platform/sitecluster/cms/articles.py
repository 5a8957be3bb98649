"""Articles and what hangs on them."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.fields import StreamField
from wagtail.models import Orderable, TranslatableMixin

from .blocks import ArticleBody
from .pages import SitePage


def this_minute() -> datetime:
    """Now, to the minute: publish times are shown with minutes."""
    return timezone.now().replace(second=0, microsecond=0)


class Origin(models.TextChoices):
    """Whether the site wrote it itself."""

    ORIGINAL = "original", _("Original")
    REPRINT = "reprint", _("Reprint")


class ArticlePage(SitePage):
    """A piece of news, a notice, a report."""

    library_kind = "article"

    subtitle = models.CharField(_("subtitle"), max_length=255, blank=True)
    source = models.CharField(_("source"), max_length=255)
    author = models.CharField(_("author"), max_length=100, blank=True)
    origin = models.CharField(
        _("origin"), max_length=20, choices=Origin.choices, default=Origin.ORIGINAL
    )
    # Null in drafts only: Wagtail requires nothing of a draft.
    published_at = models.DateTimeField(_("publish time"), null=True, default=this_minute)
    summary = models.TextField(_("summary"), blank=True)
    keywords = models.CharField(_("keywords"), max_length=255, blank=True)
    lead_image = models.ForeignKey(
        "wagtailimages.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lead image"),
    )
    body = StreamField(ArticleBody(), verbose_name=_("text"), blank=True)

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        indexes: ClassVar = [models.Index(fields=["-published_at"], name="newest_articles")]


class Attachment(TranslatableMixin, Orderable):
    """A document that belongs to an article."""

    page = ParentalKey(ArticlePage, on_delete=models.CASCADE, related_name="attachments")
    # Null in drafts only.
    document = models.ForeignKey(
        "wagtaildocs.Document",
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        verbose_name=_("document"),
    )
    title = models.CharField(
        _("title"),
        max_length=255,
        blank=True,
        help_text=_("Leave empty to show the document's own title."),
    )

    class Meta(TranslatableMixin.Meta, Orderable.Meta):
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self) -> str:
        return self.title
