"""The list of a column: what stands in it, narrowed by year and kind, a page at a time.

Choices are links, so they work without script and a search engine may follow them; what they lead
to isn't for its index (guideline 2017-47, B.6: one address for one content).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.core.paginator import Page as PaginatorPage
from django.db.models import Case, CharField, F, Value, When
from django.db.models.functions import Coalesce, ExtractYear
from django.http import Http404, HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from . import listings

ARTICLE, DOCUMENT, LINK = "article", "document", "link"


@dataclass(frozen=True)
class Choice:
    """One link of a filter; ``query`` is the address's part after the question mark, or ""."""

    title: Any
    query: str
    active: bool


@dataclass(frozen=True)
class Filter:
    """The choices of one kind; the first takes the filter away."""

    title: Any
    choices: list[Choice]


@dataclass(frozen=True)
class ColumnList:
    """What the template shows: a page of entries, the filters worth showing, what is chosen."""

    entries: PaginatorPage[Any]
    filters: list[Filter]
    query: str

    @property
    def newest(self) -> Any:
        """When the newest entry was published; None on other pages than the first of all."""
        first = self.entries[0] if self.entries.number == 1 and len(self.entries) else None
        return None if self.query else getattr(first, "published_at", None)


def column_list(entries: Any, request: HttpRequest) -> ColumnList:
    """The list that the request's ``page``, ``year`` and ``kind`` ask for.

    ``entries`` are those of `listings.entries_of`. Costs three statements more than the entries
    themselves at most. Raises Http404 for a page, a year or a kind that the column doesn't have.
    """
    described = _described(entries)
    known = described.order_by().values_list("year_shown", "kind_shown").distinct()
    rows = [(year, kind) for year, kind in known if year is not None]
    years = sorted({year for year, _kind in rows}, reverse=True)
    titles = _titles()
    kinds = [kind for kind in titles if any(kind == found for _year, found in rows)]
    year = _chosen(request, "year", {str(each): each for each in years})
    kind = _chosen(request, "kind", {each: each for each in kinds})
    chosen = {"year": year, "kind": kind}
    narrowed = described.filter(
        **({"year_shown": year} if year else {}), **({"kind_shown": kind} if kind else {})
    )
    filters = [
        _filter(_("Year"), "year", [(each, each) for each in years], chosen),
        _filter(_("Kind"), "kind", [(each, titles[each]) for each in kinds], chosen),
    ]
    return ColumnList(
        listings.paged(narrowed if year or kind else _with_numbers(entries), request),
        [each for each in filters if len(each.choices) > 2],
        _query(chosen),
    )


def _titles() -> dict[str, str | Promise]:
    """What the kinds are called, in the order of the filter: articles, genres, the others."""
    genres = apps.get_model("cms", "DocumentPage")._meta.get_field("genre").choices
    known = {value: value for value, _label in genres}
    others = {DOCUMENT: _("Official documents"), LINK: _("External links")}
    return {ARTICLE: _("Articles"), **known, **others}


def _described(entries: Any) -> Any:
    """The entries with the year and the kind that the filters know them by."""
    to_article = "" if hasattr(entries.model, "documentpage") else "articlepage__"
    document = f"{to_article}documentpage"
    cases = [
        When(**{f"{document}__isnull": True}, then=Value(ARTICLE)),
        When(**{f"{document}__genre": ""}, then=Value(DOCUMENT)),
    ]
    when: Any = F("published_at")
    if to_article:
        cases.insert(0, When(linkpage__isnull=False, then=Value(LINK)))
        when = Coalesce("articlepage__published_at", "first_published_at")
    kind = Case(*cases, default=F(f"{document}__genre"), output_field=CharField())
    return _with_numbers(entries).annotate(year_shown=ExtractYear(when), kind_shown=kind)


def _with_numbers(entries: Any) -> Any:
    """What a list says of a document beside its title, where that isn't the row's own."""
    if not hasattr(entries.model, "documentpage"):
        return entries  # specific pages, which have it all
    names = ("genre", "document_number", "validity", "expires_on")
    return entries.annotate(**{name: F(f"documentpage__{name}") for name in names})


def _chosen(request: HttpRequest, name: str, known: dict[str, Any]) -> Any:
    text = request.GET.get(name, "")
    if text and text not in known:
        raise Http404(f"{name}={text}")
    return known.get(text)


def _filter(
    title: Any, name: str, values: Iterable[tuple[Any, Any]], chosen: dict[str, Any]
) -> Filter:
    every = Choice(
        pgettext_lazy("filter", "All"), _query({**chosen, name: None}), chosen[name] is None
    )
    return Filter(
        title,
        [
            every,
            *(
                Choice(text, _query({**chosen, name: value}), chosen[name] == value)
                for value, text in values
            ),
        ],
    )


def _query(chosen: dict[str, Any]) -> str:
    return urlencode({name: value for name, value in chosen.items() if value})
