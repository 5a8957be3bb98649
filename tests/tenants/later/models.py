"""A note beside each page, with the name of the site's schema and a place for a sign."""

from django.db import models


class Note(models.Model):
    """What the release of tomorrow keeps of a page."""

    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    text = models.CharField(max_length=300)

    class Meta:
        app_label = "later"

    def __str__(self) -> str:
        return self.text


class Sign(models.Model):
    """Its table is already there on a site where the upgrade is to fail."""

    name = models.CharField(max_length=20)

    class Meta:
        app_label = "later"

    def __str__(self) -> str:
        return self.name
