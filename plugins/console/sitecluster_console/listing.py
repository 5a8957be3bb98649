"""The tree of sites: the console's home."""

from django.urls import URLPattern


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return []
