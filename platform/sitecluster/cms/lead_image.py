"""The picture that stands for a page in lists and above its text."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .site_page import SitePage


class IllustratedPage(SitePage):
    """A page with a lead image; a picture that is deleted leaves the page without one."""

    lead_image = models.ForeignKey(
        "wagtailimages.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lead image"),
    )

    class Meta:
        abstract = True
