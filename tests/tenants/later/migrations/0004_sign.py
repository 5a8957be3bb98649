from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("later", "0003_longer")]
    operations = [
        migrations.CreateModel(
            name="Sign",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=20)),
            ],
        ),
    ]
