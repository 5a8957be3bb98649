"""Every picture that editors upload, as citizens get it: AVIF or WebP in the width of the screen.

A picture is wanted in a few shapes. Their renditions are made by the worker when a page that
shows the picture is published; a picture that is asked for before gets one WebP rendition at
once, which is cheap, and the others later. Nothing here costs a statement for each picture of a
list whose pictures went through `with_renditions`.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext_lazy
from wagtail.fields import StreamField
from wagtail.images import get_image_model
from wagtail.images.exceptions import InvalidFilterSpecError
from wagtail.images.models import AbstractImage, Filter, SourceImageIOError

from sitecluster.tasks.queue import task
from sitecluster.tenancy import current_tenant

from .blocks import values_in

logger = logging.getLogger(__name__)
ASKED_SECONDS = 3600  # how long a process remembers that it has asked the worker for a shape


@dataclass(frozen=True)
class Shape:
    """A way to show a picture: Wagtail's resizing rules from small to large, and how wide the
    place is that it gets (the HTML attribute ``sizes``)."""

    rules: tuple[str, ...]
    sizes: str
    formats: tuple[str, ...] = ("avif", "webp")

    def filters(self, form: str) -> list[Filter]:
        """The renditions in one format, from small to large."""
        return [Filter(spec=f"{rule}|format-{form}") for rule in self.rules]

    @property
    def all_filters(self) -> list[Filter]:
        """The renditions in all formats."""
        return [each for form in self.formats for each in self.filters(form)]


SHAPES = {
    # within and above a text; uncropped
    "text": Shape(
        ("width-480", "width-960"),
        "(min-width: 48em) 45.25rem, calc(100vw - 2.5rem)",
    ),
    # in lists, galleries and on home pages; 3:2
    "card": Shape(
        ("fill-480x320", "fill-960x640"),
        "(min-width: 60em) 35rem, (min-width: 40em) 45vw, calc(100vw - 2.5rem)",
    ),
    # across a page; 5:2
    "wide": Shape(
        ("fill-800x320", "fill-1600x640"), "(min-width: 76em) 75rem, calc(100vw - 2.5rem)"
    ),
    # of a person; 3:4
    "portrait": Shape(("fill-240x320", "fill-480x640"), "(min-width: 40em) 15rem, 45vw"),
    "logo": Shape(("max-128x128", "max-256x256"), "4rem"),
    # for other sites' cards (Open Graph), many of which read neither AVIF nor WebP
    "share": Shape(("fill-1200x630",), "", ("jpeg",)),
}


@dataclass(frozen=True)
class Source:
    """One ``<source>`` or the ``<img>`` itself."""

    type: str
    srcset: str


@dataclass(frozen=True)
class Drawn:
    """What the component needs of a picture; ``width`` and ``height`` in pixels keep its place
    free while it is loading."""

    url: str
    width: int
    height: int
    srcset: str = ""
    sizes: str = ""
    sources: tuple[Source, ...] = ()


def drawn(image: Any, shape: str, sizes: str = "") -> Drawn | None:
    """``image`` in one of the SHAPES; None without a picture or where its file can't be read.

    Costs one statement at most as soon as there are renditions, none with `with_renditions` or
    where this process remembers them. Raises KeyError for an unknown shape.
    """
    if not isinstance(image, AbstractImage):
        return None
    if image.is_svg():
        return Drawn(image.file.url, int(image.width), int(image.height))
    form = SHAPES[shape]
    found = _existing(image, form.all_filters)
    if len(found) < len(form.all_filters):
        _ask_worker(image, shape)
        found = _existing(image, form.all_filters) or _one(image, form)
    best = [found[each] for each in form.filters(form.formats[-1]) if each in found]
    if not best:
        return None
    main = best[min(1, len(best) - 1)]
    sources = tuple(
        Source(f"image/{name}", srcset)
        for name in form.formats[:-1]
        if (srcset := _srcset([found[each] for each in form.filters(name) if each in found]))
    )
    sizes = sizes or form.sizes
    return Drawn(main.url, main.width, main.height, _srcset(best), sizes, sources)


def with_renditions(images: Iterable[Any], *shapes: str) -> None:
    """Read the renditions of all these pictures in one statement; None among them is fine."""
    present = [each for each in images if isinstance(each, AbstractImage) and not each.is_svg()]
    if not present:
        return
    specs = [each.spec for shape in shapes for each in SHAPES[shape].all_filters]
    wanted = get_image_model().get_rendition_model().objects.filter(filter_spec__in=specs)
    name = "prefetched_renditions"  # where Wagtail looks
    for image in present:
        image.__dict__.pop(name, None)
    prefetch_related_objects(present, Prefetch("renditions", queryset=wanted, to_attr=name))


def pictures_of(page: Any) -> list[Any]:
    """The pictures in the fields and texts of a specific page, each once."""
    found: dict[int, Any] = {}
    for field in page._meta.fields:
        if isinstance(field, StreamField) or field.related_model is get_image_model():
            found |= {each.pk: each for each in values_in(getattr(page, field.name), AbstractImage)}
    return list(found.values())


def prepare(pages: Iterable[Any]) -> None:
    """Let the worker make the renditions that these specific pages will show."""
    if current_tenant() is None:
        return  # a blueprint's files are its sites' to use
    for page in pages:
        shapes = getattr(page, "picture_shapes", ())
        lead = getattr(page, "lead_image_id", None)
        for image in pictures_of(page) if shapes else ():
            _ask_worker(image, *(each for each in shapes if each != "share" or image.pk == lead))


@task(title=gettext_lazy("Smaller versions of a picture"), retries=2, priority=-10)
def make(image_id: int, shapes: list[str]) -> None:
    """Make what is missing of a picture's renditions in these shapes; nothing if it is gone."""
    image = get_image_model().objects.filter(pk=image_id).first()
    filters = [each for name in shapes if name in SHAPES for each in SHAPES[name].all_filters]
    if image is None or image.is_svg() or not filters:
        return
    try:
        image.get_renditions(*filters)
    except (SourceImageIOError, InvalidFilterSpecError, OSError) as error:
        logger.warning("picture %s: %s", image_id, error)


def _ask_worker(image: Any, *shapes: str) -> None:
    if image.is_svg() or current_tenant() is None:
        return
    key = f"illustration-{image.pk}-{image.file_hash}-"
    new = [each for each in shapes if cache.add(key + each, 1, ASKED_SECONDS)]
    if new:
        make.enqueue(image.pk, new)


def _existing(image: Any, filters: list[Filter]) -> dict[Filter, Any]:
    found: dict[Filter, Any] = image.find_existing_renditions(*filters)
    model = image.get_rendition_model()
    if found and not hasattr(image, "prefetched_renditions"):
        model.cache_backend.set_many({each.get_cache_key(): each for each in found.values()})
    return found


def _one(image: Any, form: Shape) -> dict[Filter, Any]:
    """The one rendition that is made at once, in the format that every browser reads."""
    wanted = form.filters(form.formats[-1])
    middle = wanted[min(1, len(wanted) - 1)]
    try:
        return {middle: image.get_rendition(middle)}
    except (SourceImageIOError, OSError) as error:
        logger.warning("picture %s: %s", image.pk, error)
        return {}


def _srcset(renditions: list[Any]) -> str:
    """The widths on offer; a small original gives the same one several times."""
    by_width = {each.width: each.url for each in renditions}
    return ", ".join(f"{url} {width}w" for width, url in sorted(by_width.items()))
