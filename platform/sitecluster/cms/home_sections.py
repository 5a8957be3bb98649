"""The sections of which a front page is composed.

Each is drawn by ``components/home_<name>.html`` of the site's theme.
"""

from typing import Any, ClassVar

from wagtail import blocks


class HomeSections(blocks.StreamBlock):
    """The sections of a front page, in their order."""

    class Meta:
        block_counts: ClassVar[dict[str, Any]] = {}
