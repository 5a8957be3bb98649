"""What needs an upgrade, and what waits in the queue."""

from django.urls import URLPattern


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return []
