"""Registers template tags and commands."""

from django.apps import AppConfig


class ThemingConfig(AppConfig):
    """Has no models: themes are folders."""

    name = "sitecluster.theming"
    label = "theming"
