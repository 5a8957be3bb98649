"""Not atomic: a kill between its statements would leave the first one's table."""

from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    operations = [
        migrations.RunSQL("CREATE TABLE later_torn (id integer)"),
        migrations.RunSQL("CREATE INDEX CONCURRENTLY later_index ON later_torn (id)"),
    ]
