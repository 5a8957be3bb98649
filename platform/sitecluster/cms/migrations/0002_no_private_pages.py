from django.db import migrations

TABLES = ["wagtailcore_pageviewrestriction", "wagtailcore_collectionviewrestriction"]


class Migration(migrations.Migration):
    """The database refuses every row that restricts who may view a page or a collection.

    Public hosts know no session, so nothing on them can be private.
    """

    dependencies = [("cms", "0001_initial"), ("wagtailcore", "0098_apitoken")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE {table} ADD CONSTRAINT nothing_is_private CHECK (false) NOT VALID",
            f"ALTER TABLE {table} DROP CONSTRAINT nothing_is_private",
        )
        for table in TABLES
    ]
