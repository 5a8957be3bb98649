from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("later", "0002_notes")]
    operations = [
        migrations.AlterField("note", "text", models.CharField(max_length=300)),
        migrations.RunSQL("ALTER TABLE later_note ADD CHECK (text <> 'x')", "SELECT 1"),
    ]
