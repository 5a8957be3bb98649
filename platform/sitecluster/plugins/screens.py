"""The admin's lists that Wagtail builds once a process, judged anew for the site of each request.

What hooks gave for them carries the mark of its app (see `gate`); what a viewset or
`register_setting` put there is known by the address it leads to.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache, partial, wraps
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.urls import Resolver404, resolve
from django.utils.functional import cached_property
from wagtail.admin.menu import Menu, SubmenuMenuItem
from wagtail.admin.search import Search
from wagtail.admin.views import home
from wagtail.admin.views.bulk_action.registry import BulkActionRegistry
from wagtail.admin.views.reports.page_types_usage import PageTypesUsageReportView
from wagtail.api.v3.registry import ContentTypeRegistry
from wagtail.models import BaseLogEntryManager, PageLogEntryManager

from .gate import JUDGES, collecting
from .middleware import apps_of
from .registry import answers, bringers, is_on, owner_of

Method = Callable[..., Any]
ADMIN = "sitecluster.project.urls_admin"
# The home screen's lists: in which variable they are, and what a line of them is about.
PANELS: list[tuple[type, str, Method]] = [
    (home.RecentEditsPanel, "last_edits", lambda line: line[1]),
    (home.LockedPagesPanel, "locked_pages", lambda line: line),
    (home.WorkflowObjectsToModeratePanel, "states", lambda line: line["obj"]),
    (
        home.UserObjectsInWorkflowModerationPanel,
        "workflow_states",
        lambda line: line.content_object,
    ),
]


def install() -> None:
    """Let each of these lists leave out what is off."""
    _replace_property(Menu, "registered_menu_items")
    _replace_property(Search, "registered_search_areas")
    _replace(Menu, "menu_items_for_request", _shown)
    _replace(Search, "search_items_for_request", _shown)
    _replace(BulkActionRegistry, "get_bulk_actions_for_model", _answering)
    _replace(BulkActionRegistry, "get_bulk_action_class", _one_answering)
    _replace(ContentTypeRegistry, "list_content_types", _types)
    _replace(PageTypesUsageReportView, "get_queryset", lambda found: found.exclude(pk__in=kinds()))
    JUDGES["register_permissions"] = _rights
    for manager in (BaseLogEntryManager, PageLogEntryManager):
        _replace(manager, "viewable_by_user", _viewable)
    for panel, name, subject in PANELS:
        _replace(panel, "get_context_data", partial(_about, name=name, subject=subject))


def _replace(owner: type, name: str, judge: Method) -> None:
    stock: Method = getattr(owner, name)

    @wraps(stock)
    def judged(*args: Any, **kwargs: Any) -> Any:
        return judge(stock(*args, **kwargs))

    setattr(owner, name, judged)


def _replace_property(owner: type, name: str) -> None:
    """Let the list, which is kept, hold what is off as well."""
    stock: Method = getattr(owner, name).func

    def complete(self: Any) -> Any:
        with collecting():
            return stock(self)

    kept = cached_property(complete)
    kept.__set_name__(owner, name)
    setattr(owner, name, kept)


def _shown(items: Iterable[Any]) -> list[Any]:
    return [item for item in items if _is_shown(item)]


def _is_shown(item: Any) -> bool:
    if owner_of(item):
        return answers(item)
    if isinstance(item, SubmenuMenuItem):
        return True
    return all(is_on(label) for label in _apps_at(str(item.url)))


@lru_cache(maxsize=1024)
def _apps_at(url: str) -> frozenset[str]:
    """Labels of the apps whose view answers at ``url`` of an admin host."""
    try:
        match = resolve(urlsplit(url).path, ADMIN)
    except Resolver404:
        return frozenset()
    return frozenset(apps_of(match))


def _answering(actions: Iterable[Any]) -> list[Any]:
    return [action for action in actions if answers(action)]


def _one_answering(action: Any) -> Any:
    return action if action is None or answers(action) else None


def kinds() -> list[int]:
    """Ids of the content types of every model that is off for the active site; no query once
    known."""
    off = [
        model
        for label in bringers()
        if not is_on(label)
        for model in apps.get_app_config(label).get_models()
    ]
    return sorted(kind.pk for kind in ContentType.objects.get_for_models(*off).values())


def _rights(permissions: Any) -> Any:
    off = kinds()
    return permissions.exclude(content_type_id__in=off) if off else permissions


def _viewable(entries: Any) -> Any:
    off = kinds()
    return entries.exclude(content_type_id__in=off) if off else entries


def _about(context: dict[str, Any], name: str, subject: Method) -> dict[str, Any]:
    lines = context[name]
    return {**context, name: [line for line in lines if answers(type(subject(line)))]}


def _types(types: Iterable[Any]) -> list[Any]:
    return [kind for kind in types if is_on(kind.name.partition(".")[0])]
