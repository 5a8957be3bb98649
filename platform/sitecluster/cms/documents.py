"""Official documents: articles with the header block that the catalogue of disclosure demands."""

from datetime import date
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from .alike import keywords
from .articles import ArticlePage
from .placement import Problem
from .register_fields import LibraryFields
from .relations import related_to
from .site_page import missing, writable


class Validity(models.TextChoices):
    """公文时效: whether the document is still in force (standards, E.2)."""

    IN_FORCE = "in_force", _("In force")
    AMENDED = "amended", _("Amended")
    EXPIRED = "expired", _("Expired")
    REPEALED = "repealed", _("Repealed")


class Genre(models.TextChoices):
    """公文种类 (党政机关公文处理工作条例, 中办发〔2012〕14号, art. 8), by their Chinese names."""

    RESOLUTION = "决议", "决议"
    DECISION = "决定", "决定"
    ORDER = "命令（令）", "命令（令）"
    COMMUNIQUE = "公报", "公报"
    PROCLAMATION = "公告", "公告"
    NOTICE_TO_ALL = "通告", "通告"
    OPINION = "意见", "意见"
    NOTICE = "通知", "通知"
    CIRCULAR = "通报", "通报"
    REPORT = "报告", "报告"
    REQUEST = "请示", "请示"
    REPLY = "批复", "批复"
    BILL = "议案", "议案"
    LETTER = "函", "函"
    MINUTES = "纪要", "纪要"


LAPSED = (Validity.EXPIRED, Validity.REPEALED)
# The forms of documents whose head isn't the issuing organ's name with “文件”.
MASTHEADS: dict[str, str] = {
    Genre.LETTER: "",
    Genre.ORDER: "令",
    Genre.MINUTES: "纪要",
    Genre.COMMUNIQUE: "公报",
    Genre.PROCLAMATION: "公告",
    Genre.NOTICE_TO_ALL: "通告",
}


class DocumentPage(ArticlePage):
    """公文: an official document with its header block.

    The header's entries are those of the national core set and of the seeds (standards, E.2):
    index number, category, issuing organ, dates, document number, validity, subject words (the
    article's keywords); the publisher is the article's source.
    """

    library_kind = "document"
    page_description = _("An official document with its header block.")

    index_number = models.CharField(_("index number"), max_length=60, blank=True)
    document_number = models.CharField(_("document number"), max_length=100, blank=True)
    issuing_body = models.CharField(_("issuing organ"), max_length=200)
    genre = models.CharField(_("genre"), max_length=20, choices=Genre.choices, blank=True)
    category = models.CharField(_("subject category"), max_length=100, blank=True)
    # Null in drafts only.
    written_on = models.DateField(_("date of the document"), null=True)
    effective_on = models.DateField(_("in force from"), null=True, blank=True)
    expires_on = models.DateField(_("in force until"), null=True, blank=True)
    validity = models.CharField(
        _("validity"), max_length=20, choices=Validity.choices, default=Validity.IN_FORCE
    )

    content_panels = [
        ArticlePage.content_panels[0],
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("document_number"), FieldPanel("index_number")]),
                FieldRowPanel([FieldPanel("issuing_body"), FieldPanel("written_on")]),
                FieldRowPanel([FieldPanel("genre"), FieldPanel("category")]),
                FieldRowPanel([FieldPanel("effective_on"), FieldPanel("expires_on")]),
                FieldPanel("validity"),
            ],
            heading=_("Header block"),
        ),
        *ArticlePage.content_panels[1:],
    ]

    api_fields = [
        *ArticlePage.api_fields,
        *writable(
            "index_number",
            "document_number",
            "issuing_body",
            "genre",
            "category",
            "written_on",
            "effective_on",
            "expires_on",
            "validity",
        ),
    ]

    class Meta:
        verbose_name = _("official document")
        verbose_name_plural = _("official documents")

    def publication_problems(self) -> list[Problem]:
        """Who issued it and when; it doesn't lapse before it is in force."""
        problems = [*super().publication_problems(), *missing(self, "issuing_body", "written_on")]
        if self.effective_on and self.expires_on and self.expires_on < self.effective_on:
            problems.append(_("The document lapses before it is in force."))
        return problems

    @property
    def standing(self) -> str:
        """The validity today: what was in force has expired once its time is over."""
        return standing_of(self.validity, self.expires_on)

    @property
    def standing_label(self) -> str:
        """The same in words."""
        return str(Validity(self.standing).label)

    @property
    def lapsed(self) -> bool:
        """Is it no longer in force?"""
        return self.standing in LAPSED

    @property
    def to_come(self) -> bool:
        """Is it going to be in force?"""
        return not self.lapsed and self.effective_on is not None and self.effective_on > _today()

    @property
    def subject_words(self) -> list[str]:
        """主题词: the keywords one by one."""
        return keywords(self.keywords)

    @property
    def masthead(self) -> str:
        """发文机关标志: the red line at the head (GB/T 9704-2012, 7.2.4, 10.1-10.3)."""
        suffix = MASTHEADS.get(self.genre, "文件" if self.document_number else "")
        return self.issuing_body + ("" if self.issuing_body.endswith(suffix) else suffix)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """An article's surroundings, and the pages that belong to the document."""
        context = super().get_context(request, *args, **kwargs)
        related = related_to(self)
        known = {page.pk for page in (*related.documents, *related.articles)}
        alike = [page for page in context["alike"]() if page.pk not in known]
        latest = [] if alike or related.documents else context["latest"]()
        return {**context, "related": related, "alike": alike, "latest": latest}

    def library_fields(self) -> LibraryFields:
        """The header block is the metadata."""
        general = super().library_fields()
        dates = {
            name: day.isoformat() if (day := getattr(self, name)) else ""
            for name in ("written_on", "effective_on", "expires_on")
        }
        names = "index_number", "document_number", "issuing_body", "genre", "category", "validity"
        return LibraryFields(
            summary=general.summary,
            source=general.source,
            published_at=general.published_at,
            metadata={**{name: getattr(self, name) for name in names}, **dates},
        )


def standing_of(validity: str, expires_on: date | None) -> str:
    """The validity of a document today, from what its header says."""
    over = expires_on is not None and expires_on < _today()
    return Validity.EXPIRED if over and validity not in LAPSED else validity


def _today() -> date:
    return timezone.localdate()
