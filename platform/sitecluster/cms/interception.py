"""Puts `publication` between Wagtail and its page table, once a process.

Views, bulk actions, the API, the schedule and wagtail-localize import Wagtail's action classes by
name, so the classes themselves get the guarded methods. `Page.save`, updates and deletions of
querysets are guarded for what changes pages without an action.
"""

import functools
from collections.abc import Callable
from typing import Any

from django.db.models.signals import post_delete
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
from wagtail.models import AbstractPage, Page
from wagtail.query import PageQuerySet

from .gates import Kind
from .publication import BOOKKEEPING, VISIBLE, publishing, withdraw_deleted

Method = Callable[..., Any]
MARK = "_guarded_by_publication"


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
    _guard(AbstractPage, "save", _save)
    _guard(PageQuerySet, "update", _update)
    _guard(PageQuerySet, "delete", _together)
    post_delete.connect(_deleted, sender=Page, dispatch_uid="publication")


def _guard(owner: type, name: str, around: Method) -> None:
    original = getattr(owner, name)

    @functools.wraps(original)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        return around(original, self, *args, **kwargs)

    setattr(guarded, MARK, True)
    setattr(owner, name, guarded)


def _publish(original: Method, action: Any, *args: Any, **kwargs: Any) -> Any:
    with publishing(action.user) as work:
        work.check(Kind.PUBLISH, action.object)
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
        result = original(page, *args, **kwargs)
        work.touched.add(page.pk)
        return result


def _date(page: Any) -> None:
    """A page that goes live without a publication, as Wagtail's create view and `add_child` do,
    has its dates from then; one whose time hasn't come doesn't."""
    if not page.live:
        return
    now = timezone.now()
    if page._state.adding and page.go_live_at and page.go_live_at > now:
        page.live = False
        return
    page.first_published_at = page.first_published_at or now
    page.last_published_at = page.last_published_at or now


def _update(original: Method, pages: Any, **kwargs: Any) -> int:
    if VISIBLE.isdisjoint(kwargs):
        return int(original(pages, **kwargs))
    with publishing() as work:
        work.touched.update(pages.order_by().values_list("pk", flat=True))
        return int(original(pages, **kwargs))


def _deleted(instance: Any, **kwargs: Any) -> None:
    """However a page is deleted, this runs in the transaction that deletes it."""
    withdraw_deleted(instance.pk)
