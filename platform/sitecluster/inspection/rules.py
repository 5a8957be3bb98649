"""What a rule is, and what was found of it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .visiting import Visit


class Evidence(StrEnum):
    """How well a rule is known (guideline 2017-47 as this project's standards have it)."""

    VERIFIED = "V"
    MODEL = "M"  # not verified: common practice, and no reason to fail a site


@dataclass(frozen=True)
class Finding:
    """One page judged by one rule; ``problem`` is empty where it passes."""

    url: str
    problem: Any = ""


@dataclass(frozen=True)
class Rule:
    """A rule of B.6 to B.8: its part, its name, its evidence and how it is judged."""

    part: str
    name: Any
    evidence: Evidence
    judge: Callable[[Visit], Iterable[Finding]]


@dataclass(frozen=True)
class Verdict:
    """A rule with what was found; a rule that no page gives cause to judge has no findings."""

    rule: Rule
    findings: tuple[Finding, ...]

    @property
    def failures(self) -> list[Finding]:
        """The pages that break the rule."""
        return [each for each in self.findings if each.problem]

    @property
    def passed(self) -> bool:
        """Does every page keep it?"""
        return not self.failures


def judged(visit: Visit, rules: Iterable[Rule]) -> Iterator[Verdict]:
    """Each rule with its findings, in order."""
    for rule in rules:
        yield Verdict(rule, tuple(rule.judge(visit)))
