"""What is wrong with the installed themes, before a citizen sees it."""

from collections.abc import Callable, Iterator

from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext as _

from .catalogue import catalogue, default_theme
from .files_inspected import colour_problems, picture_problems, static_problems
from .manifest import FILE, LANGUAGES, Theme
from .problems import Problem
from .templates_inspected import TemplatesInspector


def problems_of(name: str) -> list[Problem]:
    """Every fault of the theme in the folder of this name, those of theme.toml first."""
    known = catalogue()
    found = list(known.problems.get(name, ()))
    theme = known.themes.get(name)
    if theme is not None:
        for part in (_manifest_problems, colour_problems, picture_problems, static_problems):
            found += part(theme)
        found += TemplatesInspector(theme).problems()
    return found


def all_problems() -> dict[str, list[Problem]]:
    """Every fault of every folder of a theme, by the folder's name."""
    return {name: problems_of(name) for name in catalogue().problems}


def refusals(name: str) -> list[str]:
    """Why no site may wear the theme of this name, a sentence each; empty for a sound one."""
    known = catalogue()
    if name not in known.problems:
        text = _("The theme %(theme)s is not installed; there are: %(themes)s.")
        return [text % {"theme": name, "themes": ", ".join(known.themes)}]
    found = [str(problem) for problem in problems_of(name) if problem.serious]
    return [_("The theme %(theme)s is broken.") % {"theme": name}, *found] if found else []


def name_broken(write: Callable[[str], object]) -> None:
    """Tell whoever starts or upgrades the platform which themes are broken."""
    for name, found in all_problems().items():
        serious = [problem for problem in found if problem.serious]
        if serious:
            text = _("The theme %(theme)s is broken; where it is, sites look like the base theme.")
            write(text % {"theme": name})
        for problem in serious:
            write(f"  {problem}")


def _manifest_problems(theme: Theme) -> Iterator[Problem]:
    """What theme.toml leaves out or says of kinds of sites; none of it stops the theme."""
    file = theme.folder / FILE
    for key, code in LANGUAGES.items():
        if not theme.titles.get(code):
            yield Problem(
                file,
                0,
                _("The theme has no title in the language %(language)s.") % {"language": key},
                _('Add %(key)s = "…" below [title].') % {"key": key},
                serious=False,
            )
    kinds = dict(apps.get_model(settings.TENANT_MODEL)._meta.get_field("kind").flatchoices)
    for kind in theme.kinds:
        first = catalogue().themes[default_theme(kind)]
        if kind not in kinds:
            text = _("There is no kind of sites %(kind)s; there are: %(kinds)s.")
            yield Problem(file, 0, text % {"kind": kind, "kinds": ", ".join(kinds)}, serious=False)
        elif first is not theme and first.folder.parent == theme.folder.parent:
            text = _("New sites of the kind %(kind)s wear the theme %(theme)s already.")
            yield Problem(file, 0, text % {"kind": kind, "theme": first.name}, serious=False)
