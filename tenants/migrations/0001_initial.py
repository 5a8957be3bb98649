import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Blueprint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("control", "Control site"),
                            ("portal", "Government portal"),
                            ("department", "Department"),
                            ("party", "Party or law organ"),
                            ("district", "District or county"),
                            ("township", "Township or street"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("fingerprint", models.CharField(max_length=64)),
                ("schema_name", models.CharField(max_length=63)),
                ("pre_data", models.TextField(help_text="DDL of tables and sequences")),
                ("rows", models.JSONField(help_text="table -> [columns, COPY text]")),
                ("post_data", models.TextField(help_text="DDL of indexes and constraints")),
                ("sequences", models.JSONField(help_text="sequence -> last value")),
                ("uuids", models.JSONField(help_text="values that every new site gets anew")),
                (
                    "items",
                    models.TextField(help_text="library rows of the live starter pages, as JSON"),
                ),
                (
                    "moments",
                    models.JSONField(
                        help_text="publish times of the starter articles -> minutes before the blueprint"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "blueprint",
                "verbose_name_plural": "blueprints",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "version"), name="one_blueprint_a_version"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Tenant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "code",
                    models.CharField(
                        max_length=40,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator("^[a-z][a-z0-9]*(-[a-z0-9]+)*\\Z")
                        ],
                        verbose_name="code",
                    ),
                ),
                ("schema_name", models.CharField(editable=False, max_length=63, unique=True)),
                ("name", models.CharField(max_length=100, verbose_name="legal name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("control", "Control site"),
                            ("portal", "Government portal"),
                            ("department", "Department"),
                            ("party", "Party or law organ"),
                            ("district", "District or county"),
                            ("township", "Township or street"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("approved", "Approved"),
                            ("building", "Building"),
                            ("live", "Live"),
                            ("offline", "Temporarily offline"),
                            ("readonly", "Read-only"),
                            ("closed", "Closed"),
                            ("removed", "Removed"),
                        ],
                        default="building",
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                (
                    "state_note",
                    models.TextField(blank=True, verbose_name="notice shown while not live"),
                ),
                ("theme", models.CharField(default="base", max_length=40, verbose_name="theme")),
                (
                    "plugins",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("blueprint_version", models.PositiveIntegerField(editable=False, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="tenants.tenant",
                        verbose_name="site above",
                    ),
                ),
            ],
            options={
                "verbose_name": "site",
                "verbose_name_plural": "sites",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Domain",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "host",
                    models.CharField(
                        max_length=253,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^(?=.{1,253}\\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\\Z"
                            )
                        ],
                        verbose_name="host",
                    ),
                ),
                (
                    "prefix",
                    models.CharField(
                        blank=True,
                        max_length=100,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^((/[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+)?\\Z"
                            )
                        ],
                        verbose_name="path prefix",
                    ),
                ),
                ("is_primary", models.BooleanField(default=True, verbose_name="primary")),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="domains",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "address",
                "verbose_name_plural": "addresses",
                "constraints": [
                    models.UniqueConstraint(fields=("host", "prefix"), name="one_site_an_address"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_primary", True)),
                        fields=("tenant",),
                        name="one_primary_address",
                    ),
                ],
            },
        ),
    ]
