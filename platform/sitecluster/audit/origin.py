"""Where an act comes from: a request, a command or a task, and which address asked."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from django.conf import settings

from sitecluster.tenancy import serving

WEB = "web"
COMMAND, TASK = "command ", "task "
_working: ContextVar[str] = ContextVar("working", default="")


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say for the length of the block what this process is at, such as "task notify"."""
    token = _working.set(what)
    try:
        yield
    finally:
        _working.reset(token)


def origin() -> str:
    """Where the act under way comes from: "web", "command upgrade", "task …" or "process …"."""
    if _working.get():
        return _working.get()
    if serving():
        return WEB
    program = Path(sys.argv[0]).name if sys.argv else ""
    if program == "manage.py" and len(sys.argv) > 1:
        return COMMAND + sys.argv[1]
    return f"process {program}".rstrip()


def operator() -> str:
    """The name of the operating system's account under which this process runs, or ""."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # an id without a name, as in containers
        return ""


def client_address(request: Any) -> str | None:
    """The address of the client as text, or None where the server knows none.

    With ``TRUSTED_PROXIES`` servers in front, it is the entry of X-Forwarded-For that the
    outermost of them wrote; what clients put before it counts for nothing.
    """
    text = request.META.get("REMOTE_ADDR", "")
    count: int = getattr(settings, "TRUSTED_PROXIES", 0)
    if count:
        hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        text = hops[-count].strip() if len(hops) >= count else text
    try:
        return str(ip_address(text))
    except ValueError:
        return None
