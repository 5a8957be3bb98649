"""What a page says of itself to search engines and to the cards of other services.

JSON-LD in the words of schema.org, and Open Graph. Both tell nothing that the page doesn't show.
"""

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from . import page_tags
from .addresses import absolute_url, with_host
from .listings import HOME_DEPTH

Thing = dict[str, Any]
# What would end the element or start a comment within it; the same as django.utils.html's
# json_script, whose element has an id and no type of ours.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}
LISTS = page_tags.LISTS | {"home"}


def description(page: Any) -> str:
    """The page in a sentence, or ""."""
    names = ("summary", "description", "intro", "search_description")
    return next(
        (text for name in names if (text := page_tags.one_line(getattr(page, name, "")))), ""
    )


def open_graph(page: Any, chrome: Any) -> list[tuple[str, str]]:
    """The properties of Open Graph, without empty ones (ogp.me)."""
    lists = page.library_kind in LISTS
    when = page_tags.published_at(page)
    pairs = [
        ("og:type", "website" if lists else "article"),
        ("og:site_name", chrome.name),
        ("og:title", chrome.name if page.library_kind == "home" else page.title),
        ("og:description", description(page)),
        ("og:url", page.full_url or ""),
        ("og:locale", "zh_CN" if chrome.language == "zh-hans" else "en_GB"),
        ("og:image", page_tags.picture_url(page)),
    ]
    if when and not lists:
        pairs.append(("article:published_time", localtime(when).isoformat()))
    return [(name, value) for name, value in pairs if value]


def json_ld(page: Any, chrome: Any, breadcrumb: list[Thing]) -> SafeString:
    """The graph of the page, safe within a ``<script>`` element."""
    graph = [_organisation(chrome)]
    if page.library_kind == "home":
        graph.append(_site(chrome))
    else:
        graph += [_content(page, chrome), _way(breadcrumb, page)]
    text = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    return mark_safe(text.translate(ESCAPES))


def _organisation(chrome: Any) -> Thing:
    facts = chrome.identity
    return _without_gaps(
        {
            "@type": "GovernmentOrganization",
            "@id": _organisation_id(),
            "name": (facts.host_unit if facts else "") or chrome.name,
            "url": absolute_url("/"),
            "address": facts.address if facts else "",
            "telephone": facts.contact_phone if facts else "",
            "email": facts.contact_email if facts else "",
        }
    )


def _organisation_id() -> str:
    """The name by which the parts of the graph refer to the organisation."""
    return f"{absolute_url('/') or ''}#organisation"


def _site(chrome: Any) -> Thing:
    search = absolute_url("/search/?q={query}")
    action = {
        "@type": "SearchAction",
        "target": search,
        "query-input": "required name=query",
    }
    return _without_gaps(
        {
            "@type": "WebSite",
            "name": chrome.name,
            "url": absolute_url("/"),
            "inLanguage": chrome.language,
            "publisher": {"@id": _organisation_id()},
            "potentialAction": action if search else None,
        }
    )


def _content(page: Any, chrome: Any) -> Thing:
    kinds = {"column": "CollectionPage", "topic": "CollectionPage", "article": "NewsArticle"}
    kind = kinds.get(page.library_kind, "WebPage")
    when, changed = page_tags.published_at(page), page.last_published_at
    thing: Thing = {
        "@type": kind,
        "headline" if kind == "NewsArticle" else "name": page.title,
        "description": description(page),
        "url": page.full_url,
        "inLanguage": chrome.language,
        "image": page_tags.picture_url(page),
        "publisher": {"@id": _organisation_id()},
        "dateModified": localtime(changed).isoformat() if changed else None,
    }
    if page.library_kind not in LISTS:
        thing["datePublished"] = localtime(when).isoformat() if when else None
        source = page_tags.source_of(page)
        thing["author"] = {"@type": "Organization", "name": source} if source else None
    return _without_gaps(thing)


def _way(breadcrumb: list[Thing], page: Any) -> Thing:
    """The breadcrumb; the page itself is its last step and needs no address."""
    steps = [(each["title"], each["url"] or "") for each in breadcrumb]
    items = [
        _without_gaps(
            {
                "@type": "ListItem",
                "position": number,
                "name": title,
                "item": with_host(url),
            }
        )
        for number, (title, url) in enumerate([*steps, (page.title, "")], 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def _without_gaps(thing: Thing) -> Thing:
    return {name: value for name, value in thing.items() if value}


def is_described(page: Any) -> bool:
    """Is this a page that has a place of its own below a home page?"""
    return bool(getattr(page, "library_kind", "")) and (page.depth or 0) >= HOME_DEPTH
