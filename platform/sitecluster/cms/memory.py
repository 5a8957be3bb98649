"""What Wagtail caches of a site is forgotten in every process when it changes in one.

Wagtail keeps the root paths of a site's editions for an hour and the names of its languages for
five minutes, and clears them in the process that changes them alone: the pages of a new edition
would have no address in the others.
"""

from typing import Any

from django.db.models.signals import post_delete, post_save
from wagtail.models import Locale, Site

from sitecluster.tenancy import touch


def install() -> None:
    """Follow Wagtail's own clearing of its caches."""
    clear = Site.clear_site_root_paths_cache

    def clear_everywhere() -> None:
        clear()
        touch()

    Site.clear_site_root_paths_cache = staticmethod(clear_everywhere)
    for signal in (post_save, post_delete):
        signal.connect(_languages_changed, sender=Locale, dispatch_uid="memory")


def _languages_changed(**kwargs: Any) -> None:
    touch()
