from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0001_initial"),
    ]

    operations = [
        migrations.RenameField("appointment", "refusals", "calls"),
        migrations.AlterField(
            "appointment",
            "calls",
            models.PositiveSmallIntegerField(default=0, help_text="how often the task was called"),
        ),
    ]
