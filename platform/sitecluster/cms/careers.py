"""A leader's career as a list of stations, from the lines in which editors write it."""

import re
from dataclasses import dataclass

DAY = r"\d{4}\s?(?:[.年/-]\s?\d{1,2}月?|年)?"
STATION = re.compile(
    rf"(?P<when>{DAY}(?:\s?(?:[-–—－~～至]+)\s?(?:{DAY}|今)?|起)?)[\s\u3000，,：:]+(?P<what>\S.*)"
)


@dataclass(frozen=True)
class Station:
    """A line of a career; ``when`` is as the editor wrote it, or ""."""

    when: str
    what: str


def stations(text: str) -> list[Station]:
    """The lines of ``text`` that say something, each with the time at its beginning."""
    lines = (line.strip() for line in text.splitlines())
    return [_station(line) for line in lines if line]


def _station(line: str) -> Station:
    found = STATION.fullmatch(line)
    return Station(found["when"].strip(), found["what"].strip()) if found else Station("", line)
