"""The site that every bench reads: a home page, eight columns, forty articles, some with pictures.

Written with few statements, since a plain schema holds 200 of them: rows go into the tables past
Wagtail's tree and past the publication module, which is fine for pages that are only read.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Model
from django.utils.text import slugify
from PIL import Image as Picture
from wagtail.images import get_image_model
from wagtail.models import Locale, Page, Site

from sitecluster.cms.models import ArticlePage, ColumnPage, HomePage, SiteIdentity

COLUMNS, ARTICLES_A_COLUMN = 8, 5
PICTURE = "starter/bench.jpg"
PICTURE_SIZE = 320, 180
START = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
PARAGRAPH = (
    "为进一步优化营商环境，方便企业和群众办事，经研究，现将有关事项通知如下。各单位要高度重视，"
    "明确责任，按照时限要求抓好落实，工作进展情况请于每月月底前报送。联系电话见文末。"
)
PATHS = ("/", "/lm1/20260601-0001/")


@dataclass(frozen=True)
class Written:
    """A site's rows: where its pages begin and which Site row is theirs."""

    home: HomePage
    site: Site


def write(name: str, host: str, number: int, *, is_default: bool) -> Written:
    """Write a site of this name as the ``number``-th, from 1, below the root of the page tree."""
    root = Page.objects.filter(depth=1).first()
    assert root is not None
    author = _Author(Locale.get_default(), _lead_picture())
    home = HomePage(title=name, intro=PARAGRAPH)
    author.place(home, root.path, number, "/", "site" if is_default else slugify(host))
    home.numchild = COLUMNS
    author.insert([home])
    columns = [author.column(home, each) for each in range(1, COLUMNS + 1)]
    author.insert(columns)
    author.insert(
        [
            author.article(column, name, each, first * ARTICLES_A_COLUMN)
            for first, column in enumerate(columns)
            for each in range(1, ARTICLES_A_COLUMN + 1)
        ]
    )
    Page.objects.filter(pk=root.pk).update(numchild=number)
    site = Site.objects.create(
        hostname=host, port=80, site_name=name, root_page=home, is_default_site=is_default
    )
    SiteIdentity.objects.create(
        site=site, legal_name=name, host_unit=name, organiser=f"{name}办公室", address="府前街1号"
    )
    return Written(home, site)


def save_picture(folder: Any) -> None:
    """Put the picture that all articles share into ``folder``, the media root."""
    place = folder / PICTURE
    place.parent.mkdir(parents=True, exist_ok=True)
    Picture.effect_noise(PICTURE_SIZE, 40).convert("RGB").save(place, quality=80)


class _Author:
    """Makes pages at reckoned places of the tree and writes them a type at a time."""

    def __init__(self, locale: Locale, picture: Any) -> None:
        self.locale, self.picture = locale, picture

    def place(self, page: Any, above: str, position: int, url_path: str, slug: str) -> None:
        page.path = Page._get_path(above, len(above) // Page.steplen + 1, position)
        page.depth = len(page.path) // Page.steplen
        page.slug, page.url_path = slug, f"{url_path}{slug}/"
        page.draft_title, page.locale, page.live = page.title, self.locale, True
        page.translation_key = uuid.uuid4()
        page.first_published_at = page.last_published_at = START
        page.content_type = ContentType.objects.get_for_model(type(page))

    def column(self, home: HomePage, position: int) -> ColumnPage:
        page = ColumnPage(
            title=f"栏目{position}",
            owner_unit="办公室",
            description=PARAGRAPH,
            keywords="政务公开",
            show_in_menus=True,
            numchild=ARTICLES_A_COLUMN,
        )
        self.place(page, home.path, position, home.url_path, f"lm{position}")
        return page

    def article(self, column: ColumnPage, name: str, position: int, before: int) -> ArticlePage:
        page = ArticlePage(
            title=f"{name}关于做好第{before + position}项工作的通知",
            source=name,
            summary=PARAGRAPH,
            keywords="通知",
            published_at=START + timedelta(hours=before + position),
            lead_image=self.picture if position in (1, ARTICLES_A_COLUMN) else None,
            body=[("text", f"<p>{PARAGRAPH}</p>" * 6), ("quote", {"text": PARAGRAPH})],
        )
        self.place(page, column.path, position, column.url_path, f"20260601-{position:04}")
        return page

    def insert(self, pages: Sequence[Any]) -> None:
        """Write pages of one type: their rows of Wagtail's table, then those of their own."""
        keys = _insert(Page, pages)
        for page, key in zip(pages, keys, strict=True):
            page.pk = page.id = page.page_ptr_id = key
        _insert(type(pages[0]), pages)


def _insert(model: type[Model], rows: Sequence[Any]) -> list[int]:
    fields = [field for field in model._meta.local_concrete_fields if not field.generated]
    own_key = model._meta.pk in fields and model is Page
    returned = model._base_manager._insert(  # type: ignore[attr-defined]
        rows,
        fields=[field for field in fields if not (own_key and field.primary_key)],
        using=connection.alias,
        returning_fields=[model._meta.pk] if own_key else None,
    )
    return [row[0] for row in returned] if own_key else []


def _lead_picture() -> Any:
    width, height = PICTURE_SIZE
    return get_image_model().objects.create(
        title="Bench", file=PICTURE, width=width, height=height, file_size=10_000
    )
