"""The end of a site's uploads."""

import re
import shutil
from pathlib import Path

from django.conf import settings

OF_A_SITE = re.compile(r"s_[a-z][a-z0-9_]*")


def discard(schema_name: str) -> None:
    """Delete the folder of a removed site; nothing happens where it is gone already.

    Raises ValueError for what can't be a site's schema, and OSError.
    """
    if not OF_A_SITE.fullmatch(schema_name):
        raise ValueError(schema_name)
    folder = Path(settings.MEDIA_ROOT) / "sites" / schema_name
    if folder.is_dir():
        shutil.rmtree(folder)
