from django.db import migrations, models

# Sites of before were made from the blueprint of their kind; party organs had none of their own.
FILL = """
UPDATE tenants_tenant SET blueprint_code = CASE kind WHEN 'party' THEN 'department' ELSE kind END
WHERE blueprint_version IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0005_pauses")]
    operations = [
        migrations.AddField(
            model_name="tenant",
            name="blueprint_code",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=40
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
