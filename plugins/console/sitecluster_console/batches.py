"""Acts on many sites: a list of items that the worker goes through one by one."""

from django.urls import URLPattern


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return []
