"""Puts `publication` between Wagtail and its page table, once a process.

Views, bulk actions, the API, the schedule and wagtail-localize import Wagtail's action classes by
name, so the classes themselves get the guarded methods. `Page.save`, updates and deletions of
querysets are guarded for what changes pages without an action.
"""

import functools
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_delete
from django.utils import timezone
from wagtail.actions.convert_alias import ConvertAliasPageAction
from wagtail.actions.copy_for_translation import CopyPageForTranslationAction
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.actions.create_page import CreatePageAction
from wagtail.actions.delete_page import DeletePageAction
from wagtail.actions.edit_page import EditPageAction
from wagtail.actions.move_page import MovePageAction
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import AbstractPage, Page, ReferenceIndex, Revision
from wagtail.models.revisions import RevisionQuerySet
from wagtail.query import PageQuerySet

from . import moments
from .gates import Kind
from .publication import BOOKKEEPING, VISIBLE, note_moments, publishing, withdraw_deleted
from .register_fields import child_models

Method = Callable[..., Any]
MARK = "_guarded_by_publication"
APPROVED = "approved_go_live_at"


def install() -> None:
    """Guard Wagtail's ways of changing pages; a second call changes nothing."""
    if hasattr(AbstractPage.save, MARK):
        return
    _guard(PublishPageRevisionAction, "execute", _publish)
    _guard(UnpublishPageAction, "execute", _unpublish)
    _guard(MovePageAction, "execute", _move)
    _guard(DeletePageAction, "execute", _delete)
    for action in (
        CopyPageAction,
        CreatePageAliasAction,
        CopyPageForTranslationAction,
        ConvertAliasPageAction,
        CreatePageAction,
        EditPageAction,
    ):
        _guard(action, "execute", _act)
    _guard(AbstractPage, "update_aliases", _together)
    _guard(Revision, "save", _save_revision)
    _guard(RevisionQuerySet, "update", _update_revisions)
    _guard(AbstractPage, "save", _save)
    _guard(PageQuerySet, "update", _update)
    _guard(PageQuerySet, "delete", _together)
    post_delete.connect(_deleted, sender=Page, dispatch_uid="publication")
    for model in (get_image_model(), get_document_model()):
        pre_delete.connect(_note_users, sender=model, dispatch_uid="publication")
        post_delete.connect(_follow_users, sender=model, dispatch_uid="publication")
    post_delete.connect(_revision_deleted, sender=Revision, dispatch_uid="moments")
    for model in moments.other_kinds():
        for signal in (post_save, post_delete):
            signal.connect(_other_changed, sender=model, dispatch_uid="moments")
    for child, parent in child_models():
        for signal in (post_save, post_delete):
            changed = partial(_child_changed, parent=f"{parent}_id")
            signal.connect(changed, sender=child, weak=False, dispatch_uid="publication")


def _guard(owner: type, name: str, around: Method) -> None:
    original = getattr(owner, name)

    @functools.wraps(original)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        return around(original, self, *args, **kwargs)

    setattr(guarded, MARK, True)
    setattr(owner, name, guarded)


def _publish(original: Method, action: Any, *args: Any, **kwargs: Any) -> Any:
    with publishing(action.user) as work:
        if _keep_place(action.object):
            action.object.set_url_path(action.object.get_parent(update=True))
        work.check(Kind.PUBLISH, action.object)
        work.timed.add(moments.key_of(action.object))
        return original(action, *args, **kwargs)


def _unpublish(original: Method, action: Any, *args: Any, **kwargs: Any) -> Any:
    with publishing(action.user) as work:
        if action.object.live:
            work.check(Kind.UNPUBLISH, action.object)
        return original(action, *args, **kwargs)


def _move(original: Method, action: Any, *args: Any, **kwargs: Any) -> Any:
    with publishing(action.user) as work:
        work.check(Kind.MOVE, action.page)
        return original(action, *args, **kwargs)


def _delete(original: Method, action: Any, *args: Any, **kwargs: Any) -> Any:
    with publishing(action.user) as work:
        work.check(Kind.DELETE, action.page)
        return original(action, *args, **kwargs)


def _act(original: Method, action: Any, *args: Any, **kwargs: Any) -> Any:
    with publishing(action.user):
        return original(action, *args, **kwargs)


def _together(original: Method, subject: Any, *args: Any, **kwargs: Any) -> Any:
    with publishing():
        return original(subject, *args, **kwargs)


def _save(original: Method, page: Any, *args: Any, **kwargs: Any) -> Any:
    fields = kwargs.get("update_fields")
    if fields is not None and BOOKKEEPING.issuperset(fields):
        return original(page, *args, **kwargs)
    if fields is None:
        _date(page)
    with publishing(kwargs.get("user")) as work:
        if fields is None:
            _keep_place(page)
        result = original(page, *args, **kwargs)
        work.touched.add(page.pk)
        return result


def _date(page: Any) -> None:
    """A page that goes live without a publication, as Wagtail's create view and `add_child` do,
    has its dates from then; one whose time hasn't come doesn't."""
    if not page.live:
        return
    now = timezone.now()
    if page.pk is None and page.go_live_at and page.go_live_at > now:
        page.live = False
        return
    page.first_published_at = page.first_published_at or now
    page.last_published_at = page.last_published_at or now


def _keep_place(page: Any) -> bool:
    """Take a page's position in the tree from the database; False for a page that isn't there.

    Wagtail would write back the position of the moment when the page was read, though the page
    was moved or got children since.
    """
    place = Page.objects.filter(pk=page.pk).values_list("path", "depth", "numchild").first()
    if place is not None:
        page.path, page.depth, page.numchild = place
    return place is not None


def _update(original: Method, pages: Any, **kwargs: Any) -> int:
    if VISIBLE.isdisjoint(kwargs):
        return int(original(pages, **kwargs))
    with publishing() as work:
        work.touched.update(pages.order_by().values_list("pk", flat=True))
        return int(original(pages, **kwargs))


def _save_revision(original: Method, revision: Any, *args: Any, **kwargs: Any) -> Any:
    """A revision gets or loses the moment at which it goes live; a new draft has none."""
    fields = kwargs.get("update_fields")
    moment = revision.approved_go_live_at
    concerned = APPROVED in fields if fields is not None else bool(moment or revision.pk)
    if not concerned:
        return original(revision, *args, **kwargs)
    with transaction.atomic():
        result = original(revision, *args, **kwargs)
        note_moments({(revision.base_content_type_id, revision.object_id)})
    return result


def _update_revisions(original: Method, revisions: Any, **kwargs: Any) -> int:
    if APPROVED not in kwargs:
        return int(original(revisions, **kwargs))
    with transaction.atomic():
        keys = revisions.order_by().values_list("base_content_type_id", "object_id").distinct()
        if kwargs[APPROVED] is None:
            keys = keys.filter(approved_go_live_at__isnull=False)
        changed = set(keys)
        count = int(original(revisions, **kwargs))
        note_moments(changed)
    return count


def _revision_deleted(instance: Any, **kwargs: Any) -> None:
    if instance.approved_go_live_at:
        note_moments({(instance.base_content_type_id, instance.object_id)})


def _other_changed(instance: Any, **kwargs: Any) -> None:
    """Snippets with drafts expire too."""
    if kwargs.get("created") and not instance.expire_at:
        return
    note_moments({moments.key_of(instance)})


def _deleted(instance: Any, **kwargs: Any) -> None:
    """However a page is deleted, this runs in the transaction that deletes it."""
    withdraw_deleted(instance.pk)


def _note_users(instance: Any, **kwargs: Any) -> None:
    """Pages lose an image or a document without being saved, so look who uses it."""
    references = ReferenceIndex.get_references_to(instance).filter(
        base_content_type=ContentType.objects.get_for_model(Page)
    )
    instance.used_by_pages = {int(pk) for pk in references.values_list("object_id", flat=True)}


def _follow_users(instance: Any, **kwargs: Any) -> None:
    if instance.used_by_pages:
        with publishing() as work:
            work.touched |= instance.used_by_pages


def _child_changed(instance: Any, parent: str, **kwargs: Any) -> None:
    """What hangs on a page goes with a deleted document, or is changed without the page."""
    with publishing() as work:
        work.touched.add(getattr(instance, parent))
