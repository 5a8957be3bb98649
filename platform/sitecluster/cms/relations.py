"""Which documents and articles belong together: those whose texts link to one another.

Wagtail's index of references knows every link that an editor sets in a text, so a relation is
seen from both of its ends without being entered twice.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from wagtail.models import Page, ReferenceIndex

from . import listings

MOST = 20  # of each kind; a document that more refer to has a page of its own about that


@dataclass(frozen=True)
class Related:
    """The live pages that belong to a document, newest first."""

    documents: tuple[Any, ...] = ()
    articles: tuple[Any, ...] = ()


def related_to(document: Any) -> Related:
    """What links to ``document`` and what it links to; two statements."""
    if document.pk is None:
        return Related()
    near = listings.live_articles().filter(pk__in=_linked(document.pk)).exclude(pk=document.pk)
    near = near.select_related("documentpage").order_by("-published_at", "-pk")[: 2 * MOST]
    documents = [page.documentpage for page in near if hasattr(page, "documentpage")]
    articles = [page for page in near if not hasattr(page, "documentpage")]
    return Related(tuple(documents[:MOST]), tuple(articles[:MOST]))


def _linked(page_id: int) -> set[int]:
    """The ids of pages at either end of a reference."""
    pages = ContentType.objects.get_for_model(Page)
    own = str(page_id)
    ends = ReferenceIndex.objects.filter(
        Q(object_id=own) | Q(to_object_id=own), base_content_type=pages, to_content_type=pages
    ).values_list("object_id", "to_object_id")
    return {int(end) for pair in ends for end in pair if end != own}
