"""`manage.py postgres start|stop|status|psql`."""

import os
import shutil
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from psycopg2.extensions import make_dsn

from sitecluster.postgres.embedded import Embedded
from sitecluster.postgres.errors import PostgresError
from sitecluster.postgres.programs import program
from sitecluster.postgres.url import libpq_parameters


class Command(BaseCommand):
    """Runs the embedded server; opens psql on the database in use, whichever that is."""

    help = "Start, stop or show the embedded PostgreSQL, or open psql on the database in use."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the four actions."""
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("start", help="start it and wait until it takes connections")
        actions.add_parser("stop", help="shut it down")
        actions.add_parser("status", help="say whether it runs; exit code 3 if not")
        actions.add_parser("psql", help="open psql; what follows is handed to it")

    def run_from_argv(self, argv: list[str]) -> None:
        """Keep psql's own options away from argparse."""
        self.psql_arguments: list[str] = []
        if argv[2:3] == ["psql"] and argv[3:] != ["--help"]:
            argv, self.psql_arguments = argv[:3], argv[3:]
        super().run_from_argv(argv)

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        """Run one action; every failure is one sentence."""
        try:
            if action == "psql":
                self._psql()
            elif not settings.EMBEDDED_POSTGRES:
                self._say_external(action)
            else:
                {"start": self._start, "stop": self._stop, "status": self._status}[action]()
        except PostgresError as error:
            raise CommandError(error.translated()) from error

    @property
    def _server(self) -> Embedded:
        server: Embedded | None = settings.EMBEDDED_POSTGRES
        assert server is not None
        return server

    def _start(self) -> None:
        connection = self._server.ensure_running()
        self.stdout.write(_("PostgreSQL is running: %(dsn)s") % {"dsn": connection.dsn()})

    def _stop(self) -> None:
        stopped = self._server.stop()
        self.stdout.write(_("PostgreSQL has stopped.") if stopped else _("PostgreSQL did not run."))

    def _status(self) -> None:
        status = self._server.status()
        if status is None:
            raise CommandError(_("PostgreSQL does not run."), returncode=3)
        if not status.accepting:
            raise CommandError(_("PostgreSQL is starting up or shutting down."), returncode=3)
        self.stdout.write(
            _("PostgreSQL is running (process %(pid)d): %(dsn)s")
            % {"pid": status.pid, "dsn": status.connection.dsn()}
        )

    def _say_external(self, action: str) -> None:
        host = settings.DATABASES["default"]["HOST"] or "localhost"
        sentence = _(
            "DATABASE_URL is set: the platform uses the server at %(host)s, "
            "which this command neither starts nor stops."
        ) % {"host": host}
        if action == "status":
            self.stdout.write(sentence)
        else:
            raise CommandError(sentence)

    def _psql(self) -> None:
        """Replace this process by psql; a password goes by the environment, not the arguments."""
        if settings.EMBEDDED_POSTGRES:
            parameters = self._server.ensure_running().libpq()
        else:
            parameters = libpq_parameters(settings.DATABASES["default"])
        environment = dict(os.environ)
        if password := parameters.pop("password", ""):
            environment["PGPASSWORD"] = password
        psql = _find_psql()
        self.stdout.flush()
        os.execve(psql, [psql, "-d", make_dsn(**parameters), *self.psql_arguments], environment)


def _find_psql() -> str:
    try:
        return str(program("psql"))
    except PostgresError:
        installed = shutil.which("psql")
        if installed is None:
            raise
        return installed
