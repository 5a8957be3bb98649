"""Pages and collections can't be private: public hosts know no session to tell readers apart.

The database refuses such rows as well (migration 0002); this says why.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def refuse(**kwargs: Any) -> None:
    """Raise ValidationError for any restriction of who may view a page or a collection."""
    raise ValidationError(_("Everything that is published here is public; nothing can be private."))
