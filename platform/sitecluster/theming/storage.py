"""Static files with a hash in their names, whatever a style sheet mentions."""

import logging
from typing import Any

from django.core.exceptions import SuspiciousFileOperation
from whitenoise.storage import CompressedManifestStaticFilesStorage

logger = logging.getLogger(__name__)


class StaticFiles(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage; an address in a file that leads nowhere is left as it is.

    The stock class stops collecting there: one theme could keep the whole platform from starting.
    """

    def hashed_name(self, name: str, *args: Any, **kwargs: Any) -> str:
        """The file's name with a hash of its content."""
        try:
            hashed: str = super().hashed_name(name, *args, **kwargs)
        except (ValueError, SuspiciousFileOperation) as error:
            logger.warning("%s", error)
            return name
        return hashed
