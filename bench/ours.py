"""The data of our side of a comparison, and the database that all benches start from."""

from django.conf import settings
from django.db import connection

from tenants import upgrading

from . import content, sites


def upgrade() -> None:
    """Migrate the shared schema and build the blueprints."""
    upgrading.upgrade()


def prepare(first: int, last: int, analyze: bool = True) -> None:
    """Make the sites from number ``first`` to ``last``; ``analyze`` for steady query plans."""
    content.save_picture(settings.MEDIA_ROOT)
    sites.make(sites.pattern(), first, last)
    if analyze:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
