"""Search of one site, word for word, in its rows of the library.

A page is found if each word stands somewhere in its title, its summary or its text. First come
pages whose titles hold what was asked for, then the newest. Nothing is known of synonyms or
of slips; the rows are read one by one: some tenths of a second for ten thousand of 1,500
characters, five times as long for Latin letters, whose case is folded.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, Count, Q, QuerySet, TextChoices, Value, When
from django.db.models.fields.json import KT
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from sitecluster.cms.register_fields import registered_models
from sitecluster.library.models import Item
from sitecluster.plugins.page_types import pages_off

PAGE_SIZE = 10
MOST_WORDS = 10
NEVER_FOUND = ("home",)  # it repeats what other pages say
TEXTS = ("title", "summary", "body_text")
SHOWN = (
    "kind", "path", "title", "summary", "body_text", "source", "column_title", "published_at",
    "metadata",
)  # fmt: skip


class Period(TextChoices):
    """How long ago a page was published at the most."""

    ANY = "any", pgettext_lazy("time", "Any time")
    MONTH = "month", pgettext_lazy("time", "Within a month")
    YEAR = "year", pgettext_lazy("time", "Within a year")
    THREE_YEARS = "three-years", pgettext_lazy("time", "Within three years")


DAYS = {Period.MONTH: 30, Period.YEAR: 365, Period.THREE_YEARS: 3 * 365}


class Order(TextChoices):
    """What comes first."""

    RELEVANCE = "relevance", pgettext_lazy("order of results", "Relevance")
    DATE = "date", pgettext_lazy("order of results", "Date")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody looks for."""

    phrase: str
    kinds: Sequence[str] = ()
    period: Period = Period.ANY
    order: Order = Order.RELEVANCE

    @property
    def words(self) -> list[str]:
        """The words of the phrase, at most `MOST_WORDS`; signs between words are no words."""
        return words_of(self.phrase)


@dataclass(frozen=True)
class Found:
    """What was found, beside the pages: how much there is of each kind and each time."""

    hits: Paginator[Item]
    kinds: Mapping[str, int]
    """With the wanted period, whatever kinds are wanted; the most frequent first."""
    periods: Mapping[Period, int]
    """With the wanted kinds, whatever period is wanted."""


def words_of(phrase: str) -> list[str]:
    """Different words of a phrase, in the order in which they stand."""
    return list(dict.fromkeys(re.findall(r"\w+", phrase)))[:MOST_WORDS]


def search(tenant_id: int, language: str, wanted: Wanted) -> Found:
    """The published pages of a site in one language that hold all of the wanted words.

    One statement, and one more for each page of hits that is looked at.
    """
    rows = _matching(tenant_id, language, wanted.words)
    now = timezone.now()
    counts = _counts(rows, now)
    chosen = [kind for kind in counts if not wanted.kinds or kind in wanted.kinds]
    periods = {period: sum(counts[kind][period] for kind in chosen) for period in Period}
    kinds = {kind: counts[kind][wanted.period] for kind in counts}
    if wanted.kinds:
        rows = rows.filter(kind__in=wanted.kinds)
    if wanted.period != Period.ANY:
        rows = rows.filter(published_at__gte=_since(wanted.period, now))
    hits = Counted(_ordered(rows, wanted).annotate(target=KT("payload__url")), PAGE_SIZE)
    hits.count = periods[wanted.period]
    return Found(
        hits=hits,
        kinds=dict(sorted(kinds.items(), key=lambda pair: -pair[1])),
        periods=periods,
    )


@lru_cache(maxsize=1)
def kind_names() -> dict[str, Any]:
    """What the kinds of pages are called; the first type that is of a kind names it."""
    names: dict[str, Any] = {}
    for model in registered_models():
        names.setdefault(model.library_kind, model._meta.verbose_name_plural)
    return {kind: name for kind, name in names.items() if kind not in NEVER_FOUND}


class Counted(Paginator[Item]):
    """Pages of what has been counted already."""

    count: Any = 0


def _matching(tenant_id: int, language: str, words: Sequence[str]) -> "QuerySet[Item]":
    rows = Item.objects.filter(tenant_id=tenant_id, language=language, withdrawn_at=None)
    rows = rows.exclude(kind__in=NEVER_FOUND).exclude(page_id__in=pages_off())
    for word in words:
        rows = rows.filter(_any_holds(TEXTS, word))
    return rows


def _ordered(rows: "QuerySet[Item]", wanted: Wanted) -> "QuerySet[Item]":
    rows = rows.only(*SHOWN)
    if wanted.order == Order.DATE:
        return rows.order_by("-published_at", "-pk")
    every = Q()
    for word in wanted.words:
        every &= _any_holds(("title",), word)
    phrase = _any_holds(("title",), wanted.phrase.strip())
    rank = Case(When(phrase, then=Value(0)), When(every, then=Value(1)), default=Value(2))
    return rows.order_by(rank, "-published_at", "-pk")


def _any_holds(names: Sequence[str], word: str) -> Q:
    """Words without capitals, as Chinese ones are, cost less when letters aren't folded."""
    lookup = "contains" if word.upper() == word.lower() else "icontains"
    found = Q()
    for name in names:
        found |= Q((f"{name}__{lookup}", word))
    return found


def _counts(rows: "QuerySet[Item]", now: datetime) -> dict[str, dict[Period, int]]:
    """How many there are of each kind, by the period within which they were published."""
    sums = {
        period.name: Count("pk", filter=Q(published_at__gte=_since(period, now))) for period in DAYS
    }
    grouped: Any = rows.order_by().values("kind").annotate(**{Period.ANY.name: Count("pk")}, **sums)
    return {row["kind"]: {period: row[period.name] for period in Period} for row in grouped}


def _since(period: Period, now: datetime) -> datetime:
    return now - timedelta(days=DAYS[period])
