"""Acts on one site that ask for a reason: its state, its gates, its addresses."""

from django.urls import URLPattern


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return []
