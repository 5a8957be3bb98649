import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import sitecluster.feedback.models
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [
        migrations.CreateModel(
            name="FeedbackSettings",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "contact_days",
                    models.PositiveIntegerField(
                        default=90,
                        help_text="Counted from the day on which the message was closed.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(3650),
                        ],
                        verbose_name="days for which contact details are kept",
                    ),
                ),
                (
                    "message_days",
                    models.PositiveIntegerField(
                        default=730,
                        help_text="Counted from the day on which the message was closed. Monitoring looks at those of the last year.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(3650),
                        ],
                        verbose_name="days for which messages are kept",
                    ),
                ),
                (
                    "site",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="wagtailcore.site",
                    ),
                ),
            ],
            options={
                "verbose_name": "settings of feedback",
                "verbose_name_plural": "settings of feedback",
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.CharField(editable=False, max_length=24, verbose_name="receipt number"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("inaccurate", "Something isn't right"),
                            ("typo", "A wrong character or a slip of the pen"),
                            ("unreachable", "A page or a link can't be opened"),
                            ("outdated", "Content isn't kept up to date"),
                            ("unanswered", "A question was left without an answer"),
                            ("forged", "False or forged content"),
                            ("other", "Another error"),
                            ("suggestion", "A suggestion"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "place",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="address of the page"
                    ),
                ),
                ("text", models.TextField(max_length=2000, verbose_name="message")),
                (
                    "contact",
                    models.CharField(blank=True, max_length=100, verbose_name="contact details"),
                ),
                (
                    "language",
                    models.CharField(editable=False, max_length=10, verbose_name="language"),
                ),
                (
                    "sent_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        editable=False,
                        verbose_name="received at",
                    ),
                ),
                (
                    "due_on",
                    models.DateField(
                        default=sitecluster.feedback.models.answer_due,
                        editable=False,
                        verbose_name="to be answered by",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("in_hand", "In hand"),
                            ("answered", "Answered"),
                            ("dismissed", "No case for this site"),
                        ],
                        default="received",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "answer",
                    models.TextField(
                        blank=True,
                        help_text="Shown to whoever asks with the receipt number.",
                        max_length=2000,
                        verbose_name="answer",
                    ),
                ),
                (
                    "note",
                    models.TextField(
                        blank=True,
                        help_text="For the people of this site; never shown to the public.",
                        max_length=2000,
                        verbose_name="handling note",
                    ),
                ),
                (
                    "closed_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="closed at"
                    ),
                ),
                ("form", models.CharField(editable=False, max_length=64)),
                ("sender", models.CharField(blank=True, editable=False, max_length=64)),
            ],
            options={
                "verbose_name": "message",
                "verbose_name_plural": "messages",
                "ordering": ["-sent_at", "-pk"],
                "default_permissions": ("view", "change", "delete"),
                "indexes": [
                    models.Index(fields=["state", "-sent_at"], name="feedback_by_state"),
                    models.Index(fields=["sender"], name="feedback_by_sender"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("number",), name="feedback_one_number"),
                    models.UniqueConstraint(fields=("form",), name="feedback_once_a_form"),
                ],
            },
        ),
    ]
