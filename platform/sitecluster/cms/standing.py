"""What stands in a column for long: leaders, organs and links in the order that its editors gave
them, topics by their age."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from wagtail.models import Page

from .illustrations import with_renditions

if TYPE_CHECKING:
    from .organs import LeaderPage, OrganPage
    from .pages import LinkPage, TopicPage

OFFICES = ("leaderpage", "organpage")
KINDS = (*OFFICES, "topicpage", "linkpage")


@dataclass(frozen=True)
class Standing:
    """The live entries without a date of one column."""

    leaders: "tuple[LeaderPage, ...]" = ()
    organs: "tuple[OrganPage, ...]" = ()
    topics: "tuple[TopicPage, ...]" = ()
    """Those that are over stand last (guideline 2017-47, B.6)."""
    links: "tuple[LinkPage, ...]" = ()
    """Of a column that consists of links; where articles stand, links stand among them."""

    @property
    def empty(self) -> bool:
        """Does nothing stand here?"""
        return not (self.leaders or self.organs or self.topics or self.links)


def standing_in(column: Any, dated: int, gathers: bool) -> Standing:
    """What stands in ``column``, whose list of dated entries has ``dated`` of them.

    One that ``gathers`` others and has neither leaders nor organs of its own shows those of all
    the columns below it. One statement, and two more for each kind that there is.
    """
    found = _found(column)
    own = [each for each in found if each[1] == column.depth + 1]
    links, topics = _ids(own, "linkpage"), _ids(own, "topicpage")
    only_links = len(links) == dated
    shown = own if any(kind in OFFICES for _pk, _depth, kind in own) or not gathers else found
    return Standing(
        leaders=_pictured("leaderpage", _ids(shown, "leaderpage"), "portrait"),
        organs=_in_order(_objects("organpage").defer_streamfields(), _ids(shown, "organpage")),
        topics=_under_way_first(_pictured("topicpage", topics, "card", "-first_published_at")),
        links=_in_order(_objects("linkpage"), links) if only_links else (),
    )


def beside(leader: Any) -> "list[LeaderPage]":
    """The live leaders of the same column, this one included."""
    branch = leader.path[: -leader.steplen]
    near = _objects("leaderpage").live().filter(path__startswith=branch, depth=leader.depth)
    return list(near.only("title", "post", "url_path", "path", "depth", "locale"))


def _objects(kind: str) -> Any:
    return apps.get_model("cms", kind).objects


def _found(column: Any) -> list[tuple[int, int, str]]:
    """Id, depth and kind of the entries below the column, in the order of the tree."""
    models = [apps.get_model("cms", kind) for kind in KINDS]
    types = ContentType.objects.get_for_models(*models)
    kinds = {found.pk: found.model for found in types.values()}
    below = Page.objects.live().descendant_of(column).filter(content_type__in=kinds)
    rows = below.order_by("path").values_list("pk", "depth", "content_type_id")
    return [(pk, depth, kinds[content_type]) for pk, depth, content_type in rows]


def _pictured(kind: str, ids: list[int], shape: str, order: str = "path") -> tuple[Any, ...]:
    """Pages with their lead images, drawn in ``shape``."""
    pages = _objects(kind).defer_streamfields().select_related("lead_image")
    found = _in_order(pages, ids, order)
    with_renditions([page.lead_image for page in found], shape)
    return found


def _ids(entries: list[tuple[int, int, str]], wanted: str) -> list[int]:
    return [pk for pk, _depth, kind in entries if kind == wanted]


def _under_way_first(topics: "tuple[TopicPage, ...]") -> "tuple[TopicPage, ...]":
    return tuple(sorted(topics, key=lambda topic: topic.over))


def _in_order(pages: Any, ids: list[int], order: str = "path") -> tuple[Any, ...]:
    return tuple(pages.filter(pk__in=ids).order_by(order)) if ids else ()
