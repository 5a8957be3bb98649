"""What each type of page tells the library of itself."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import prefetch_related_objects
from modelcluster.models import get_all_child_relations, get_serializable_data_for_fields
from wagtail.fields import StreamField
from wagtail.models import Page

# Of Wagtail's own fields these belong to the content; the others are the page's place and state.
CONTENT_OF_ANY_PAGE = ("title", "seo_title", "search_description")


@dataclass(frozen=True, kw_only=True)
class LibraryFields:
    """The part of a library row that depends on the type of page."""

    summary: str = ""
    source: str = ""
    published_at: datetime | None = None  # None: when it was first made live
    metadata: dict[str, Any] = field(default_factory=dict)


class Registered:
    """A page that has a row in the library as long as it is live."""

    library_kind: ClassVar[str] = ""
    pk: Any
    path: str
    _meta: Any

    def library_fields(self) -> LibraryFields:
        """The summary, source, date and metadata of this page, as far as its type has them."""
        return LibraryFields(
            summary=getattr(self, "summary", "") or getattr(self, "search_description", ""),
            source=getattr(self, "source", ""),
            published_at=getattr(self, "published_at", None),
        )

    def library_payload(self) -> dict[str, Any]:
        """What a copy of this page on another site is made from, as JSON can hold it."""
        model: Any = type(self)
        stored = get_serializable_data_for_fields(self)
        data = {name: stored[name] for name in _content_fields(model)}
        for name in _streams(model):
            data[name] = json.loads(data[name])
        data |= {name: getattr(self, name).get_prep_value() for name in _streams(model)}
        for relation in _content_relations(model):
            children = getattr(self, relation.get_accessor_name()).all()
            data[relation.get_accessor_name()] = [
                _child(child, relation.field.name) for child in children
            ]
        plain: dict[str, Any] = json.loads(json.dumps(data, cls=DjangoJSONEncoder))
        return plain

    def library_text(self) -> str:
        """The words of the page's blocks, without markup."""
        model: Any = type(self)
        parts: list[str] = []
        for name in _streams(model):
            stream = getattr(self, name)
            parts += stream.stream_block.get_searchable_content(stream)
        return "\n".join(filter(None, (text.strip() for text in parts)))


def registered_models() -> list[Any]:
    """Every type of page that has rows in the library."""
    return [model for model in apps.get_models() if issubclass(model, Registered)]


def column_types() -> set[int]:
    """Ids of the content types of columns; no query once a process knows them."""
    columns = [model for model in registered_models() if model.library_kind == "column"]
    return {found.pk for found in ContentType.objects.get_for_models(*columns).values()}


def child_models() -> set[tuple[Any, str]]:
    """The models of what hangs on pages, each with the name of its key to the page."""
    return {
        (relation.related_model, relation.field.name)
        for model in registered_models()
        for relation in _content_relations(model)
    }


def prefetch_children(pages: Iterable[Any]) -> None:
    """Read what hangs on these specific pages in a few statements, however many they are."""
    by_type: dict[Any, list[Any]] = {}
    for page in pages:
        by_type.setdefault(type(page), []).append(page)
    for model, alike in by_type.items():
        names = [relation.get_accessor_name() for relation in _content_relations(model)]
        prefetch_related_objects(alike, *names)


def revision_hash(fields: LibraryFields, payload: dict[str, Any]) -> str:
    """A fingerprint of a page's content: equal content, equal hash, wherever it stands."""
    published_at = fields.published_at.isoformat() if fields.published_at else None
    content = [fields.summary, fields.source, published_at, fields.metadata, payload]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache
def _content_fields(model: Any) -> tuple[str, ...]:
    general = {part.name for part in Page._meta.get_fields()}
    own = [part.name for part in model._meta.fields if part.serialize]
    return (*CONTENT_OF_ANY_PAGE, *(name for name in own if name not in general))


@lru_cache
def _streams(model: Any) -> tuple[str, ...]:
    return tuple(part.name for part in model._meta.get_fields() if isinstance(part, StreamField))


@lru_cache
def _content_relations(model: Any) -> tuple[Any, ...]:
    general = {relation.get_accessor_name() for relation in get_all_child_relations(Page)}
    return tuple(
        relation
        for relation in get_all_child_relations(model)
        if relation.get_accessor_name() not in general
    )


def _child(child: models.Model, parent: str) -> dict[str, Any]:
    data: dict[str, Any] = get_serializable_data_for_fields(child)
    return {name: value for name, value in data.items() if name not in ("pk", "id", parent)}
