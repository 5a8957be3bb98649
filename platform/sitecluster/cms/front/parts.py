"""What each kind of section shows: one function a kind, which gives its component's ``part.shown``.

A function gives one dictionary for each time the section is drawn: none where it has nothing to
show, several for a list that stands for many columns. Kinds that aren't in `PARTS` need nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext as _

from sitecluster.tenancy import current_tenant

from .blocks import FEWEST, NUMBER, sites_below
from .content import Content

MOST_ENTRIES, MOST_TASKS, MOST_BELOW, MOST_IN_TASK = 4, 4, 6, 3
DRAWINGS = ("page", "book", "door", "letter")
BARS_HEIGHT, BAR, STEP = 30, 7, 10  # of the drawing, in units of its view box
LEAST_BAR = 2
SHORTEST_NAME = 2  # characters that remain of a site's name, and that are taken from it
Shown = dict[str, Any]


def search(content: Content, value: Any) -> Iterator[Shown]:
    """The question above the field, and words often searched for."""
    yield {
        "title": value["title"] or _("What are you looking for?"),
        "terms": [word for word in value["terms"] if word],
    }


def tasks(content: Content, value: Any) -> Iterator[Shown]:
    """Cards, each with a line about it or with the columns below it."""
    cards = [card for task in value["tasks"] if (card := _link(content, task))]
    if not value["tasks"]:
        cards = [
            {**_entry(column), "below": [_entry(each) for each in below[:MOST_IN_TASK]]}
            for column in content.with_columns[:MOST_TASKS]
            if (below := content.below(column))
        ]
    yield {"cards": cards}


def banner(content: Content, value: Any) -> Iterator[Shown]:
    """The site's introduction."""
    yield {"intro": content.home.intro}


def news(content: Content, value: Any) -> Iterator[Shown]:
    """The newest articles, the first that has a picture large."""
    for column in content.columns_of("news", value):
        articles = content.newest(column, value["number"] + 1)
        lead = next((article for article in articles if article.lead_image), None)
        others = [article for article in articles if article is not lead]
        own = value["column"] is not None
        if articles:
            yield {
                "title": value["title"] or (column.title if own else _("Latest items")),
                "more": _entry(column) if own else None,
                "lead": lead if others else None,
                "articles": others[: value["number"]] or articles,
            }


def entries(content: Content, value: Any) -> Iterator[Shown]:
    """Columns with a drawing, a line and the columns below them."""
    chosen = [(each, content.column(each["column"])) for each in value["entries"]]
    found = [
        _way(content, column, each["glyph"], each["text"]) for each, column in chosen if column
    ]
    if not value["entries"]:
        usual = zip(content.with_columns[:MOST_ENTRIES], DRAWINGS, strict=False)
        found = [_way(content, column, glyph, "") for column, glyph in usual]
    if found:
        yield {"entries": found}


def topics(content: Content, value: Any) -> Iterator[Shown]:
    """The topics of this edition that are under way."""
    found = content.topics(value["number"])
    if found:
        column = content.column_of(found)
        yield {
            "title": value["title"] or _("Topics"),
            "more": _entry(column) if column else None,
            "topics": found,
        }


def figures(content: Content, value: Any) -> Iterator[Shown]:
    """Numbers, each with the path of its bars."""
    yield {
        "title": value["title"] or _("Figures"),
        "more": _more(content, value),
        "figures": [{**each, "bars": bars(each["series"] or "")} for each in value["figures"]],
    }


def sites(content: Content, value: Any) -> Iterator[Shown]:
    """The sites below this one in groups; those in no group follow by kind."""
    below = sites_below()
    by_code = {site.code: site for site in below}
    groups = [
        (group["title"], [by_code.pop(code) for code in group["sites"] if code in by_code])
        for group in value["groups"]
    ]
    kinds = dict(apps.get_model(settings.TENANT_MODEL)._meta.get_field("kind").flatchoices)
    for kind, title in kinds.items():
        groups.append((str(title), [site for site in by_code.values() if site.kind == kind]))
    if below:
        yield {
            "title": value["title"] or _("Sites of departments and townships"),
            "number": len(below),
            "groups": [
                {"title": title, "sites": [_site(each) for each in members]}
                for title, members in groups
                if members
            ],
        }


def friends(content: Content, value: Any) -> Iterator[Shown]:
    """The links below the front page."""
    found = content.friends()
    if found:
        yield {"title": value["title"] or _("Links"), "links": found}


def columns_list(content: Content, value: Any) -> Iterator[Shown]:
    """The newest articles of a column, or of each of some length that no other section shows."""
    for column in content.columns_of("list", value):
        articles = content.newest(column, value["number"])
        own = value["column"] is not None
        if len(articles) >= (1 if own else FEWEST):
            yield {
                "title": (own and value["title"]) or column.title,
                "more": _entry(column),
                "articles": articles,
                "with_sources": value["with_sources"],
            }


def links(content: Content, value: Any) -> Iterator[Shown]:
    """The columns below a column, and what the editor names."""
    column = content.column(value["column"])
    named = [link for each in value["links"] if (link := _link(content, each))]
    if column is None and not value["links"]:
        column = max(content.first_level, key=lambda each: len(content.below(each)), default=None)
    below = [_entry(each) for each in content.below(column, in_menus=False)] if column else []
    if below or named:
        yield {
            "title": value["title"] or (column.title if column else _("Entries")),
            "more": _entry(column) if column else None,
            "links": [*below, *named],
        }


def office(content: Content, value: Any) -> Iterator[Shown]:
    """What the site's identity says of the office, and the editor's lines."""
    identity = content.frame.identity
    known = ("address", "office_hours", "contact_phone", "contact_email")
    if value["lines"] or any(getattr(identity, name, "") for name in known):
        yield {
            "title": value["title"] or _("The office"),
            "more": _more(content, value),
            "identity": identity,
            "lines": list(value["lines"]),
        }


def facts(content: Content, value: Any) -> Iterator[Shown]:
    """The editor's lines."""
    yield {
        "title": value["title"],
        "more": _more(content, value),
        "lines": list(value["lines"]),
    }


def text(content: Content, value: Any) -> Iterator[Shown]:
    """The editor's text."""
    yield {"title": value["title"], "more": _more(content, value), "text": value["text"]}


def table(content: Content, value: Any) -> Iterator[Shown]:
    """The editor's table."""
    yield {
        "title": value["title"],
        "more": _more(content, value),
        "caption": value["caption"],
        "table": value.bound_blocks["table"],
        "note": value["note"],
    }


PARTS: dict[str, Callable[[Content, Any], Iterable[Shown]]] = {
    "search": search,
    "tasks": tasks,
    "banner": banner,
    "news": news,
    "entries": entries,
    "topics": topics,
    "figures": figures,
    "sites": sites,
    "friends": friends,
    "list": columns_list,
    "links": links,
    "office": office,
    "facts": facts,
    "text": text,
    "table": table,
}


def bars(series: str) -> Shown:
    """Numbers as the path of bars in a drawing of ``width`` by `BARS_HEIGHT`; the last, which is
    drawn in another colour, apart. Empty for less than two numbers."""
    numbers = [float(number) for number in re.findall(NUMBER, series)]
    most = max(numbers, default=0)
    if len(numbers) < SHORTEST_NAME or not most:
        return {}
    heights = [max(LEAST_BAR, round(number / most * BARS_HEIGHT)) for number in numbers]
    paths = [
        f"M{place * STEP} {BARS_HEIGHT - height}h{BAR}v{height}h-{BAR}z"
        for place, height in enumerate(heights)
    ]
    width = (len(numbers) - 1) * STEP + BAR
    return {"width": width, "height": BARS_HEIGHT, "path": "".join(paths[:-1]), "last": paths[-1]}


def _entry(column: Any) -> Shown:
    return {"title": column.title, "url": column.get_url()}


def _more(content: Content, value: Any) -> Shown | None:
    column = content.column(value["column"])
    return _entry(column) if column else None


def _way(content: Content, column: Any, glyph: str, line: str) -> Shown:
    below = [_entry(each) for each in content.below(column)[:MOST_BELOW]]
    return {**_entry(column), "glyph": glyph, "text": line or column.description, "below": below}


def _link(content: Content, value: Any) -> Shown | None:
    """An entry of an editor's list; None where its page isn't live in this edition."""
    page, url = content.page(value["page"]), value["url"]
    if page is None and not url:
        return None
    return {
        "title": value["title"] or page.title,
        "url": page.get_url() if page else url,
        "away": page is None,
        "text": value.get("text") or "",
    }


def _site(site: Any) -> Shown:
    """A site's address and name; ``shared`` is what it has in common with the name above it,
    which need not be read again and again."""
    here = current_tenant()
    shared = ""
    for one, other in zip(site.name, here.name if here else "", strict=False):
        if one != other:
            break
        shared += one
    if len(shared) < SHORTEST_NAME or len(site.name) - len(shared) < SHORTEST_NAME:
        shared = ""
    return {"url": site.address.url(), "shared": shared, "name": site.name[len(shared) :]}
