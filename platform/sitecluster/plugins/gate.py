"""What a plugin offers is silent where the plugin is off.

One place for all of Wagtail's hooks: whoever registered a function, and with whatever decorator,
it isn't called where the app it is from is off. What Wagtail asks for once a process is marked
with its app and judged where it is used.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from typing import Any

from django.urls import URLPattern, URLResolver
from wagtail import hooks

from .registry import MARK, is_on, owner_of

Hook = Callable[..., Any]
# Wagtail keeps what these return for the life of the process.
KEPT = frozenset(
    {
        "construct_admin_api",
        "register_actions",
        "register_admin_urls",
        "register_admin_viewset",
        "register_bulk_action",
        "register_icons",
        "register_image_operations",
        "register_log_actions",
        "register_rich_text_features",
    }
)
# Hooks whose functions are Wagtail's own, whatever model they were made for -> what becomes of
# what they return.
JUDGES: dict[str, Callable[[Any], Any]] = {}
stock_hooks: Callable[[str], list[Hook]] = hooks.get_hooks
_collecting: ContextVar[bool] = ContextVar("collecting", default=False)


def install() -> None:
    """Put the gate between Wagtail and the hooks; a second call changes nothing."""
    hooks.get_hooks = get_hooks


def get_hooks(name: str) -> list[Hook]:
    """Wagtail's function of this name, without what is off for the active site."""
    callbacks = stock_hooks(name)
    if name in KEPT or _collecting.get():
        return [_marking(_within_bounds(name, callback)) for callback in callbacks]
    judge = JUDGES.get(name)
    answering = [callback for callback in callbacks if _answers(callback)]
    return [_judging(callback, judge) for callback in answering] if judge else answering


def _judging(callback: Hook, judge: Callable[[Any], Any]) -> Hook:
    @wraps(callback)
    def judging(*args: Any, **kwargs: Any) -> Any:
        return judge(callback(*args, **kwargs))

    return judging


# Hooked functions live as long as the process, and every page asks for them.
_owner = lru_cache(maxsize=None)(owner_of)


def _answers(callback: Hook) -> bool:
    label = _owner(callback)
    return label is None or is_on(label)


@contextmanager
def collecting() -> Iterator[None]:
    """For the length of the block hooks return what is off, too, marked with its app."""
    token = _collecting.set(True)
    try:
        yield
    finally:
        _collecting.reset(token)


def _within_bounds(name: str, callback: Hook) -> Hook:
    """A plugin's features of rich text are offered by the fields that name them, not by all."""
    if name != "register_rich_text_features" or owner_of(callback) is None:
        return callback

    @wraps(callback)
    def register(features: Any) -> None:
        defaults = list(features.default_features)
        callback(features)
        features.default_features = defaults

    return register


def _marking(callback: Hook) -> Hook:
    label = owner_of(callback)
    if label is None or isinstance(callback, type):  # a bulk action's class is hooked itself
        return callback

    @wraps(callback)
    def marking(*args: Any, **kwargs: Any) -> Any:
        return mark(callback(*args, **kwargs), label)

    return marking


def mark(made: Any, label: str) -> Any:
    """Mark what a hook of the app returned: an object, or several, or address patterns."""
    if isinstance(made, list | tuple):
        for part in made:
            mark(part, label)
    elif isinstance(made, URLResolver):
        mark(made.url_patterns, label)
    elif isinstance(made, URLPattern):
        made.callback = gate_view(made.callback, label)
    elif hasattr(made, "__dict__") and not isinstance(made, type):
        setattr(made, MARK, label)
    return made


def gate_view(view: Hook, label: str) -> Hook:
    """``view``, a copy of it, that belongs to the app."""

    @wraps(view)
    def of_plugin(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    setattr(of_plugin, MARK, label)
    return of_plugin
