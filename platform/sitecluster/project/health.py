"""``/healthz`` and ``/readyz``, for whoever watches over the processes: on the admin domain and its
hosts alone, before anything knows of a site or a session.

``/healthz`` asks nothing but the process. ``/readyz`` asks the database over a connection of its
own, within seconds and once a second at the most, however often it is called.
"""

import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.request import split_domain_port
from psycopg2.extensions import make_dsn

from sitecluster.postgres.url import libpq_parameters
from sitecluster.tasks.periods import MOST_SILENCE, WORKER
from tenants import migrating
from tenants.models import Kind, State

CONNECT_SECONDS, STATEMENT_SECONDS = 3, 3
KEPT_SECONDS = 1.0
Found = dict[str, Any]
# The oldest task that any worker could have begun. Those of sites that are behind or gone and of
# plugins wait for something else, and what has the lowest priority waits for everything else.
OLDEST = """
SELECT count(*), coalesce(extract(epoch FROM now() - min(greatest(
        task.enqueued_at, CASE WHEN task.run_after <= now() THEN task.run_after END))), 0)
FROM public.tasks_queuedtask queued
JOIN public.django_tasks_database_dbtaskresult task ON task.id = queued.dbtaskresult_ptr_id
LEFT JOIN public.tenants_tenant site ON site.id = queued.tenant_id
WHERE task.status = 'READY' AND task.priority >= 0 AND queued.plugin = ''
    AND (task.run_after <= now() OR task.run_after > now() + interval '100 years')
    AND (queued.tenant_id IS NULL OR site.state <> %s AND site.migration_state = %s)
"""
SEEN = "SELECT extract(epoch FROM now() - next_run) FROM public.tasks_period WHERE task_path = %s"
CONTROL = "SELECT count(*) FROM public.tenants_tenant WHERE kind = %s AND state <> %s"


class HealthMiddleware:
    """Answers the two paths on admin hosts; to be named first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = ANSWERS.get(request.path_info)
        if answer is None or not _is_admin_host(request):
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = answer()
        response.headers["Cache-Control"] = "no-store"
        return response


def _is_admin_host(request: HttpRequest) -> bool:
    host = split_domain_port(request._get_raw_host())[0].lower().rstrip(".")  # type: ignore[attr-defined]
    return f".{host}".endswith(f".{settings.ADMIN_DOMAIN}")


def alive() -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def ready() -> HttpResponse:
    """Each check with its figures; 503 if one of them fails."""
    checks = _kept()
    fit = all(check["ok"] for check in checks.values())
    body = {"status": "ok" if fit else "unavailable", "checks": checks}
    return JsonResponse(body, status=200 if fit else 503)


_lock = threading.Lock()
_last: tuple[float, dict[str, Found]] = (float("-inf"), {})


def _kept() -> dict[str, Found]:
    """The answer of a moment ago, or a new one; callers beside one another share it."""
    global _last
    with _lock:
        if time.monotonic() - _last[0] > KEPT_SECONDS:
            found = examine()
            _last = time.monotonic(), found
        return _last[1]


def examine() -> dict[str, Found]:
    """What `ready` says, now. Where the database doesn't answer the rest is unknown."""
    began = time.monotonic()
    try:
        with closing(_connect()) as own:
            own.autocommit = True
            with own.cursor() as cursor:
                cursor.execute("SELECT 1")
            milliseconds = round((time.monotonic() - began) * 1000)
            return {"database": {"ok": True, "milliseconds": milliseconds}, **check_all(own)}
    except (psycopg2.Error, UnicodeError):
        return {"database": {"ok": False}, **{name: {"ok": False} for name in CHECKS}}


def check_all(own: Any) -> dict[str, Found]:
    """The checks that ask the database, over the connection ``own``."""
    return {name: _checked(check, own) for name, check in CHECKS.items()}


def _connect() -> Any:
    parameters = libpq_parameters(connection.settings_dict)
    limits = f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout={STATEMENT_SECONDS}s"
    options = f"{parameters.pop('options', '')} {limits}".strip()
    parameters |= {"connect_timeout": str(CONNECT_SECONDS), "options": options}
    return psycopg2.connect(make_dsn(**parameters))


def _checked(check: Callable[[Any], Found], own: Any) -> Found:
    try:
        return check(own)
    except psycopg2.Error:  # a table that isn't there yet, or one that is locked for long
        return {"ok": False}


def _migrations(own: Any) -> Found:
    missing = len(migrating.shared_lacking(own))
    return {"ok": not missing, "missing": missing}


def _control(own: Any) -> Found:
    with own.cursor() as cursor:
        cursor.execute(CONTROL, [Kind.CONTROL, State.REMOVED])
        return {"ok": cursor.fetchone()[0] == 1}


def _queue(own: Any) -> Found:
    with own.cursor() as cursor:
        cursor.execute(OLDEST, [State.REMOVED, migrating.migration_state()])
        waiting, seconds = cursor.fetchone()
    most = settings.READY_QUEUE_SECONDS
    figures = {"waiting": waiting, "oldest_seconds": round(float(seconds)), "limit_seconds": most}
    return {"ok": seconds <= most, **figures}


def _worker(own: Any) -> Found:
    with own.cursor() as cursor:
        cursor.execute(SEEN, [WORKER])
        row = cursor.fetchone()
    if row is None:
        return {"ok": False}
    seconds = max(round(float(row[0])), 0)
    return {"ok": seconds <= MOST_SILENCE, "seen_seconds_ago": seconds}


CHECKS = {"migrations": _migrations, "control_site": _control, "queue": _queue, "worker": _worker}
ANSWERS = {"/healthz": alive, "/readyz": ready}
