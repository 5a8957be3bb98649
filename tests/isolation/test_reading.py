"""Whatever is asked, the answer tells nothing of the other site, whether it holds much or nothing."""

import pytest

from .arguments import Uncovered
from .asking import Answer
from .checks import check_indifferent, check_shows_nothing, check_whole
from .cluster import Cluster
from .conftest import Baseline
from .patterns import Place, places_of_sites
from .questions import Walker, is_compared
from .roles import ROLES

MEANT_TO_FAIL = "/admin/bulk/wagtailcore/page/delete/?id=all&childOf="
"""A defect of Wagtail's: a parent that doesn't exist."""
CHANCE = {"second_factor"}
"""Screens that offer something drawn by lot, a key for the authenticator."""


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("place", places_of_sites(), ids=lambda place: place.label)
def test_no_answer_shows_or_depends_on_what_the_other_site_holds(
    cluster: Cluster,
    walkers: dict[str, Walker],
    baseline: Baseline,
    place: Place,
    role: str,
) -> None:
    walker = walkers[role]
    if not is_compared(place, role):
        for answer in walker.answers(place):
            check_shows_nothing(answer, cluster.theirs)
            _check_whole(answer)
        return
    walk = baseline[place, role]
    if isinstance(walk, Uncovered):
        raise walk
    for path, before in walk.answers.items():
        answer = walker.ask(path)
        check_shows_nothing(answer, cluster.theirs)
        _check_whole(answer)
        if place.name not in CHANCE:
            check_indifferent(before, answer)


def _check_whole(answer: Answer) -> None:
    if not answer.path.startswith(MEANT_TO_FAIL):
        check_whole(answer)
