"""The data of plain Wagtail: every site's tree in the one schema. Runs in a process of its own."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import connection, transaction
from wagtail.models import Page, Site

from . import content, sites


def prepare(first: int, last: int) -> None:
    """Write the sites from number ``first`` to ``last``; the first call makes the tables."""
    content.save_picture(settings.MEDIA_ROOT)
    if first == 1:
        call_command(MigrateCommand(), interactive=False, verbosity=0, skip_checks=True)
        Site.objects.all().delete()
        Page.objects.filter(depth=2).delete()
    with transaction.atomic():
        for number in range(first, last + 1):
            content.write(sites.name(number), sites.host(number), number, is_default=False)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
