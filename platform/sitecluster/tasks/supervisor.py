"""Keeps one worker running beside the web server: ``python -m sitecluster.tasks.supervisor PID``.

The web server of process PID is its parent. A worker that ends is started again; once the parent
is gone, or the supervisor is told to stop, the worker is stopped and gets time to finish what it
is at. It imports nothing of Django, so that it costs a few megabytes.
"""

import os
import signal
import subprocess
import sys
import time

LOOK = 0.2  # seconds between two looks at parent and worker
BEFORE_AGAIN = 2.0  # seconds before a worker that ended is started again
TO_FINISH = 60  # seconds that a worker gets to finish what it is at
WORKER = [sys.executable, "-m", "django", "worker", "--with-parent"]


def main(parent: int) -> None:
    """Run workers, one at a time, until the process ``parent`` has ended."""
    told: list[int] = []  # filled by signals; handlers take no lock
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _frame: told.append(got))

    def wanted() -> bool:
        return os.getppid() == parent and not told

    while wanted():
        worker = subprocess.Popen(WORKER)
        while worker.poll() is None and wanted():
            time.sleep(LOOK)
        if worker.poll() is None:
            _stop(worker)
        until = time.monotonic() + BEFORE_AGAIN
        while time.monotonic() < until and wanted():
            time.sleep(LOOK)


def _stop(worker: "subprocess.Popen[bytes]") -> None:
    worker.terminate()
    try:
        worker.wait(TO_FINISH)
    except subprocess.TimeoutExpired:
        worker.kill()


if __name__ == "__main__":
    main(int(sys.argv[1]))
