"""The process that does what stands in the queue, for all sites.

Its threads have a database connection each: some take any task, one only what is prompt, one
keeps appointments and cares for the queue, one seals the audit trail.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from functools import partial

from django.db import connections

from sitecluster.audit.sealing import seal
from sitecluster.tenancy import connection, shared_context

from . import appointments, periods
from .claiming import Carriage, claim, waiting
from .queue import ON_TIME, PROMPT
from .running import attempt, recover

logger = logging.getLogger(__name__)
POLL = 0.25  # seconds between two looks into an empty queue
CARE = 1.0  # seconds between two looks after what waits, recurs or was left by dead workers
AFTER_ERROR = 2.0  # seconds until the next try when the database is away
Step = Callable[[], float]
"""Does something, and returns how many seconds to wait before doing it again."""


class Worker:
    """Runs tasks until it is told to stop."""

    def __init__(self, threads: int = 2) -> None:
        """``threads`` is how many tasks may run at once, beside those that are prompt."""
        self.stopping = threading.Event()
        self.blocked: set[Carriage] = set()
        name = f"{socket.gethostname()[:40]}:{os.getpid()}"
        steps: dict[str, Step] = {
            "clock": self._clock(f"{name}:clock"),
            "prompt": partial(self._work, f"{name}:prompt", PROMPT),
        }
        for number in range(threads):
            steps[f"task-{number}"] = partial(self._work, f"{name}:{number}")
        steps["seal"] = _seal
        self.threads = [
            threading.Thread(target=self._run, args=(step,), name=name, daemon=True)
            for name, step in steps.items()
        ]

    def start(self) -> None:
        """Begin to work."""
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """Take nothing new; what runs is finished first."""
        self.stopping.set()

    def wait(self) -> None:
        """Return when everything is finished."""
        for thread in self.threads:
            thread.join()

    def _run(self, step: Step) -> None:
        while not self.stopping.is_set():
            try:
                connection.recycle()
                pause = step()
            except Exception:  # nothing else would do the work of this thread
                logger.warning("The worker goes on in a moment.", exc_info=True)
                connections.close_all()
                pause = AFTER_ERROR
            self.stopping.wait(pause)
        connections.close_all()

    def _work(self, worker_id: str, at_least: int = -100) -> float:
        task = claim(worker_id, self.blocked, at_least)
        if task is None:
            return POLL
        attempt(task)
        return 0.0

    def _clock(self, worker_id: str) -> Step:
        """Keeps appointments and cares for the queue."""
        cared = 0.0

        def tick() -> float:
            nonlocal cared
            if time.monotonic() - cared >= CARE:
                cared = time.monotonic()
                recover()
                periods.begin_due()
                periods.tell_alive()
                self.blocked = waiting()
            appointments.call_due()
            return self._work(worker_id, ON_TIME)

        return tick


def _seal() -> float:
    with shared_context():
        seal()
    return CARE


def work_off(limit: int = 1000) -> int:
    """Do in this thread what can be done now, one task after another; returns how many attempts.

    For tests; due appointments are called first.
    """
    appointments.call_due()
    for done in range(limit):
        task = claim("work-off", waiting())
        if task is None:
            return done
        attempt(task)
    return limit
