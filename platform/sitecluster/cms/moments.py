"""When a page goes live or expires by the clock: kept in step with the pages, for the worker.

Wagtail keeps these moments in each site, in the approved revisions and in ``expire_at``. A copy
stands in the shared table of appointments, so that nobody asks every site every second.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Min
from wagtail.models import DraftStateMixin, Page, Revision

from sitecluster.tasks import appointments
from sitecluster.tenancy import Tenant, current_tenant, tenant_context

KEEP = "sitecluster.cms.scheduling.keep"
Key = tuple[int, str]
"""An object with drafts: its base content type (the same in every site) and its primary key."""


def key_of(thing: Any) -> Key:
    """The key of a page or of anything else with drafts."""
    return thing.get_base_content_type().pk, str(thing.pk)


def subject_of(key: Key) -> str:
    """What the appointment of an object is about."""
    return "{}:{}".format(*key)


def pages(ids: Iterable[int]) -> set[Key]:
    """The keys of pages."""
    content_type = ContentType.objects.get_for_model(Page).pk
    return {(content_type, str(pk)) for pk in ids}


def follow(keys: Iterable[Key]) -> None:
    """Write the next moment of these objects of the active site, in the current transaction.

    Of what has none, or is gone, nothing stays. Does nothing in a blueprint, which has no clock.
    """
    wanted = {(content_type, str(pk)) for content_type, pk in keys}
    if not wanted or current_tenant() is None:
        return
    due = _next(wanted)
    with transaction.atomic(savepoint=False):
        appointments.appoint(KEEP, {subject_of(key): due.get(key) for key in wanted})


def rebuild(tenant: Tenant, dry: bool = False) -> list[str]:
    """Write a site's appointments anew from its pages; returns what differed, a line each.

    ``dry`` only says what differs.
    """
    with tenant_context(tenant), transaction.atomic():
        wanted = {subject_of(key): due for key, due in _next(None).items()}
        there = appointments.moments_of(KEEP)
        differing = {
            subject: wanted.get(subject)
            for subject in wanted.keys() | there.keys()
            if not _agrees(wanted.get(subject), there.get(subject))
        }
        if differing and not dry:
            appointments.appoint(KEEP, differing)
    return [f"{subject} {moment or '-'}" for subject, moment in sorted(differing.items())]


def _agrees(wanted: datetime | None, there: tuple[datetime, int] | None) -> bool:
    """Whether an appointment is right; one that was called and refused stands for a later try."""
    if wanted is None or there is None:
        return wanted is None and there is None
    return there[1] > 0 or there[0] == wanted


def _next(keys: set[Key] | None) -> dict[Key, datetime]:
    """The next moment of each of the objects that has one; of all objects for None."""
    moments: dict[Key, list[datetime]] = defaultdict(list)
    by_type: dict[int, list[str]] = defaultdict(list)
    for content_type, pk in keys or ():
        by_type[content_type].append(pk)
    revisions = Revision.objects.filter(approved_go_live_at__isnull=False).order_by()
    if keys is not None:
        revisions = revisions.filter(object_id__in={pk for _content_type, pk in keys})
    grouped = revisions.values_list("base_content_type_id", "object_id")
    for content_type, pk, due in grouped.annotate(due=Min("approved_go_live_at")):
        if keys is None or (content_type, pk) in keys:
            moments[content_type, pk].append(due)
    for content_type, model in _kinds(by_type if keys is not None else None):
        live = model._default_manager.filter(live=True, expire_at__isnull=False)
        if keys is not None:
            live = live.filter(pk__in=by_type[content_type])
        for pk, due in live.order_by().values_list("pk", "expire_at"):
            moments[content_type, str(pk)].append(due)
    return {key: min(found) for key, found in moments.items()}


def other_kinds() -> list[type[Any]]:
    """The models with drafts that aren't pages."""
    models = [model for model in apps.get_models() if issubclass(model, DraftStateMixin)]
    return [model for model in models if not issubclass(model, Page)]


def _kinds(types: Iterable[int] | None) -> list[tuple[int, type[Any]]]:
    """Models with an expiry by content type: those asked for, else all."""
    if types is None:
        found = ContentType.objects.get_for_models(Page, *other_kinds())
        return [(content_type.pk, model) for model, content_type in found.items()]
    pairs = [(pk, ContentType.objects.get_for_id(pk).model_class()) for pk in types]
    return [(pk, model) for pk, model in pairs if model and issubclass(model, DraftStateMixin)]
