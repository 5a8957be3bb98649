"""One piece of work after another, each in a forked process of its own, several at once.

Migrating is Python's own work, so threads would take turns. A fork shares the loaded code and
the graph of migrations, which a new interpreter takes two seconds to load; it ends with its one
piece of work, so whatever it held in memory goes with it, and a crash is one failure. Each knows
all it needs when it begins: if the parent is killed, it ends its work and goes.
"""

import multiprocessing
import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

from django.db import connections
from django.utils.translation import gettext as _

T = TypeVar("T")
FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Ended(Generic[T]):
    """What became of a piece of work; ``error`` and ``trace`` are empty if it went well."""

    item: T
    error: str = ""
    trace: str = ""


def each(work: Callable[[T], object], items: Iterable[T], jobs: int) -> Iterator[Ended[T]]:
    """Call ``work`` with each item, ``jobs`` at once, and yield what became of it as it ends.

    What is left when the caller stops is terminated: a transaction under way is rolled back.
    """
    waiting = deque(items)
    running: dict[Connection, tuple[T, BaseProcess]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                item = waiting.popleft()
                pipe, process = _start(work, item)
                running[pipe] = item, process
            for ready in wait(list(running)):
                assert isinstance(ready, Connection)
                item, process = running.pop(ready)
                yield Ended(item, *_result(ready, process))
    finally:
        for _item, process in running.values():
            process.terminate()
        for _item, process in running.values():
            process.join()


def _start(work: Callable[[T], object], item: T) -> tuple[Connection, BaseProcess]:
    ours, theirs = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_child, args=(work, item, theirs))
    process.start()
    theirs.close()  # so that the pipe ends with the child, whatever ends it
    return ours, process


def _child(work: Callable[[T], object], item: T, pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for alias in connections:
        with suppress(AttributeError):  # none is open
            del connections[alias]  # the parent's; closing it would end the parent's session
    try:
        work(item)
        pipe.send(("", ""))
    except Exception as error:
        pipe.send((str(error) or type(error).__name__, traceback.format_exc()))
    finally:
        connections.close_all()


def _result(pipe: Connection, process: BaseProcess) -> tuple[str, str]:
    try:
        error, trace = pipe.recv()
    except EOFError:
        error = trace = ""
    pipe.close()
    process.join()
    if process.exitcode and not error:
        error = _("Its process ended with the code %d.") % process.exitcode
    return error, trace
