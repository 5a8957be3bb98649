"""Columns: the lists of which a site consists."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from sitecluster.library.models import ColumnType

from . import listings, page_tags
from .column_list import column_list
from .placement import Problem
from .register_fields import LibraryFields
from .site_page import SitePage, missing, writable
from .standing import standing_in
from .trail import trail


class UpdateFrequency(models.TextChoices):
    """How often a column promises something new (guideline 2017-47)."""

    ON_CHANGE = "on_change", _("Whenever something changes")
    DAILY = "daily", _("Daily")
    WEEKLY = "weekly", _("Weekly")
    FORTNIGHTLY = "fortnightly", _("Every two weeks")
    MONTHLY = "monthly", _("Monthly")
    QUARTERLY = "quarterly", _("Quarterly")
    HALF_YEARLY = "half_yearly", _("Every half year")
    YEARLY = "yearly", _("Yearly")


class ColumnPage(SitePage):
    """栏目: a list page with an owner unit, a type and an agreed update frequency.

    Column types are rows of the shared schema, hence no constraint in the database.
    """

    library_kind = "column"
    holds_columns = True
    fallback_slug = "lm"
    show_in_menus_default = True
    parent_page_types = ["cms.HomePage", "cms.ColumnPage"]
    page_description = _("A list of articles that a unit keeps up to date.")

    owner_unit = models.CharField(_("owner unit"), max_length=100)
    column_type = models.ForeignKey(
        ColumnType,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("column type"),
    )
    update_frequency = models.CharField(
        _("update frequency"),
        max_length=20,
        choices=UpdateFrequency.choices,
        default=UpdateFrequency.ON_CHANGE,
    )
    must_have = models.BooleanField(
        _("must-have column"),
        default=False,
        help_text=_("Columns that every site of this kind has to keep (A-210)."),
    )
    description = models.TextField(_("description"))
    keywords = models.CharField(_("keywords"), max_length=255)

    content_panels = [
        *SitePage.content_panels,
        FieldPanel("description"),
        FieldPanel("keywords"),
        MultiFieldPanel(
            [
                FieldPanel("owner_unit"),
                FieldRowPanel([FieldPanel("column_type"), FieldPanel("update_frequency")]),
                FieldPanel("must_have"),
            ],
            heading=_("Responsibility"),
        ),
    ]

    api_fields = writable(
        "description",
        "keywords",
        "owner_unit",
        "column_type",
        "update_frequency",
        "must_have",
        "show_in_menus",
    )

    class Meta:
        verbose_name = _("column")
        verbose_name_plural = _("columns")

    def publication_problems(self) -> list[Problem]:
        """A column without an owner unit can't be opened (H.3); nor can its page tags be empty."""
        problems = [*super().publication_problems(), *missing(self, *REQUIRED)]
        if page_tags.column_type(self) is None:
            problems += missing(self, "column_type")
        return problems

    def library_fields(self) -> LibraryFields:
        """The description is the summary."""
        return LibraryFields(summary=self.description)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What the list shows; raises Http404 for a page of it that doesn't exist."""
        below, beside = listings.around(self)
        url = self.get_url(request)
        found = column_list(listings.entries_of(self, bool(below)), request)
        dated = -1 if found.query else found.entries.paginator.count
        return {
            **super().get_context(request, *args, **kwargs),
            "articles": found.entries,
            "filters": found.filters,
            "query": found.query,
            "newest": found.newest,
            "standing": standing_in(self, dated, bool(below) and self._gathers(dated)),
            "breadcrumb": trail(self, request),
            "subcolumns": [self._step(column, request) for column in below],
            "siblings": [self._step(column, request) for column in beside],
            "feed_url": url and f"{url}feed.xml",
        }

    def _gathers(self, dated: int) -> bool:
        """Does it show the leaders and organs below it? Blank columns do, and those about them."""
        return not dated or (self.column_type is not None and self.column_type.code in OFFICES)

    def _step(self, column: "ColumnPage", request: HttpRequest) -> dict[str, Any]:
        url = column.get_url(request)
        return {"title": column.title, "url": url, "active": column.pk == self.pk}


OFFICES = ("organs", "leaders")  # codes of column types
REQUIRED = ("owner_unit", "description", "keywords")
