"""A theme's theme.toml, read and judged."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from .problems import Problem
from .tokens import TABLES, ColourSet, Tokens, parsed

FILE = "theme.toml"
BASE = "base"
NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
LONGEST_NAME = 40  # what the site's row holds
LANGUAGES = {"zh": "zh-hans", "en": "en"}
PLAIN = {
    "version": str,
    "extends": str,
    "kinds": list,
    "title": dict,
    "home": list,
    "sets": dict,
}
# Sections of a front page that need no content of their own, which a theme may put on one that
# nobody has composed; see cms/front/sections.py.
AUTOMATIC = (
    "search", "tasks", "banner", "news", "entries", "list", "links", "office", "band", "topics",
    "sites", "friends",
)  # fmt: skip
COLOURS = {**TABLES["colours"], **TABLES["neutrals"]}


@dataclass(frozen=True)
class Theme:
    """An installed theme.

    ``lineage`` names the theme and those it builds on, ending with the base theme; ``tokens`` are
    its own over theirs; ``kinds`` the kinds of sites that wear it unless told otherwise; ``home``
    the sections of a front page that nobody has composed; ``sets`` the colours an editor may
    choose instead of the theme's.
    """

    name: str
    folder: Path
    titles: Mapping[str, str]
    version: str
    extends: str
    kinds: tuple[str, ...]
    given: Mapping[str, Any]
    lineage: tuple[str, ...] = (BASE,)
    tokens: Tokens = Tokens()
    home: tuple[str, ...] = ()
    sets: Mapping[str, ColourSet] = field(default_factory=dict)

    def title(self, language: str) -> str:
        """The theme's name in a language (``zh-hans``, ``en``)."""
        return self.titles.get(language) or next(iter(self.titles.values()), self.name)


class Reader:
    """Reads one theme.toml and collects what is wrong with it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / FILE
        self.problems: list[Problem] = []
        self.text = ""

    def read(self) -> Theme | None:
        """The theme, or None where it can't be used; see `problems` in both cases."""
        name = self.folder.name
        if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            self._report(
                _("The folder %(name)s can't be a theme's name.") % {"name": name},
                _("Use lower-case letters, digits and single hyphens, %(limit)d at most.")
                % {"limit": LONGEST_NAME},
            )
        data = self._data()
        if data is None:
            return None
        self._unknown(data, {*PLAIN, *TABLES}, "")
        for key, kind in PLAIN.items():
            if key in data and not isinstance(data[key], kind):
                self._report(
                    _("%(key)s has the wrong form.") % {"key": key},
                    _("See docs/themes.md."),
                    self._line(key),
                )
        given = dict(self._tokens(data))
        home, sets = self._home(data.get("home", [])), self._sets(data.get("sets", {}))
        if self.problems:
            return None
        return Theme(
            name=name,
            folder=self.folder,
            titles=self._titles(data.get("title", {})),
            version=data.get("version", ""),
            extends=data.get("extends", "" if name == BASE else BASE),
            kinds=tuple(str(kind) for kind in data.get("kinds", ())),
            given=given,
            home=home,
            sets=sets,
        )

    def _data(self) -> dict[str, Any] | None:
        try:
            self.text = self.file.read_text("utf8")
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"line (\d+)", str(error))
            self._report(
                _("It isn't TOML: %(reason)s.") % {"reason": str(error)},
                _("Correct this line."),
                int(line[1]) if line else 0,
            )
        except (OSError, UnicodeDecodeError) as error:
            self._report(
                _("It can't be read: %(reason)s.") % {"reason": str(error)},
                _("Save it as UTF-8, readable by the platform's account."),
            )
        return None

    def _tokens(self, data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for table, known in TABLES.items():
            values = data.get(table, {})
            if not isinstance(values, dict):
                self._report(
                    _("%(key)s must be a table: [%(key)s].") % {"key": table},
                    line=self._line(table),
                )
                continue
            self._unknown(values, set(known), table)
            yield from self._parsed(table, known, values)

    def _parsed(
        self, table: str, known: Mapping[str, Any], values: Mapping[str, Any]
    ) -> Iterator[tuple[str, Any]]:
        """The tokens of a table as `Tokens` holds them; those that can't be so are reported."""
        for name in known.keys() & values.keys():
            try:
                yield name, parsed(known[name], values[name])
            except ValueError as error:
                self._report(
                    _("The token %(name)s can't be %(value)s.")
                    % {"name": name, "value": values[name]},
                    str(error),
                    self._line(name, table),
                )

    def _home(self, names: Any) -> tuple[str, ...]:
        """The sections of a front page that nobody has composed."""
        if not isinstance(names, list):
            return ()
        for name in names:
            if name not in AUTOMATIC:
                self._report(
                    _("There is no section %(name)s for a front page.") % {"name": name},
                    _("There are: %(known)s.") % {"known": ", ".join(AUTOMATIC)},
                    self._line("home"),
                )
        return tuple(str(name) for name in names)

    def _sets(self, tables: Any) -> dict[str, ColourSet]:
        """The sets of colours, one a table ``[sets.<name>]``."""
        found: dict[str, ColourSet] = {}
        for name, values in tables.items() if isinstance(tables, dict) else ():
            table, line = f"sets.{name}", self._line(f"sets.{name}")
            if not NAME.fullmatch(name) or len(name) > LONGEST_NAME or not isinstance(values, dict):
                self._report(
                    _("%(key)s has the wrong form.") % {"key": table},
                    _("See docs/themes.md."),
                    line,
                )
                continue
            self._unknown(values, {*LANGUAGES, *COLOURS}, table)
            titles = {code: str(values[key]) for key, code in LANGUAGES.items() if values.get(key)}
            if len(titles) < len(LANGUAGES):
                self._report(
                    _("The colours %(name)s lack a title.") % {"name": name},
                    _('Add zh = "…" and en = "…" to their table.'),
                    line,
                )
            colours = {key: values[key] for key in COLOURS if key in values}
            found[name] = ColourSet(titles, dict(self._parsed(table, COLOURS, colours)))
        return found

    def _unknown(self, values: Mapping[str, Any], known: set[str], table: str) -> None:
        for key in values.keys() - known:
            self._report(
                _("%(key)s is unknown here.") % {"key": key},
                _("There are: %(known)s.") % {"known": ", ".join(sorted(known))},
                self._line(key, table),
            )

    def _titles(self, title: Mapping[str, Any]) -> dict[str, str]:
        return {code: str(title[key]) for key, code in LANGUAGES.items() if key in title}

    def _line(self, key: str, table: str = "") -> int:
        """Where a key, or a table of this name, stands; 0 if it can't be found."""
        found, here = 0, ""
        for number, line in enumerate(self.text.splitlines(), 1):
            header = re.match(r"\s*\[([\w.-]+)\]", line)
            if header:
                here = header[1]
            named = re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line)
            if (named and here == table) or (header and not table and here == key):
                found = found or number
        return found

    def _report(self, text: str, hint: str = "", line: int = 0) -> None:
        self.problems.append(Problem(self.file, line, text, hint))
