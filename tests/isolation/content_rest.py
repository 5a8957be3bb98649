"""A row for every model of which nobody has thought: those of plugins, and of what comes later."""

import uuid
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, models, transaction
from django.utils import timezone
from wagtail.models import Page

from . import content_pages, content_shared  # noqa: F401 -- its fillers come first
from .checksums import OWNER_COLUMNS, shared_models
from .content import Filling, filler
from .keys import models_of_a_site

BY_HAND = ("wagtail", "auth", "cms", "rights", "taggit")
"""Apps whose models are filled by the other fillers, where one row may be all there can be."""


@filler
def the_rest(filling: Filling) -> None:
    """A row, made by the types of its fields, for each model that this round hasn't filled."""
    for model in models_of_a_site(filling.site.schema_name):
        count = model._base_manager.count()
        by_hand = model._meta.app_label.startswith(BY_HAND)
        if count > filling.counts[model._meta.label] or (by_hand and count):
            continue
        try:
            with transaction.atomic():
                _make(model, filling)
        except (DatabaseError, ValidationError, ValueError, TypeError):
            continue  # `test_content` names the model


@filler
def the_rest_of_the_shared_schema(filling: Filling) -> None:
    """The same for shared models whose rows name their site."""
    for model in shared_models():
        owner = OWNER_COLUMNS & {field.column for field in model._meta.concrete_fields}
        for column in owner:
            if not model._base_manager.filter(**{column: filling.site.id}).exists():
                with transaction.atomic():
                    values = {**_values(model, filling), column: filling.site.id}
                    model._base_manager.create(**values)


def _make(model: Any, filling: Filling) -> None:
    if not issubclass(model, Page):
        model._base_manager.create(**_values(model, filling))
        return
    own = [field for field in model._meta.local_fields if field.name != "page_ptr"]
    values = {f.attname: _value(f, filling) for f in own if not (f.blank or f.has_default())}
    name = model._meta.model_name
    page = model(title=filling.text(name), slug=filling.slug(name), **values)
    content_pages.add(content_pages.home_of_site(), page, publish=False)


def _values(model: Any, filling: Filling) -> dict[str, Any]:
    fields = [field for field in model._meta.concrete_fields if not field.has_default()]
    return {
        field.attname: _value(field, filling)
        for field in fields
        if not (field.primary_key and isinstance(field, models.AutoField))
    }


def _value(field: Any, filling: Filling) -> Any:
    if field.related_model is not None and field.null:
        return None
    if field.related_model is not None:
        first = field.related_model._base_manager.order_by("-pk").first()
        return first and first.pk
    if field.choices:
        return field.choices[0][0]
    now = timezone.now()
    by_type: list[tuple[type, Any]] = [
        (models.DateTimeField, now),
        (models.DateField, date.today()),  # noqa: DTZ011 -- any day
        (models.TimeField, time(12)),
        (models.DurationField, timedelta(1)),
        (models.BooleanField, True),
        (models.DecimalField, Decimal(1)),
        (models.IntegerField, 1),
        (models.FloatField, 1.0),
        (models.UUIDField, uuid.uuid4()),
        (models.JSONField, {"text": filling.text(field.name)}),
        (models.EmailField, filling.mark.email(field.name)),
        (models.URLField, f"https://{filling.slug(field.name)}.example/"),
        (models.SlugField, filling.slug(field.name)),
    ]
    for kind, value in by_type:
        if isinstance(field, kind):
            return value
    return filling.text(field.name)[: field.max_length]
