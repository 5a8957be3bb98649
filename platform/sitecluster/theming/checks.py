"""The themes among Django's system checks (tag ``themes``)."""

from typing import Any

from django.core.checks import CheckMessage, Error, Warning as Remark

from .inspection import all_problems
from .problems import Problem


def check_themes(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Every fault of every installed theme: an error, or a warning where pages come out well."""
    return [_message(problem) for found in all_problems().values() for problem in found]


def _message(problem: Problem) -> CheckMessage:
    kind, code = (Error, "themes.E001") if problem.serious else (Remark, "themes.W001")
    return kind(problem.text, hint=problem.hint or None, obj=problem.place, id=code)
