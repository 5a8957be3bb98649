"""Acts on chosen sites."""

from django.urls import URLPattern


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return []
