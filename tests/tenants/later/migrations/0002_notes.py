"""Rows with a deferred constraint, over which the next migration's ALTER TABLE would stumble."""

import os
import time

from django.db import migrations


def write(apps, schema_editor):
    """A note for each page; as slow as a kill needs it."""
    note, page = apps.get_model("later", "Note"), apps.get_model("wagtailcore", "Page")
    for found in page.objects.order_by("pk"):
        note.objects.create(page=found, text=found.title)
    time.sleep(float(os.environ.get("LATER_SECONDS", "0")))


class Migration(migrations.Migration):
    dependencies = [("later", "0001_initial")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
