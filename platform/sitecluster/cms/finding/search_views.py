"""The page on which a citizen searches a site."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy as _
from django.views.decorators.http import require_safe

from sitecluster.cms.addresses import local_url
from sitecluster.cms.documents import Validity
from sitecluster.cms.editions import surroundings
from sitecluster.library.models import Item
from sitecluster.tenancy import required_tenant

from .excerpts import excerpt, marked
from .searching import Found, Order, Period, Wanted, kind_names, search, words_of

LONGEST = 100  # characters
UNDATED = ("column", "organ", "leader", "link")  # no news of a day


class SearchForm(forms.Form):
    """What may be asked: words, kinds of pages, a time, an order."""

    q = forms.CharField(
        max_length=LONGEST,
        error_messages={"max_length": _("Search for at most 100 characters.")},
    )
    kind = forms.MultipleChoiceField(required=False)
    time = forms.ChoiceField(choices=Period.choices, required=False)
    sort = forms.ChoiceField(choices=Order.choices, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = list(kind_names().items())  # type: ignore[attr-defined]
        for name in ("kind", "time", "sort"):
            self.fields[name].error_messages["invalid_choice"] = _(
                "The results can't be narrowed like this."
            )

    def clean_q(self) -> str:
        """At least one word; raises ValidationError."""
        phrase: str = self.cleaned_data["q"]
        if not words_of(phrase):
            raise forms.ValidationError(_("Search for a word."))
        return phrase

    def wanted(self) -> Wanted:
        """The search, once the form is valid."""
        data = self.cleaned_data
        return Wanted(
            phrase=data["q"],
            kinds=data["kind"],
            period=Period(data["time"] or Period.ANY),
            order=Order(data["sort"] or Order.RELEVANCE),
        )


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """The form, and what was found if something is asked; 400 for what can't be asked.

    Raises Http404 for a page of results that doesn't exist and in an edition that isn't live.
    """
    context = {**surroundings(request), "phrase": "", "longest": LONGEST}
    status = 200
    if request.GET.get("q", "").strip():
        form = SearchForm(request.GET)
        if form.is_valid():
            context |= _results(request, form.wanted())
        else:
            status = 400
            problems = [problem for field in form.errors.values() for problem in field]
            phrase = request.GET["q"].replace("\0", "")[:LONGEST]
            context |= {"phrase": phrase, "problem": problems[0]}
    response = render(request, "cms/search_page.html", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _results(request: HttpRequest, wanted: Wanted) -> dict[str, Any]:
    found = search(required_tenant().id, get_language() or settings.LANGUAGE_CODE, wanted)
    try:
        page = found.hits.page(request.GET.get("page", 1))
    except InvalidPage as error:
        raise Http404(str(error)) from error
    return {
        "phrase": wanted.phrase,
        "wanted": wanted,
        "hits": page,
        "items": [_hit(item, wanted.words) for item in page],
        "kinds": list(_kinds(found, wanted)),
        "periods": [
            {"code": period, "title": period.label, "count": count, "on": period == wanted.period}
            for period, count in found.periods.items()
        ],
        "orders": [
            {
                "title": order.label,
                "query": _query(wanted, order=order),
                "on": order == wanted.order,
            }
            for order in Order
        ],
        "narrowed": bool(wanted.kinds) or wanted.period != Period.ANY,
        "query": _query(wanted, wanted.order),
        "widest": urlencode({"q": wanted.phrase}),
    }


def _hit(item: Item, words: list[str]) -> dict[str, Any]:
    away = item.kind == "link"
    validity = item.metadata.get("validity", "")
    return {
        "title": marked(item.title, words),
        "url": item.target if away else local_url(item.path),  # type: ignore[attr-defined]
        "away": away,
        "excerpt": marked(excerpt([item.summary, item.body_text], words), words),
        "kind": "" if item.kind == "article" else kind_names().get(item.kind, ""),
        "validity": Validity(validity).label if validity in Validity.values else "",
        "lapsed": validity in (Validity.EXPIRED, Validity.REPEALED),
        "number": item.metadata.get("document_number", ""),
        "column": item.column_title,
        "source": item.source,
        "published_at": None if item.kind in UNDATED else item.published_at,
    }


def _kinds(found: Found, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Kinds of which something was found, and those that are chosen all the same."""
    names = kind_names()
    for kind in [*found.kinds, *(kind for kind in wanted.kinds if kind not in found.kinds)]:
        yield {
            "code": kind,
            "title": names.get(kind, kind),
            "count": found.kinds.get(kind, 0),
            "on": kind in wanted.kinds,
        }


def _query(wanted: Wanted, order: Order) -> str:
    """The search as it stands in an address, without the page."""
    parts = [("q", wanted.phrase), *(("kind", kind) for kind in wanted.kinds)]
    if wanted.period != Period.ANY:
        parts.append(("time", wanted.period))
    if order != Order.RELEVANCE:
        parts.append(("sort", order))
    return urlencode(parts)
