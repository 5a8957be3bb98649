"""机构职能 and 负责人: what an organ does and who leads it."""

from dataclasses import replace
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField

from .blocks import ArticleBody
from .careers import Station, stations
from .lead_image import IllustratedPage
from .placement import Problem
from .register_fields import LibraryFields
from .site_page import SitePage, missing, writable
from .standing import beside
from .trail import above

OFFICE = ("head", "address", "postcode", "office_hours", "phone", "fax", "email")


class UnitBlock(blocks.StructBlock):
    """内设机构: a unit within the organ."""

    name = blocks.CharBlock(label=_("Name"), max_length=100)
    head = blocks.CharBlock(label=_("Head"), required=False, max_length=50)
    phone = blocks.CharBlock(label=_("Telephone"), required=False, max_length=50)
    duties = blocks.TextBlock(label=_("Duties"), required=False)

    class Meta:
        icon = "group"
        label = _("Unit")


class OrganPage(SitePage):
    """机构职能: the duties of an organ, where it is found and the units it consists of."""

    library_kind = "organ"
    fallback_slug = "jg"
    parent_page_types = ["cms.ColumnPage"]
    subpage_types: list[str] = []
    page_description = _("What an organ does, where it is found, its units.")

    source = models.CharField(_("source"), max_length=255)
    body = StreamField(ArticleBody(), verbose_name=_("duties"), blank=True)
    head = models.CharField(_("person in charge"), max_length=50, blank=True)
    address = models.CharField(_("office address"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    office_hours = models.CharField(_("office hours"), max_length=200, blank=True)
    phone = models.CharField(_("telephone"), max_length=50, blank=True)
    fax = models.CharField(_("fax"), max_length=50, blank=True)
    email = models.EmailField(_("email address"), blank=True)
    units = StreamField([("unit", UnitBlock())], verbose_name=_("units"), blank=True)

    content_panels = [
        *SitePage.content_panels,
        FieldPanel("body"),
        MultiFieldPanel(
            [
                FieldPanel("head"),
                FieldRowPanel([FieldPanel("address"), FieldPanel("postcode")]),
                FieldPanel("office_hours"),
                FieldRowPanel([FieldPanel("phone"), FieldPanel("fax")]),
                FieldPanel("email"),
            ],
            heading=_("The office"),
        ),
        FieldPanel("units"),
        FieldPanel("source"),
    ]

    api_fields = writable("source", "body", *OFFICE, "units")

    class Meta:
        verbose_name = _("organ")
        verbose_name_plural = _("organs")

    def publication_problems(self) -> list[Problem]:
        """An organ's page says what the organ does; its source is a page tag of the norm."""
        return [*super().publication_problems(), *missing(self, "source", "body")]

    def library_fields(self) -> LibraryFields:
        """Where the organ is found; its duties are its text."""
        contacts = {name: getattr(self, name) for name in OFFICE}
        units = [unit.value["name"] for unit in self.units]
        general = super().library_fields()
        return replace(general, metadata={**contacts, "units": units})

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The columns above it."""
        return {**super().get_context(request, *args, **kwargs), **above(self, request)}


class LeaderPage(IllustratedPage):
    """负责人: a leader's post, duties and career, with the name as title and a portrait."""

    library_kind = "leader"
    fallback_slug = "ld"
    picture_shapes = ("portrait",)
    parent_page_types = ["cms.ColumnPage"]
    subpage_types: list[str] = []
    page_description = _("A leader's post, duties and career.")

    source = models.CharField(_("source"), max_length=255)
    post = models.CharField(_("post"), max_length=200)
    duties = models.TextField(_("responsible for"), blank=True)
    career = models.TextField(_("career"), blank=True)
    phone = models.CharField(_("office telephone"), max_length=50, blank=True)

    content_panels = [
        *SitePage.content_panels,
        FieldPanel("post"),
        FieldPanel("lead_image", heading=_("portrait")),
        FieldPanel("duties"),
        FieldPanel("career"),
        FieldPanel("phone"),
        FieldPanel("source"),
    ]

    api_fields = writable("source", "post", "duties", "career", "phone", "lead_image")

    class Meta:
        verbose_name = _("leader")
        verbose_name_plural = _("leaders")

    def publication_problems(self) -> list[Problem]:
        """A leader has a post; the source is a page tag of the norm."""
        return [*super().publication_problems(), *missing(self, "source", "post")]

    @property
    def duty_lines(self) -> list[str]:
        """What the leader is responsible for, a line each."""
        return [line.strip() for line in self.duties.splitlines() if line.strip()]

    @property
    def stations(self) -> list[Station]:
        """The career, a line each."""
        return stations(self.career)

    @property
    def is_dated(self) -> bool:
        """Does the career say when, as a list of stations does?"""
        return any(station.when for station in self.stations)

    def library_fields(self) -> LibraryFields:
        """The post says in a line who it is."""
        general = super().library_fields()
        return replace(general, summary=self.post, metadata={"post": self.post})

    def library_text(self) -> str:
        """Duties and career, which are plain text."""
        return "\n".join(filter(None, (self.duties.strip(), self.career.strip())))

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The columns above it, and the leaders beside it."""
        colleagues = [
            {"title": each.title, "post": each.post, "url": each.get_url(request), "page": each}
            for each in beside(self)
        ]
        context = super().get_context(request, *args, **kwargs)
        return {**context, **above(self, request), "colleagues": colleagues}
