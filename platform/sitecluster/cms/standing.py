"""What stands in a column for long, in the order its editors gave it: leaders, organs, links."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from wagtail.models import Page

if TYPE_CHECKING:
    from .organs import LeaderPage, OrganPage
    from .pages import LinkPage

KINDS = ("leaderpage", "organpage", "linkpage")


@dataclass(frozen=True)
class Standing:
    """The live entries without a date of one column."""

    leaders: "tuple[LeaderPage, ...]" = ()
    organs: "tuple[OrganPage, ...]" = ()
    links: "tuple[LinkPage, ...]" = ()
    """Of a column that consists of links; where articles stand, links stand among them."""


def standing_in(column: Any, dated: int, gathers: bool) -> Standing:
    """What stands in ``column``, whose list of dated entries has ``dated`` of them.

    One that ``gathers`` others and has neither leaders nor organs of its own shows those of all
    the columns below it. One statement, and one more for each
    kind that there is.
    """
    found = _found(column)
    own = [each for each in found if each[1] == column.depth + 1]
    links = [pk for pk, _depth, kind in own if kind == "linkpage"]
    only_links = len(links) == dated
    shown = found if gathers and len(own) == len(links) else own
    leaders = [pk for pk, _depth, kind in shown if kind == "leaderpage"]
    organs = [pk for pk, _depth, kind in shown if kind == "organpage"]
    return Standing(
        leaders=_in_order(_objects("leaderpage").select_related("lead_image"), leaders),
        organs=_in_order(_objects("organpage").defer_streamfields(), organs),
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


def _in_order(pages: Any, ids: list[int]) -> tuple[Any, ...]:
    return tuple(pages.filter(pk__in=ids).order_by("path")) if ids else ()
