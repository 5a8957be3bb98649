"""Names of pages in addresses.

An article's name is its day of creation and a running number, so its address never hangs on its
title. The number runs over the whole site: an article keeps its name when it moves to another
column. Columns, topics and home pages get the pinyin initials of their titles.
"""

import re
from datetime import date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.core.validators import RegexValidator
from django.db import connection, models
from django.utils.translation import gettext_lazy as _
from pypinyin import Style, lazy_pinyin

CHINA = ZoneInfo("Asia/Shanghai")
MAX_PROPOSED_LENGTH = 24
ARTICLE_SLUG = re.compile(r"^\d{8}-\d{4,}\Z")
LATIN_SLUG = RegexValidator(
    r"^[a-z0-9]+(-[a-z0-9]+)*\Z",
    _("Use small letters and digits only, with single hyphens between them."),
)
NEXT_NUMBER = """
INSERT INTO cms_articlenumber (day, last) VALUES (%s, 1)
ON CONFLICT (day) DO UPDATE SET last = cms_articlenumber.last + 1 RETURNING last
"""


class ArticleNumber(models.Model):
    """The last number given to an article of a day.

    It never goes back, so a deleted article's address is not given to another one.
    """

    day = models.DateField(unique=True)
    last = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["day"]

    def __str__(self) -> str:
        return f"{self.day}: {self.last}"


def today() -> date:
    """The day in China, whatever the server's clock is set to."""
    return datetime.now(CHINA).date()


def next_article_slug(day: date) -> str:
    """A name no article of this site ever had: ``20261122-0001``.

    The number's row stays locked until the transaction ends, so two creations at once get two.
    """
    with connection.cursor() as cursor:
        cursor.execute(NEXT_NUMBER, [day])
        (number,) = cursor.fetchone()
    return f"{day:%Y%m%d}-{number:04d}"


def latin_slug(title: str) -> str:
    """A short Latin name for ``title``; empty if it holds neither letters nor digits.

    Chinese characters give their pinyin initials (通知公告: tzgg), Latin words stay.
    """
    parts = lazy_pinyin(title, style=Style.FIRST_LETTER, errors=lambda text: f" {text} ")
    words = re.findall(r"[a-z0-9]+", _joined(parts).lower())
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word
        if len(longer) > MAX_PROPOSED_LENGTH:
            break
        slug = longer
    return slug or "".join(words)[:MAX_PROPOSED_LENGTH]


def _joined(parts: list[str]) -> str:
    return "".join(parts)
