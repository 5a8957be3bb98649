"""相关信息: articles that share keywords with one that is being read."""

import re
from typing import Any

from django.db.models import Case, F, IntegerField, Q, Value, When

from . import listings

MOST, WORDS = 6, 8
NEWEST = 1000  # articles among which others are looked for, so that a large site answers as fast
SEPARATORS = re.compile(r"[,，、;；|/\s]+")


def alike(article: Any) -> list[Any]:
    """The live articles of the same edition with the most keywords in common, then the newest.

    Looks among the newest thousand of the edition. One statement; none for an article without
    keywords.
    """
    words = keywords(article.keywords)
    if not words:
        return []
    home = article.path[: listings.HOME_DEPTH * article.steplen]
    newest = listings.live_articles().filter(path__startswith=home).order_by("-published_at")
    shared: Any = sum(_shares(word) for word in words)
    near = listings.live_articles().filter(pk__in=newest.values("pk")[:NEWEST])
    near = near.exclude(pk=article.pk).annotate(shared=shared).filter(shared__gt=0)
    return list(near.order_by("-shared", F("published_at").desc(), "-pk")[:MOST])


def keywords(text: str) -> list[str]:
    """The words of a field of keywords, however its editor separated them."""
    return list(dict.fromkeys(word for word in SEPARATORS.split(text) if word))[:WORDS]


def _shares(word: str) -> Case:
    found = Q(keywords__contains=word) | Q(title__contains=word)
    return Case(When(found, then=Value(1)), default=Value(0), output_field=IntegerField())
