"""Runs the platform on one machine with a production web server and a worker."""

import argparse
import os
import subprocess
import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext as _

from sitecluster.project.config import config
from sitecluster.project.web_role import web_environment
from sitecluster.tasks import supervisor
from sitecluster.theming.inspection import name_broken
from tenants.readiness import require_upgraded


class Command(BaseCommand):
    help = (
        "Serves all sites with gunicorn, WEB_WORKERS processes of WEB_THREADS threads,"
        " and runs their tasks in one process more."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--bind", default=f"127.0.0.1:{config.public_port}", metavar="HOST:PORT"
        )
        parser.add_argument(
            "--no-worker", action="store_true", help="the tasks' worker runs elsewhere"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        bind = options["bind"]
        host, _colon, port = bind.rpartition(":")
        if not (host and port.isdigit() and 0 < int(port) < 65536) or "/" in host:
            raise CommandError(_("--bind must be HOST:PORT, not %s.") % bind)
        require_upgraded()
        name_broken(self.stderr.write)
        call_command("collectstatic", interactive=False, verbosity=0)
        connection.close()
        self.stdout.write(_("Serving; Ctrl-C ends it."))
        sys.stdout.flush()
        if not options["no_worker"]:
            subprocess.Popen([sys.executable, "-m", supervisor.__name__, str(os.getpid())])
        command = [sys.executable, "-m", "gunicorn", *gunicorn_options(bind)]
        os.execve(sys.executable, command, web_environment(os.environ))


def gunicorn_options(bind: str) -> list[str]:
    """The web server's command line."""
    return [
        "sitecluster.project.wsgi:application",
        f"--bind={bind}",
        "--worker-class=gthread",
        f"--workers={config.web_workers}",
        f"--threads={config.web_threads}",
        "--keep-alive=5",
        "--max-requests=20000",
        "--max-requests-jitter=2000",
        "--log-level=warning",
    ]
