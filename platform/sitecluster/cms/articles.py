"""Articles and what hangs on them."""

from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Orderable, TranslatableMixin
from wagtail_localize.fields import SynchronizedField

from . import illustrations, listings
from .alike import alike
from .blocks import ArticleBody
from .forms import ArticleCopyForm
from .lead_image import IllustratedPage
from .placement import Problem
from .site_page import SitePage, missing, writable
from .slugs import ARTICLE_SLUG, next_article_slug, today
from .trail import above


def this_minute() -> datetime:
    """Now, to the minute: publish times are shown with minutes."""
    return timezone.now().replace(second=0, microsecond=0)


class Origin(models.TextChoices):
    """Whether the site wrote it itself."""

    ORIGINAL = "original", _("Original")
    REPRINT = "reprint", _("Reprint")


class ArticlePage(IllustratedPage):
    """A piece of news, a notice, a report."""

    library_kind = "article"
    parent_page_types = ["cms.ColumnPage", "cms.TopicPage"]
    subpage_types: list[str] = []
    copy_form_class = ArticleCopyForm
    picture_shapes = ("text", "card", "share")
    page_description = _("A piece of news, a notice, a report.")
    override_translatable_fields = [SynchronizedField("slug")]

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
    body = StreamField(ArticleBody(), verbose_name=_("text"), blank=True)

    content_panels = [
        *SitePage.content_panels,
        FieldPanel("subtitle"),
        FieldPanel("summary"),
        FieldPanel("lead_image"),
        FieldPanel("body"),
        InlinePanel("attachments", heading=_("Attachments"), label=_("Attachment")),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("source"), FieldPanel("author")]),
                FieldRowPanel([FieldPanel("published_at"), FieldPanel("origin")]),
                FieldPanel("keywords"),
            ],
            heading=_("Publication data"),
        ),
    ]
    promote_panels = []

    api_fields = writable(
        "subtitle",
        "source",
        "author",
        "origin",
        "published_at",
        "summary",
        "keywords",
        "lead_image",
        "body",
        "attachments",
    )

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        indexes: ClassVar = [models.Index(fields=["-published_at"], name="newest_articles")]

    def publication_problems(self) -> list[Problem]:
        """Source and time are page tags of the norm; an article without content is a blank page."""
        problems = [*super().publication_problems(), *missing(self, "source", "published_at")]
        if not self.body and not any(each.document_id for each in self.attachments.all()):
            problems.append(_("The article has neither a text nor an attachment."))
        return problems

    def with_content_json(self, content: dict[str, Any]) -> "ArticlePage":
        """A revision brings no name of its own: the article keeps the one it has."""
        page: ArticlePage = super().with_content_json({**content, "slug": self.slug})
        return page

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The article's surroundings: its column, what is near it, its attachments."""
        previous, following = listings.neighbours(self)
        attachments = self.attachments.all().select_related("document")
        illustrations.with_renditions(illustrations.pictures_of(self), *self.picture_shapes)
        return {
            **super().get_context(request, *args, **kwargs),
            **above(self, request),
            "attachments": [each for each in attachments if each.document],
            "alike": partial(alike, self),  # asked for by those templates that show them
            "latest": partial(listings.newest_beside, self),
            "previous": previous,
            "next": following,
        }

    def _set_core_field_defaults(self) -> None:
        parent = self._known_parent()
        if self._state.adding and parent is not None and not self._has_name_for(parent):
            self.slug = next_article_slug(today())
        super()._set_core_field_defaults()

    def _has_name_for(self, parent: Any) -> bool:
        named = bool(self.slug and ARTICLE_SLUG.fullmatch(self.slug))
        return named and bool(self._slug_is_available(self.slug, parent, self))


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

    panels = [FieldPanel("document"), FieldPanel("title")]

    api_fields = writable("document", "title")

    class Meta(TranslatableMixin.Meta, Orderable.Meta):
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self) -> str:
        return self.title
