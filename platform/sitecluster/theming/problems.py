"""What is wrong with a theme: where, what, and what to do."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Problem:
    """One fault of a theme; ``line`` counts from 1, and 0 means the whole file.

    A fault that isn't ``serious`` is no reason to refuse the theme.
    """

    file: Path
    line: int
    text: str
    hint: str = ""
    serious: bool = True

    @property
    def place(self) -> str:
        """File and line, as a person would look for them."""
        home = Path(settings.THEMES_DIRS[0]).parent
        file = self.file.relative_to(home) if self.file.is_relative_to(home) else self.file
        if not self.line:
            return str(file)
        return _("%(file)s, line %(line)d") % {"file": file, "line": self.line}

    def __str__(self) -> str:
        return f"{self.place}: {self.text} {self.hint}".rstrip()


def line_of(text: str, position: int) -> int:
    """The line, from 1, in which the character at ``position`` stands."""
    return text.count("\n", 0, position) + 1
