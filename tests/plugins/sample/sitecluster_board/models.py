from typing import Any

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.api import APIField
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.models import DraftStateMixin, RevisionMixin
from wagtail.search import index
from wagtail.snippets.models import register_snippet

from sitecluster.cms.site_page import SitePage


class NoticePage(SitePage):
    library_kind = "notice"
    text = models.TextField(blank=True)
    content_panels = [*SitePage.content_panels, FieldPanel("text")]
    api_fields = [APIField("text", writable=True)]


@register_snippet
class Topic(DraftStateMixin, RevisionMixin, index.Indexed, models.Model):
    name = models.CharField(max_length=80)
    panels = [FieldPanel("name")]
    search_fields = [index.SearchField("name"), index.AutocompleteField("name")]
    api_fields = [APIField("name", writable=True)]

    def __str__(self) -> str:
        return self.name


class Pin(models.Model):
    topic = models.ForeignKey(Topic, models.PROTECT)
    note = models.CharField(max_length=80, blank=True)


@register_setting
class BoardSettings(BaseSiteSetting):
    colour: Any = models.CharField(max_length=20, default="red")
    panels = [FieldPanel("colour")]
