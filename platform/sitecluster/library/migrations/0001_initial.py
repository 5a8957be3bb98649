import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenants", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ColumnType",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=50, verbose_name="name")),
                (
                    "window_days",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Empty: no window.",
                        null=True,
                        verbose_name="update window in days",
                    ),
                ),
                ("evidence", models.CharField(default="V", max_length=1, verbose_name="evidence")),
            ],
            options={
                "verbose_name": "column type",
                "verbose_name_plural": "column types",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Item",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("page_id", models.BigIntegerField(help_text="primary key in the site's schema")),
                ("kind", models.CharField(max_length=40)),
                ("language", models.CharField(max_length=20)),
                ("translation_key", models.UUIDField()),
                (
                    "path",
                    models.CharField(
                        help_text="within the site, without its prefix", max_length=1000
                    ),
                ),
                ("column_path", models.CharField(blank=True, max_length=1000)),
                ("column_title", models.CharField(blank=True, max_length=255)),
                ("title", models.CharField(max_length=255)),
                ("summary", models.TextField(blank=True)),
                ("body_text", models.TextField(blank=True)),
                ("source", models.CharField(blank=True, max_length=255)),
                ("published_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("revision_hash", models.CharField(max_length=64)),
                (
                    "metadata",
                    models.JSONField(
                        default=dict, help_text="of a document: numbers, dates, validity"
                    ),
                ),
                (
                    "payload",
                    models.JSONField(
                        default=dict, help_text="what a copy on another site is made from"
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "item",
                "verbose_name_plural": "items",
                "indexes": [
                    models.Index(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=["tenant", "-published_at"],
                        name="live_items_of_a_site",
                    ),
                    models.Index(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=["-published_at"],
                        name="live_items",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "page_id"), name="one_item_a_page")
                ],
            },
        ),
    ]
