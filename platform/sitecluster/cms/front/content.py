"""What a front page may show of its site, read in as many statements however much that is."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Q
from django.utils.timezone import localdate
from wagtail.models import Page

from sitecluster.cms import listings
from sitecluster.cms.blank_columns import filled
from sitecluster.cms.blocks import values_in
from sitecluster.cms.illustrations import with_renditions

if TYPE_CHECKING:
    from sitecluster.cms.chrome import Chrome

COLUMN_FIELDS = (
    "title", "url_path", "path", "depth", "locale", "description", "show_in_menus",
    "translation_key",
)  # fmt: skip
LEVELS = listings.HOME_DEPTH + 3  # of the tree; with what stands below a column's columns
FEW_CHILDREN = 2
MOST_LISTS = 8
MOST_LINKS = 60
Given = Sequence[tuple[str, Any]]  # kind and value of each section


class Content:
    """The columns, articles and other pages of one edition, for the sections ``given``.

    Editors choose pages of the site's own language; each stands for its translation in this
    edition. What isn't live is left out.
    """

    def __init__(self, home: Any, given: Given, frame: "Chrome") -> None:
        self.home, self.given, self.frame = home, given, frame

    @cached_property
    def chosen(self) -> list[Page]:
        """Every page that an editor has chosen for a section."""
        return [page for _kind, value in self.given for page in values_in(value, Page)]

    @cached_property
    def columns(self) -> list[Any]:
        """The live columns of the first levels and those chosen, in the order of the tree; none
        that is blank."""
        columns = apps.get_model("cms", "ColumnPage").objects.descendant_of(self.home).live()
        keys = [page.translation_key for page in self.chosen]
        return list(
            columns.filter(Q(depth__lte=LEVELS) | Q(translation_key__in=keys), filled())
            .only(*COLUMN_FIELDS)
            .order_by("path")
        )

    @cached_property
    def first_level(self) -> list[Any]:
        """The columns right below the front page that are in its menu."""
        top = listings.HOME_DEPTH + 1
        return [each for each in self.columns if each.depth == top and each.show_in_menus]

    @cached_property
    def with_columns(self) -> list[Any]:
        """Those of the first level that have several columns below them."""
        return [each for each in self.first_level if len(self.below(each)) >= FEW_CHILDREN]

    def below(self, column: Any, in_menus: bool = True) -> list[Any]:
        """The columns right below ``column``, those in menus or all."""
        return [
            each
            for each in self.columns
            if each.depth == column.depth + 1
            and each.path.startswith(column.path)
            and (each.show_in_menus or not in_menus)
        ]

    def column(self, chosen: Any) -> Any:
        """The column of this edition that ``chosen`` stands for, or None."""
        if chosen is None:
            return None
        return self._columns_by_key.get(chosen.translation_key)

    def page(self, chosen: Any) -> Any:
        """The page of this edition that ``chosen`` stands for, or None."""
        if chosen is None:
            return None
        return self.column(chosen) or self._pages_by_key.get(chosen.translation_key)

    @cached_property
    def _columns_by_key(self) -> dict[Any, Any]:
        return {each.translation_key: each for each in self.columns}

    @cached_property
    def _pages_by_key(self) -> dict[Any, Page]:
        keys = {page.translation_key for page in self.chosen} - set(self._columns_by_key)
        pages = Page.objects.live().filter(translation_key__in=keys, locale=self.home.locale_id)
        return {each.translation_key: each for each in pages} if keys else {}

    @cached_property
    def unlisted(self) -> list[Any]:
        """The columns of the first level of which no section has the newest articles."""
        named = {
            found.pk
            for kind, value in self.given
            if kind in ("list", "news") and (found := self.column(value.get("column")))
        }
        return [each for each in self.first_level if each.pk not in named][:MOST_LISTS]

    def columns_of(self, kind: str, value: Any) -> list[Any]:
        """The columns whose newest articles a section of this kind shows; the front page stands
        for the whole site."""
        chosen = value.get("column")
        if chosen is not None:
            found = self.column(chosen)
            return [found] if found else []
        return [self.home] if kind == "news" else self.unlisted

    @cached_property
    def _newest(self) -> dict[str, list[Any]]:
        sizes: dict[str, int] = {}
        for kind, value in self.given:
            if kind in ("list", "news"):
                for column in self.columns_of(kind, value):
                    number = int(value.get("number") or 0) + (kind == "news")
                    sizes[column.path] = max(number, sizes.get(column.path, 0))
        found = listings.newest_by_branch(sizes)
        pictures = [each.lead_image for items in found.values() for each in items]
        with_renditions(pictures, "card")
        return found

    def newest(self, column: Any, number: int) -> list[Any]:
        """The newest live articles below a column of `columns_of`."""
        return self._newest.get(column.path, [])[:number]

    def topics(self, number: int) -> list[Any]:
        """The live topics under way, those that opened last first; one that is over stands in its
        column alone (guideline 2017-47, B.6)."""
        topics = apps.get_model("cms", "TopicPage").objects.descendant_of(self.home).live()
        found = list(
            topics.exclude(closes_on__lt=localdate())
            .defer_streamfields()
            .select_related("lead_image")
            .order_by("-first_published_at", "-pk")[:number]
        )
        with_renditions([each.lead_image for each in found], "card")
        return found

    def column_of(self, pages: Sequence[Page]) -> Any:
        """The column that all of ``pages`` stand directly in, or None."""
        branches = {page.path[: -page.steplen] for page in pages}
        return next((each for each in self.columns if {each.path} == branches), None)

    def friends(self) -> list[Any]:
        """The live links right below the front page."""
        return list(
            apps.get_model("cms", "LinkPage").objects.child_of(self.home).live()[:MOST_LINKS]
        )
