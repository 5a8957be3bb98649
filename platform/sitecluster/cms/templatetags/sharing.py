"""What a page offers for passing it on."""

from functools import lru_cache

import segno
from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

REMEMBERED = 512  # drawings, each about three kilobytes
LONGEST = 1000  # characters; a phone's camera reads no denser code


@register.simple_tag
@lru_cache(maxsize=REMEMBERED)
def qr_code(address: str) -> SafeString:
    """The address as a QR code: an SVG of the size that its place gives it.

    Nothing for an address of more than `LONGEST` characters.
    """
    if not address or len(address) > LONGEST:
        return SafeString()
    drawing = segno.make(address, error="m", micro=False).svg_inline(
        border=3, light="white", omitsize=True, svgclass=None, lineclass=None
    )
    return mark_safe(drawing)
