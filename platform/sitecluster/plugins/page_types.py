"""Pages whose type comes with a plugin that is off: nobody may do anything with them.

They stay in the tree, where Wagtail must find them (names beside one another are unique, and a
branch goes as a whole), and are left out wherever people look.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.actions.publish_revision import PublishRevisionAction
from wagtail.models import AbstractPage, Page, PagePermissionTester, get_page_models
from wagtail.permission_policies.pages import PagePermissionPolicy

from .registry import gated, is_on

Method = Callable[..., Any]
SECONDS = 300


def install() -> None:
    """Put the gate between Wagtail and its pages."""
    _wrap(PagePermissionPolicy, "explorable_instances", _without)
    _wrap(PagePermissionPolicy, "instances_user_has_any_permission_for", _without)
    _wrap(AbstractPage, "permissions_for_user", _permissions)
    _wrap(PublishRevisionAction, "execute", _publish)
    allowed = AbstractPage.allowed_subpage_models.__func__

    @wraps(allowed)
    def allowed_subpage_models(cls: type) -> list[type]:
        return [model for model in allowed(cls) if type_is_on(model)]

    AbstractPage.allowed_subpage_models = classmethod(allowed_subpage_models)


def type_is_on(model: Any) -> bool:
    """Whether pages of this class are at work on the active site; None, a type without code, never
    is."""
    return model is not None and is_on(model._meta.app_label)


def without_types_off(pages: Any) -> Any:
    """The queryset without pages whose type is off."""
    off = types_off()
    return pages.exclude(content_type_id__in=off) if off else pages


def types_off() -> list[int]:
    """Ids of the content types of pages that are off for the active site; no query once known."""
    off = [model for model in get_page_models() if not type_is_on(model)]
    return sorted(kind.pk for kind in ContentType.objects.get_for_models(*off).values())


def pages_off() -> frozenset[int]:
    """Ids of the pages whose type is off for the active site.

    Kept until the site's row changes, as it does with every switch; no such page can be made.
    """
    off = types_off()
    if not off:
        return frozenset()
    found = cache.get("pages_off")
    if found is None:
        pages = Page.objects.filter(content_type_id__in=off).order_by()
        found = frozenset(pages.values_list("pk", flat=True))
        cache.set("pages_off", found, SECONDS)
    return frozenset(found)


def _wrap(owner: type, name: str, around: Method) -> None:
    stock: Method = getattr(owner, name)

    @wraps(stock)
    def gated_method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return around(stock, self, *args, **kwargs)

    setattr(owner, name, gated_method)


def _without(stock: Method, policy: Any, *args: Any, **kwargs: Any) -> Any:
    return without_types_off(stock(policy, *args, **kwargs))


def _publish(stock: Method, action: Any, *args: Any, **kwargs: Any) -> Any:
    """What isn't a page has no gates of its own (`sitecluster.cms.gates` has those of pages)."""
    model: Any = type(action.object)
    if not (issubclass(model, AbstractPage) or type_is_on(model)):
        text = _("“%(object)s” comes with a plugin that is turned off on this site.")
        raise ValidationError(text % {"object": action.object})
    return stock(action, *args, **kwargs)


class _Closed(PagePermissionTester):
    """Answers for a person who may do nothing."""

    def __init__(self, page: Any) -> None:
        super().__init__(AnonymousUser(), page)
        self.permissions: set[str] = set()


def _permissions(stock: Method, page: Any, user: Any) -> Any:
    kind = page.specific_class
    if kind is not None and gated(kind._meta.app_label) and not type_is_on(kind):
        return _Closed(page)
    return stock(page, user)
