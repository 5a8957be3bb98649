"""Receivers of signals that come with plugins are gated like hooks.

A receiver hears of other apps' doings only where its plugin is on. Of its own models it always
does, since a purge must be able to clean up.
"""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any
from weakref import ReferenceType

from django.db.models.signals import post_migrate, pre_migrate
from django.dispatch import Signal

from .registry import answers, owner_of

Receiver = Callable[..., Any]
# These tell of schemas, not of what happens at a site.
OF_SCHEMAS = (pre_migrate, post_migrate)


def install() -> None:
    """Gate every receiver that is connected by now."""
    for signal in _signals():
        with signal.lock:
            signal.receivers = [_gated(*entry) for entry in signal.receivers]
            signal.sender_receivers_cache.clear()


def _signals() -> list[Any]:
    """The signals of every module named for them, each once."""
    modules = [module for name, module in sys.modules.copy().items() if name.endswith("signals")]
    found = {
        id(value): value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Signal)
    }
    return [signal for signal in found.values() if signal not in OF_SCHEMAS]


def _gated(key: Any, reference: Any, is_async: bool) -> tuple[Any, Any, bool]:
    receiver: Any = reference() if isinstance(reference, ReferenceType) else reference
    if receiver is None or is_async or owner_of(receiver) is None:
        return key, reference, is_async

    @wraps(receiver)
    def gated_receiver(sender: Any, **kwargs: Any) -> Any:
        if owner_of(sender) or answers(receiver):
            return receiver(sender=sender, **kwargs)
        return None

    return key, gated_receiver, is_async
