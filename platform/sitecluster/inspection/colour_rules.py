"""B.6: one main colour, three in all. Judged from the style sheets, hence an estimate."""

import colorsys
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urljoin

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from .rules import Evidence, Finding, Rule
from .visiting import Visit

MOST = 3
GREY = 0.3  # saturation below which a colour counts as a grey
SHADES = 12  # parts of the colour circle that are told apart
RARE = 0.02  # of all mentions: less is no colour of the site's
COLOUR = re.compile(r"#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
ALTERNATIVE = re.compile(r"[^{}]*\[data-[^{}]*\{[^{}]*\}")  # rules that a reader or editor chooses


def _few(visit: Visit) -> Iterator[Finding]:
    home = visit.home.answer
    sheets = [str(each["href"]) for each in home.soup.select("link[rel=stylesheet][href]")]
    texts = [
        visit.citizen.fetch(urljoin(home.url, sheet)).body.decode(errors="replace")
        for sheet in sheets
    ]
    count = len(shades("\n".join(texts)))
    text = format_lazy(_("about {count} colours"), count=count)
    yield Finding(home.url, text if count > MOST else "")


def shades(css: str) -> set[int]:
    """The parts of the colour circle, counted from 0, that a style sheet draws on."""
    parts = map(_part, COLOUR.findall(ALTERNATIVE.sub("", css)))
    mentions = Counter(part for part in parts if part is not None)
    return {part for part, times in mentions.items() if times >= RARE * mentions.total()}


def _part(digits: str) -> int | None:
    """The part of the circle where a colour lies; None for a grey, a near white, a near black."""
    whole = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    red, green, blue = (int(whole[at : at + 2], 16) / 255 for at in (0, 2, 4))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    if saturation < GREY or not 0.12 < lightness < 0.88:
        return None
    return int(hue * SHADES + 0.5) % SHADES


COLOUR_RULES = [Rule("B.6", _("Three colours at most"), Evidence.VERIFIED, _few)]
