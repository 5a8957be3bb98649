"""Work that goes on after the answer: put into the queue within the act that causes it.

    @task(retries=8)
    def deliver(item: str) -> None: ...

    deliver.enqueue(str(item.uuid))

The row joins the current transaction and carries the active site. The worker runs the function
in that site, in one transaction with the mark that it is done, so its traces in the database
appear once or not at all. What it does elsewhere (mail, other servers) can happen twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar, cast

from django_tasks import task as register
from django_tasks.base import Task

from sitecluster.plugins.registry import owner_of_module

P = ParamSpec("P")
T = TypeVar("T")
RETRIES = 5
PROMPT = 50
"""Tasks of this priority and above have a thread of their own beside those for any task."""
ON_TIME = 90
"""So have these once more: what is due at a moment, and short since it asks the database alone."""


class TaskRefused(Exception):
    """The task can't be done, and trying again won't help; the text is for the site's admins."""


@dataclass(frozen=True, kw_only=True)
class CarriedTask(Task[P, T]):
    """A function for the queue, Wagtail's own tasks included."""

    retries: int = RETRIES
    plugin: str = ""
    title: Any = ""

    @property
    def owner(self) -> str:
        """The app it is from, if plugins bring it; else empty."""
        return self.plugin or owner_of_module(self.func.__module__) or ""


def task(
    *, title: Any = "", retries: int = RETRIES, plugin: str = "", priority: int = 0
) -> Callable[[Callable[P, Any]], "CarriedTask[P, Any]"]:
    """Make a function of a module a task; arguments and result must be plain JSON values.

    ``title``, lazily translated, is what people read who see that it failed. ``retries`` is how
    often it is tried again after an error, first after about 2 seconds and then twice as long
    each time; `TaskRefused` ends it at once. The task of a plugin waits while the plugin is off
    at its site; ``plugin`` names it where the function lies elsewhere. ``priority`` goes from
    -100 to 100.
    """
    made: Any = register(title=title, retries=retries, plugin=plugin, priority=priority)
    return cast("Callable[[Callable[P, Any]], CarriedTask[P, Any]]", made)
