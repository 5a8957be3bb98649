"""Forms as a browser would send them, and as somebody would who puts in another site's keys."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bs4 import BeautifulSoup
from bs4.filter import SoupStrainer
from django.http import QueryDict
from wagtail.test.utils.form_data import _querydict_from_form, nested_form_data, streamfield

from .keys import THEIRS

Data = dict[str, list[str]]

NUMBER = re.compile(r"\d{1,19}")
COUNTERS = re.compile(
    r"-(TOTAL_FORMS|INITIAL_FORMS|MIN_NUM_FORMS|MAX_NUM_FORMS|count|ORDER|DELETE)$"
)
FORMS = SoupStrainer("form")
OPTIONED = ("select", "input")


@dataclass
class Form:
    """A form that writes: where it goes, and what it sends if nothing is changed."""

    action: str
    data: Data
    keys: frozenset[str]
    """The fields that name rows: choices and hidden numbers."""

    def with_theirs(self, *names: str) -> Data:
        """What it sends with the other site's keys in these fields."""
        return {**self.data, **{name: [str(THEIRS)] for name in names}}


def forms_of(html: str, path: str) -> list[Form]:
    """The forms of a screen that are sent by POST."""
    found = []
    for form in BeautifulSoup(html, "html.parser", parse_only=FORMS).find_all("form"):
        if str(form.get("method", "get")).lower() == "post":
            action = str(form.get("action") or path)
            data = {**_blocks(form), **_data(_querydict_from_form(form))}
            found.append(Form(action, data, frozenset(_keys(form))))
    return found


def _data(sent: QueryDict) -> Data:
    return {name: [value or "" for value in values] for name, values in sent.lists()}


def _blocks(form: object) -> Data:
    """A script draws the blocks of a text; without it there are none."""
    html = str(form)
    names = set(re.findall(r'data-block[^>]*id="([\w-]+)"|id="([\w-]+)" data-block', html))
    sent: Data = {}
    for first, second in names:
        empty = nested_form_data({first or second: streamfield([])})
        sent |= {name: [str(value)] for name, value in empty.items()}
    return sent


def _keys(form: object) -> Iterator[str]:
    for field in form.find_all(OPTIONED):  # type: ignore[attr-defined]
        name, kind = str(field.get("name") or ""), field.get("type", "")
        if not name or COUNTERS.search(name) or name == "csrfmiddlewaretoken":
            continue
        if field.name == "select":
            options = [str(option.get("value", "")) for option in field.find_all("option")]
            if any(NUMBER.fullmatch(option) for option in options):
                yield name
        elif kind in ("radio", "checkbox", "hidden"):
            value = str(field.get("value", ""))
            if NUMBER.fullmatch(value) or (kind == "hidden" and not value):
                yield name
