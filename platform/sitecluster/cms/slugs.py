"""Names of pages in addresses.

An article's name is its day of creation and a running number of its site, so its address never
hangs on its title and stays free wherever the article moves. Columns, topics and links get the
pinyin initials of their titles.
"""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.core.validators import RegexValidator
from django.db import connection
from django.utils.translation import gettext_lazy as _
from pypinyin import Style, lazy_pinyin

CHINA = ZoneInfo("Asia/Shanghai")
MAX_PROPOSED_LENGTH = 24
ARTICLE_SLUG = re.compile(r"\d{8}-\d{4,}")
LATIN_SLUG = RegexValidator(
    r"^[a-z0-9]+(-[a-z0-9]+)*\Z",
    _("Use small letters and digits only, with single hyphens between them."),
)
# Children of a home page with these names would lie on addresses of the platform itself.
RESERVED = frozenset(
    "admin documents en feedback go media robots.txt search sitemap sitemap.xml static"
    " zh-hans".split()
)
# The sequence of the page table: no lock to wait for, no number given twice, nothing to keep.
NEXT_NUMBER = "SELECT nextval(pg_get_serial_sequence('wagtailcore_page', 'id'))"


def today() -> date:
    """The day in China, whatever the server's clock is set to."""
    return datetime.now(CHINA).date()


def next_article_slug(day: date) -> str:
    """A name like ``20261122-0001`` that no other article of the active site was ever given."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_NUMBER)
        (number,) = cursor.fetchone()
    return f"{day:%Y%m%d}-{number:04d}"


def latin_slug(title: str) -> str:
    """A short Latin name for ``title``; empty if it holds neither letters nor digits.

    Chinese characters give their pinyin initials (通知公告: tzgg), Latin words stay.
    """
    initials = lazy_pinyin(title, style=Style.FIRST_LETTER, errors=lambda text: f" {text} ")
    words = re.findall(r"[a-z0-9]+", "".join(initials).lower())
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word
        if len(longer) > MAX_PROPOSED_LENGTH:
            break
        slug = longer
    return slug or "".join(words)[:MAX_PROPOSED_LENGTH]
