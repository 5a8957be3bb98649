"""Many new sites at once: an uploaded roster, its preview and its batch."""

from django.urls import URLPattern


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return []
