"""What is wrong with an answer, or with what it left behind.

Each function raises AssertionError; the known-bad variants prove that they do.
"""

from collections.abc import Iterable

from .asking import Answer, Packed
from .checksums import Sums
from .marks import Mark

SHOWN = 300  # characters of evidence


def check_shows_nothing(answer: Answer, mark: Mark) -> None:
    """Nothing that is marked stands in the body, the headers or the mails."""
    text = answer.everything.lower()
    at = text.find(mark.secret)
    assert at < 0, (
        f"{answer.path} shows what is {mark.code}'s: …{text[max(at - SHOWN, 0) : at + 60]}…"
    )


def check_indifferent(before: Packed, after: Answer) -> None:
    """The answer is the same whether the other site has content or none.

    Hence nothing of it can be learned by id, by search, by filter, by ordering or by count.
    """
    was, now = before.fingerprint, after.fingerprint
    if was == now:
        return
    at = next((i for i, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), len(was))
    start = max(at - SHOWN // 2, 0)
    raise AssertionError(
        f"{after.path} depends on what another site holds:\n"
        f"before: …{was[start : at + SHOWN]}…\nafter: …{now[start : at + SHOWN]}…"
    )


def check_unchanged(path: str, before: Sums, after: Sums) -> None:
    """No table of the other site has changed."""
    changed = sorted(
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    )
    assert not changed, f"{path} has changed {', '.join(changed)} of another site."


def check_shut(answer: Answer) -> None:
    """A stranger was led to the sign-in or turned away.

    An address that only leads on within the admin is as shut as the one to which it leads.
    """
    led_on = answer.status in (301, 302) and answer.headers["location"].startswith("/admin/")
    assert led_on or answer.status in (401, 403, 404, 405), (
        f"{answer.path} answers {answer.status} {answer.headers.get('location', '')} to a stranger."
    )


def check_whole(answer: Answer) -> None:
    """Bad input gets a sentence, never a traceback."""
    assert answer.status < 500, f"{answer.path} answers {answer.status}."


def check_mails(answer: Answer, members: Iterable[str]) -> None:
    """Nobody of the other site was written to."""
    text = "\n".join(answer.mails)
    reached = [address for address in members if address in text]
    assert not reached, f"{answer.path} writes to {reached}."
