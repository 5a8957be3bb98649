"""B.7: the page tags (网页标签) of home, column and content pages."""

import re
from collections.abc import Iterator

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from .rules import Evidence, Finding, Rule
from .visiting import Kind, Visit

SITE = ("SiteName", "SiteDomain", "SiteIDCode")
COLUMN = ("ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType")
CONTENT = ("ArticleTitle", "PubDate", "ContentSource")
REQUIRED = {Kind.HOME: SITE, Kind.COLUMN: SITE + COLUMN, Kind.CONTENT: SITE + COLUMN + CONTENT}
OPTIONAL = ("Keywords", "Author", "Description", "Image", "Url")
PUB_DATE = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}")


def _complete(visit: Visit) -> Iterator[Finding]:
    for page in visit.of(*REQUIRED):
        missing = [name for name in REQUIRED[page.kind] if page.tag(name) is None]
        text = format_lazy(_("missing: {tags}"), tags=", ".join(missing))
        yield Finding(page.url, text if missing else "")


def _filled(visit: Visit) -> Iterator[Finding]:
    for page in visit.of(*REQUIRED):
        empty = [name for name in (*REQUIRED[page.kind], *OPTIONAL) if page.tag(name) == ""]
        yield Finding(
            page.url, format_lazy(_("empty: {tags}"), tags=", ".join(empty)) if empty else ""
        )


def _dates(visit: Visit) -> Iterator[Finding]:
    for page in visit.of(Kind.CONTENT):
        date = page.tag("PubDate")
        wrong = date is not None and not PUB_DATE.fullmatch(date)
        yield Finding(page.url, format_lazy(_("PubDate is “{date}”"), date=date) if wrong else "")


TAG_RULES = [
    Rule("B.7", _("Required page tags are complete"), Evidence.VERIFIED, _complete),
    Rule("B.7", _("No page tag is empty"), Evidence.VERIFIED, _filled),
    Rule("B.7", _("PubDate is written YYYY-MM-DD HH:MM"), Evidence.VERIFIED, _dates),
]
