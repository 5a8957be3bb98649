"""Opening a site step by step, asking for one, and deciding about it."""

from django.urls import URLPattern


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return []
