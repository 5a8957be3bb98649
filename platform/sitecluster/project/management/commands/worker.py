"""Does what stands in the queue, for all sites."""

import argparse
import os
import signal
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from django.utils.translation import gettext as _

from sitecluster.tasks.worker import Worker
from tenants import directory
from tenants.readiness import require_upgraded

LOOK = 0.2  # seconds between two looks for a signal and at the parent


class Command(BaseCommand):
    help = "Runs the tasks of all sites until it gets a signal; what runs then is finished."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--threads", type=int, choices=range(1, 33), default=2, metavar="N",
            help="how many tasks may run at once, 1 to 32 (2)",
        )  # fmt: skip
        parser.add_argument(
            "--with-parent", action="store_true", help="end when the process that started it ends"
        )

    def handle(self, *, threads: int, with_parent: bool, **options: Any) -> None:
        parent = os.getppid() if with_parent else None
        require_upgraded()
        connection.close()
        directory.watch()
        worker = Worker(threads)
        self.told = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told)
        worker.start()
        self.stdout.write(_("The worker is ready."))
        sys.stdout.flush()
        while not self.told and (parent is None or os.getppid() == parent):
            time.sleep(LOOK)
        worker.stop()
        worker.wait()

    def _told(self, *_signal: Any) -> None:
        """Finish at the first signal, end at once at the second; the queue then recovers.

        It takes no lock: the code that it interrupts may hold it.
        """
        if self.told:
            os._exit(1)
        self.told = True
