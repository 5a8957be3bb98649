"""Every address of the console, asked by everybody, with rows of the own and of a foreign branch.

A new address is walked by itself; one with a parameter that nobody has explained fails.
"""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from wagtail.admin.views.bulk_action.registry import bulk_action_registry

from sitecluster.accounts.models import User
from sitecluster.tenancy import all_sites
from sitecluster_console.shared.models import Opening
from tenants.directory import Site
from tests.isolation.asking import Answer, ask, cookies_kept, send
from tests.isolation.checksums import Sums, sums
from tests.isolation.forms import Form, forms_of
from tests.isolation.patterns import Place, places

from .asking import addresses, asked, choosing, console_places, is_batch_table, names_rows
from .branches import NEEDLE, SECRETS, Branch, fill, foreign_sites

HOME = "/admin/"
FIELD = re.compile(r'<(?:input|select)\b[^>]*\bname="([^"]+)"')
GET_FORM = re.compile(r'<form\b(?![^>]*method="post")[^>]*>(.*?)</form>', re.S | re.I)
EXPORTS = ("csv", "xlsx")
# What needs more than the rows that are there, and what.
WITHOUT_ROW = {
    "console:blueprint_publish": "a blueprint's site",
    "console:restoration": "a restoration under way",
    "console:backup_download": "the file of a backup",
}


@pytest.fixture
def own(alpha: Site, gamma: Site, delegate_user: User, boss_user: User, settings: Any) -> Branch:
    """What the delegate runs."""
    return fill(alpha, gamma, word="本区", runner=delegate_user, boss=boss_user)


@pytest.fixture
def foreign(own: Branch, boss_user: User) -> Branch:
    """What nobody of the other branch may see."""
    top, site = foreign_sites()
    return fill(top, site, word="异域", runner=boss_user, boss=boss_user)


@pytest.fixture(autouse=True)
def _answers_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails is an answer of 500, so that one run names all of them."""
    init = Client.__init__

    def quiet(self: Client, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **{**kwargs, "raise_request_exception": False})

    monkeypatch.setattr(Client, "__init__", quiet)


@pytest.fixture(autouse=True)
def _tasks_wait(settings: Any) -> None:
    settings.TASKS_RUN_AT_ONCE = False


def shows(answer: Answer, *said: str) -> list[str]:
    """Which secrets stand in the answer, beyond what was ``said`` to it."""
    text = answer.everything.lower()
    for word in sorted(said, key=len, reverse=True):
        for spelt in (word, quote(word), quote(word, safe="")):
            text = text.replace(spelt.lower(), "")
    return [secret for secret in SECRETS if secret in text]


def is_shut(answer: Answer) -> bool:
    """Led home, to the sign-in, or turned away."""
    target = answer.headers.get("location", "")
    led = answer.status == 302 and (target == HOME or "/login/" in target or "my-sites" in target)
    return led or answer.status in (403, 404, 405)


def wanted(some: Collection[str]) -> list[Place]:
    return [place for place in console_places() if not some or place.name in some]


def about(place: Place, path: str, what: object) -> str:
    return f"{place.name} {path}: {what}"


def foreign_sums(foreign: Branch) -> Sums:
    both = {**{f"top {k}": v for k, v in sums(foreign.top).items()}, **sums(foreign.site)}
    return {name: value for name, value in both.items() if not is_batch_table(name.split()[-1])}


def test_every_address_is_known(own: Branch) -> None:
    found = console_places()
    assert len(found) > 80
    for place in found:
        assert list(addresses(place, own)), place.label


def test_platform_admins_reach_every_address(own: Branch, foreign: Branch, boss: Client) -> None:
    problems = []
    for place in console_places():
        paths = [path for branch in (own, foreign) for path in addresses(place, branch)]
        answers = [ask(boss, path) for path in paths]
        problems += [about(place, a.path, a.status) for a in answers if a.status >= 500]
        if place.name not in WITHOUT_ROW and not any(_reached(answer) for answer in answers):
            problems.append(about(place, answers[0].path, [a.status for a in answers]))
    assert not problems, "\n".join(problems)


def _reached(answer: Answer) -> bool:
    """405: the address is there, for another method."""
    return answer.status in (200, 405) or (answer.status == 302 and not is_shut(answer))


def test_a_delegate_reaches_what_is_in_the_own_branch(own: Branch, delegate: Client) -> None:
    """The positive control: what is refused below is refused for the row."""
    problems = []
    for place in console_places():
        answers = [ask(delegate, path) for path in addresses(place, own)]
        if getattr(place.view_class, "platform_only", False):
            problems += [about(place, a.path, a.status) for a in answers if not is_shut(a)]
        elif place.name not in WITHOUT_ROW and not any(_reached(answer) for answer in answers):
            problems.append(about(place, answers[0].path, [a.status for a in answers]))
    assert not problems, "\n".join(problems)


@pytest.fixture(params=["delegate", "applicant"])
def walker(own: Branch, request: pytest.FixtureRequest) -> Client:
    """The browser of somebody who runs the own branch, or asks for sites there; the own draft is
    that of the person."""
    user: User = request.getfixturevalue(f"{request.param}_user")
    Opening.objects.filter(pk=own.draft.pk).update(asked_by=user)
    browser: Client = request.getfixturevalue(request.param)
    return browser


def test_a_row_of_another_branch_is_not_there(foreign: Branch, walker: Client) -> None:
    before = foreign_sums(foreign)
    problems = rows_found(walker, foreign)
    assert not problems, "\n".join(problems)
    assert foreign_sums(foreign) == before


def rows_found(browser: Client, foreign: Branch, some: Collection[str] = ()) -> list[str]:
    """Where, on these screens or on all, a row of the foreign branch is found by any method."""
    problems = []
    for place in filter(names_rows, wanted(some)):
        for path in addresses(place, foreign):
            for method in ("get", "post", "put", "patch", "delete", "head"):
                answer = ask(browser, path, method)
                if not is_shut(answer) or shows(answer, path):
                    problems.append(about(place, f"{method} {path}", answer.status))
            fetched = ask(browser, path, headers={"x-requested-with": "XMLHttpRequest"})
            if not is_shut(fetched) or shows(fetched, path):
                problems.append(about(place, f"fetch {path}", fetched.status))
    return problems


def test_no_list_filter_or_export_shows_another_branch(
    own: Branch, foreign: Branch, walker: Client
) -> None:
    problems = shown_by_lists(walker, own, foreign)
    assert not problems, "\n".join(problems)


def shown_by_lists(
    browser: Client, own: Branch, foreign: Branch, some: Collection[str] = ()
) -> list[str]:
    """Where, of these screens or of all, one shows a secret, whatever it is asked for."""
    problems = []
    for place in wanted(some):
        for path in addresses(place, own):
            start = choosing(path, foreign)
            first = ask(browser, start)
            for query in ({}, *(_queries(first, foreign) if first.status == 200 else ())):
                answer = ask(browser, asked(start, query)) if query else first
                said = [str(value) for value in query.values()]
                if answer.status >= 500 or shows(answer, *said):
                    problems.append(
                        about(place, path, (answer.status, query, shows(answer, *said)))
                    )
    return problems


def _queries(answer: Answer, foreign: Branch) -> Iterator[dict[str, Any]]:
    """Searches, pages, exports, and each field of a filter with what is the foreign branch's."""
    yield {"q": NEEDLE}
    yield {"p": 2}
    for form in EXPORTS:
        yield {"export": form}
    fields = {name for form in GET_FORM.findall(answer.text) for name in FIELD.findall(form)}
    for name in sorted(fields - {"q", "csrfmiddlewaretoken"}):
        for word in foreign.words:
            yield {name: word}


def test_no_form_shows_or_changes_another_branch(
    own: Branch, foreign: Branch, walker: Client
) -> None:
    """Each form of the own branch, as it is and with what is the foreign branch's in its fields."""
    browser = walker
    before, problems, sent = foreign_sums(foreign), [], 0
    for place in console_places():
        for path in addresses(place, own):
            start = choosing(path, foreign)
            page = ask(browser, start)
            for form in forms_of(page.text, start) if page.status == 200 else ():
                if not form.action.startswith("/admin/cluster/"):
                    continue
                for data in _fillings(form, foreign):
                    sent += 1
                    said = [value for values in data.values() for value in values]
                    answer, after = _post(browser, form.action, data, foreign)
                    if answer.status >= 500 or shows(answer, *said):
                        evidence = (answer.status, shows(answer, *said), data)
                        problems.append(about(place, form.action, evidence))
                    if after != before:
                        changed = [name for name in before if before[name] != after.get(name)]
                        problems.append(about(place, form.action, (changed, data)))
    assert not problems, "\n".join(problems)
    assert sent > 20


def _fillings(form: Form, foreign: Branch) -> Iterator[dict[str, list[str]]]:
    filled = {name: values if any(values) else ["x"] for name, values in form.data.items()}
    empty = [name for name, values in form.data.items() if not any(values)]
    yield filled
    for key in (foreign.site.id, foreign.person.pk):
        if form.keys:
            yield filled | {name: [str(key)] for name in form.keys}
    for word in (foreign.site.code, foreign.person.email, f"www.{foreign.top.code}.example"):
        if empty:
            yield filled | {name: [word] for name in empty}
    for name, values in foreign.facts.items():
        if name in filled:
            yield from (filled | {name: [value]} for value in values)


def _post(browser: Client, path: str, data: Any, foreign: Branch) -> tuple[Answer, Sums]:
    """The answer, what it led to followed, and the sums before all is taken back."""
    mail.outbox = []
    with cookies_kept(browser), transaction.atomic():
        answer = send(browser, path, "post", data=data, follow=True)
        after = foreign_sums(foreign)
        transaction.set_rollback(True)
    return answer, after


@pytest.mark.parametrize("who", ["clerk", "stranger", "nobody"])
def test_nobody_else_enters_any_address(
    own: Branch, who: str, browse: Callable[..., Client], request: pytest.FixtureRequest
) -> None:
    browser: Client = browse() if who == "nobody" else request.getfixturevalue(who)
    problems = []
    for place in console_places():
        for path in addresses(place, own):
            for method in ("get", "post"):
                answer = ask(browser, path, method)
                if not is_shut(answer) or "本区" in answer.text:
                    problems.append(about(place, f"{method} {path}", answer.status))
    assert not problems, "\n".join(problems)


def test_an_applicant_enters_the_screens_of_applicants_alone(
    own: Branch, applicant: Client
) -> None:
    problems = []
    for place in console_places():
        if getattr(place.view_class, "applicants", False):
            continue
        for path in addresses(place, own):
            for method in ("get", "post"):
                answer = ask(applicant, path, method)
                if not is_shut(answer):
                    problems.append(about(place, f"{method} {path}", answer.status))
    assert not problems, "\n".join(problems)


def test_bulk_acts_leave_other_branches_alone(
    own: Branch, foreign: Branch, delegate: Client
) -> None:
    before, problems = foreign_sums(foreign), []
    bulk_action_registry._scan_for_bulk_actions()
    for app, models in bulk_action_registry.actions.items():
        for model, actions in models.items():
            for action in actions:
                path = f"/admin/bulk/{app}/{model}/{action}/"
                for ids in (["all"], [foreign.site.id], [foreign.person.pk]):
                    for method in ("get", "post"):
                        query = urlencode({"id": ids, "next": HOME}, doseq=True)
                        answer = ask(delegate, f"{path}?{query}", method, data=None)
                        if answer.status >= 500 or shows(answer):
                            problems.append(f"{method} {path} {ids} {answer.status}")
    assert not problems, "\n".join(problems)
    assert foreign_sums(foreign) == before


def test_nothing_else_of_the_control_site_shows_another_branch(
    own: Branch, foreign: Branch, delegate: Client
) -> None:
    """All that Wagtail and the platform have on the control site's admin host, the API included."""
    problems, walked = [], 0
    for place in places():
        if place.name.startswith("console:") or not place.plain:
            continue
        for path in _guesses(place, foreign):
            walked += 1
            for query in ("", f"?q={NEEDLE}&search={NEEDLE}"):
                answer = ask(delegate, path + query)
                if answer.status >= 500 or shows(answer, path):
                    problems.append(
                        about(place, path + query, (answer.status, shows(answer, path)))
                    )
    assert not problems, "\n".join(problems)
    assert walked > 100


def _guesses(place: Place, foreign: Branch) -> Iterator[str]:
    """The address without parameters, or with keys of the foreign branch in all of them."""
    names = place.parameters
    if not names:
        yield place.path({})
    elif all(name.endswith(("pk", "id")) and "<uuid:" not in place.route for name in names):
        for key in (foreign.person.pk, 1):
            yield place.path(dict.fromkeys(names, key))


LEAKING = {"console:site", "console:site_theme", "console:person", "console:delegation_end"}
LISTS = {"console:home", "console:people", "console:delegations", "console:requests"}


def test_the_checks_see_a_console_that_forgets_about_branches(
    own: Branch, foreign: Branch, delegate: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is shown above is worth something: with a branch that holds everything they fail."""
    everything = frozenset(site.id for site in all_sites())
    monkeypatch.setattr(User, "branch", lambda user, role="manager": everything)
    found = {problem.split(" ")[0] for problem in rows_found(delegate, foreign, LEAKING)}
    assert found == LEAKING
    shown = {problem.split(" ")[0] for problem in shown_by_lists(delegate, own, foreign, LISTS)}
    assert shown == LISTS
