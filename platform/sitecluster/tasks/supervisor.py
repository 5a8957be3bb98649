"""Keeps one worker running beside the web server: ``python -m sitecluster.tasks.supervisor PID``.

The web server of process PID is its parent. A worker that ends is started again; once the parent
is gone, or the supervisor is told to stop, the worker is stopped and gets time to finish what it
is at. It imports nothing of Django, so that it costs a few megabytes.
"""

import os
import signal
import subprocess
import sys
import threading
import time

LOOK = 0.2  # seconds between two looks at parent and worker
BEFORE_AGAIN = 2.0  # seconds before a worker that ended is started again
TO_FINISH = 60  # seconds that a worker gets to finish what it is at
WORKER = [sys.executable, "-m", "django", "worker", "--with-parent"]


def main(parent: int) -> None:
    """Run workers, one at a time, until the process ``parent`` has ended."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, lambda *_: stopping.set())
    while os.getppid() == parent and not stopping.is_set():
        worker = subprocess.Popen(WORKER)
        while worker.poll() is None and os.getppid() == parent and not stopping.wait(LOOK):
            pass
        if worker.poll() is None:
            _stop(worker)
        else:
            _pause(parent, stopping)


def _pause(parent: int, stopping: threading.Event) -> None:
    until = time.monotonic() + BEFORE_AGAIN
    while time.monotonic() < until and os.getppid() == parent and not stopping.wait(LOOK):
        pass


def _stop(worker: "subprocess.Popen[bytes]") -> None:
    worker.terminate()
    try:
        worker.wait(TO_FINISH)
    except subprocess.TimeoutExpired:
        worker.kill()


if __name__ == "__main__":
    main(int(sys.argv[1]))
