"""What a command asks of the database before it begins; whatever is missing is one sentence."""

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from psycopg2.extensions import make_dsn

from sitecluster.postgres.checks import check_server
from sitecluster.postgres.errors import PostgresError
from sitecluster.postgres.url import libpq_parameters

from . import upgrading


def require_server() -> None:
    """Start the embedded server, or check the one of DATABASE_URL; raises CommandError."""
    try:
        if settings.EMBEDDED_POSTGRES:
            settings.EMBEDDED_POSTGRES.ensure_running()
        else:
            check_server(make_dsn(**libpq_parameters(connection.settings_dict)))
    except PostgresError as error:
        raise CommandError(error.translated()) from None


def require_upgraded() -> None:
    """Raise CommandError unless the database is what this code expects."""
    require_server()
    sentence = upgrading.missing()
    if sentence:
        raise CommandError(sentence)
