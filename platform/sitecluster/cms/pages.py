"""The pages that give a site its shape: home, columns, topics, links."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.fields import StreamField
from wagtail.models import Page

from sitecluster.library.models import ColumnType

from .blocks import ArticleBody
from .page_form import PublicationForm
from .register_fields import Registered


class SitePage(Registered, Page):
    """What every page of every site has in common."""

    base_form_class = PublicationForm

    class Meta:
        abstract = True


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


class HomePage(SitePage):
    """The front page of one language edition."""

    library_kind = "home"

    intro = models.TextField(_("introduction"), blank=True)

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")


class ColumnPage(SitePage):
    """栏目: a list page with an owner unit, a type and an agreed update frequency."""

    library_kind = "column"

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

    show_in_menus_default = True

    class Meta:
        verbose_name = _("column")
        verbose_name_plural = _("columns")


class TopicPage(SitePage):
    """专题: pages on one subject, gathered for a time."""

    library_kind = "topic"

    summary = models.TextField(_("summary"), blank=True)
    lead_image = models.ForeignKey(
        "wagtailimages.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lead image"),
    )
    opens_on = models.DateField(_("opens on"), null=True, blank=True)
    closes_on = models.DateField(_("closes on"), null=True, blank=True)
    body = StreamField(ArticleBody(), verbose_name=_("text"), blank=True)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")


class LinkPage(SitePage):
    """An entry of a list that leads to another site."""

    library_kind = "link"

    url = models.URLField(_("address"), max_length=1000)

    class Meta:
        verbose_name = _("external link")
        verbose_name_plural = _("external links")
