import django.core.validators
import django.db.models.deletion
import modelcluster.fields
import sitecluster.cms.articles
import uuid
import wagtail.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("library", "0002_column_types"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtaildocs", "0014_alter_document_file_size"),
        ("wagtailimages", "0027_image_description"),
    ]

    operations = [
        migrations.CreateModel(
            name="HomePage",
            fields=[
                (
                    "page_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to=settings.WAGTAIL_PAGE_MODEL,
                    ),
                ),
                ("intro", models.TextField(blank=True, verbose_name="introduction")),
            ],
            options={
                "verbose_name": "home page",
                "verbose_name_plural": "home pages",
            },
            bases=("wagtailcore.page",),
        ),
        migrations.CreateModel(
            name="LinkPage",
            fields=[
                (
                    "page_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to=settings.WAGTAIL_PAGE_MODEL,
                    ),
                ),
                (
                    "url",
                    models.URLField(
                        max_length=1000,
                        validators=[django.core.validators.URLValidator(schemes=("http", "https"))],
                        verbose_name="address",
                    ),
                ),
            ],
            options={
                "verbose_name": "external link",
                "verbose_name_plural": "external links",
            },
            bases=("wagtailcore.page",),
        ),
        migrations.CreateModel(
            name="ArticlePage",
            fields=[
                (
                    "page_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to=settings.WAGTAIL_PAGE_MODEL,
                    ),
                ),
                ("subtitle", models.CharField(blank=True, max_length=255, verbose_name="subtitle")),
                ("source", models.CharField(max_length=255, verbose_name="source")),
                ("author", models.CharField(blank=True, max_length=100, verbose_name="author")),
                (
                    "origin",
                    models.CharField(
                        choices=[("original", "Original"), ("reprint", "Reprint")],
                        default="original",
                        max_length=20,
                        verbose_name="origin",
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(
                        default=sitecluster.cms.articles.this_minute,
                        null=True,
                        verbose_name="publish time",
                    ),
                ),
                ("summary", models.TextField(blank=True, verbose_name="summary")),
                ("keywords", models.CharField(blank=True, max_length=255, verbose_name="keywords")),
                (
                    "body",
                    wagtail.fields.StreamField(
                        [
                            ("text", 0),
                            ("image", 4),
                            ("gallery", 6),
                            ("table", 8),
                            ("file", 11),
                            ("video", 16),
                            ("quote", 19),
                        ],
                        blank=True,
                        block_lookup={
                            0: (
                                "wagtail.blocks.RichTextBlock",
                                (),
                                {
                                    "features": [
                                        "h2",
                                        "h3",
                                        "bold",
                                        "italic",
                                        "ol",
                                        "ul",
                                        "link",
                                        "document-link",
                                        "hr",
                                        "blockquote",
                                    ],
                                    "icon": "pilcrow",
                                    "label": "Text",
                                    "template": "cms/blocks/text.html",
                                },
                            ),
                            1: ("wagtail.images.blocks.ImageChooserBlock", (), {"label": "Image"}),
                            2: (
                                "wagtail.blocks.CharBlock",
                                (),
                                {"label": "Caption", "max_length": 200, "required": False},
                            ),
                            3: (
                                "wagtail.blocks.CharBlock",
                                (),
                                {
                                    "help_text": "What the picture shows. Leave empty for pure decoration.",
                                    "label": "Text alternative",
                                    "max_length": 200,
                                    "required": False,
                                },
                            ),
                            4: (
                                "wagtail.blocks.StructBlock",
                                [[("image", 1), ("caption", 2), ("alt", 3)]],
                                {},
                            ),
                            5: (
                                "wagtail.blocks.ListBlock",
                                (4,),
                                {"label": "Images", "min_num": 1},
                            ),
                            6: ("wagtail.blocks.StructBlock", [[("images", 5)]], {}),
                            7: (
                                "wagtail.contrib.table_block.blocks.TableBlock",
                                (),
                                {
                                    "label": "Table",
                                    "table_options": {
                                        "mergeCells": False,
                                        "renderer": "text",
                                        "startCols": 3,
                                        "startRows": 3,
                                    },
                                },
                            ),
                            8: ("wagtail.blocks.StructBlock", [[("caption", 2), ("table", 7)]], {}),
                            9: (
                                "wagtail.documents.blocks.DocumentChooserBlock",
                                (),
                                {"label": "Document"},
                            ),
                            10: (
                                "wagtail.blocks.CharBlock",
                                (),
                                {
                                    "help_text": "Leave empty to show the document's own title.",
                                    "label": "Title",
                                    "max_length": 200,
                                    "required": False,
                                },
                            ),
                            11: (
                                "wagtail.blocks.StructBlock",
                                [[("document", 9), ("title", 10)]],
                                {},
                            ),
                            12: (
                                "wagtail.blocks.CharBlock",
                                (),
                                {"label": "Title", "max_length": 200},
                            ),
                            13: (
                                "wagtail.documents.blocks.DocumentChooserBlock",
                                (),
                                {"label": "Video file", "required": False},
                            ),
                            14: (
                                "wagtail.blocks.URLBlock",
                                (),
                                {
                                    "help_text": "Starts with https://.",
                                    "label": "Address",
                                    "required": False,
                                },
                            ),
                            15: (
                                "wagtail.blocks.TextBlock",
                                (),
                                {
                                    "help_text": "The spoken words, for those who can't hear them.",
                                    "label": "Transcript",
                                    "required": False,
                                },
                            ),
                            16: (
                                "wagtail.blocks.StructBlock",
                                [
                                    [
                                        ("title", 12),
                                        ("document", 13),
                                        ("url", 14),
                                        ("transcript", 15),
                                    ]
                                ],
                                {},
                            ),
                            17: ("wagtail.blocks.TextBlock", (), {"label": "Text"}),
                            18: (
                                "wagtail.blocks.CharBlock",
                                (),
                                {"label": "Who said it", "max_length": 200, "required": False},
                            ),
                            19: (
                                "wagtail.blocks.StructBlock",
                                [[("text", 17), ("attribution", 18)]],
                                {},
                            ),
                        },
                        verbose_name="text",
                    ),
                ),
                (
                    "lead_image",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailimages.image",
                        verbose_name="lead image",
                    ),
                ),
            ],
            options={
                "verbose_name": "article",
                "verbose_name_plural": "articles",
            },
            bases=("wagtailcore.page",),
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("translation_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("sort_order", models.IntegerField(blank=True, editable=False, null=True)),
                (
                    "title",
                    models.CharField(
                        blank=True,
                        help_text="Leave empty to show the document's own title.",
                        max_length=255,
                        verbose_name="title",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="wagtaildocs.document",
                        verbose_name="document",
                    ),
                ),
                (
                    "locale",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtailcore.locale",
                        verbose_name="locale",
                    ),
                ),
                (
                    "page",
                    modelcluster.fields.ParentalKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="cms.articlepage",
                    ),
                ),
            ],
            options={
                "verbose_name": "attachment",
                "verbose_name_plural": "attachments",
                "ordering": ["sort_order"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ColumnPage",
            fields=[
                (
                    "page_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to=settings.WAGTAIL_PAGE_MODEL,
                    ),
                ),
                ("owner_unit", models.CharField(max_length=100, verbose_name="owner unit")),
                (
                    "update_frequency",
                    models.CharField(
                        choices=[
                            ("on_change", "Whenever something changes"),
                            ("daily", "Daily"),
                            ("weekly", "Weekly"),
                            ("fortnightly", "Every two weeks"),
                            ("monthly", "Monthly"),
                            ("quarterly", "Quarterly"),
                            ("half_yearly", "Every half year"),
                            ("yearly", "Yearly"),
                        ],
                        default="on_change",
                        max_length=20,
                        verbose_name="update frequency",
                    ),
                ),
                (
                    "must_have",
                    models.BooleanField(
                        default=False,
                        help_text="Columns that every site of this kind has to keep (A-210).",
                        verbose_name="must-have column",
                    ),
                ),
                ("description", models.TextField(verbose_name="description")),
                ("keywords", models.CharField(max_length=255, verbose_name="keywords")),
                (
                    "column_type",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="library.columntype",
                        verbose_name="column type",
                    ),
                ),
            ],
            options={
                "verbose_name": "column",
                "verbose_name_plural": "columns",
            },
            bases=("wagtailcore.page",),
        ),
        migrations.CreateModel(
            name="SiteIdentity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "legal_name",
                    models.CharField(blank=True, max_length=100, verbose_name="legal name"),
                ),
                (
                    "host_unit",
                    models.CharField(blank=True, max_length=100, verbose_name="host unit"),
                ),
                (
                    "organiser",
                    models.CharField(blank=True, max_length=100, verbose_name="organiser"),
                ),
                (
                    "contact_phone",
                    models.CharField(blank=True, max_length=50, verbose_name="telephone"),
                ),
                (
                    "contact_email",
                    models.EmailField(blank=True, max_length=254, verbose_name="email address"),
                ),
                (
                    "address",
                    models.CharField(blank=True, max_length=200, verbose_name="postal address"),
                ),
                (
                    "site_id_code",
                    models.CharField(
                        blank=True,
                        max_length=10,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^(\\d{10}|bm\\d{8}|N\\d{9})\\Z",
                                "The code has ten digits, or starts with bm or N.",
                            )
                        ],
                        verbose_name="site identification code",
                    ),
                ),
                (
                    "icp_number",
                    models.CharField(blank=True, max_length=50, verbose_name="ICP filing number"),
                ),
                (
                    "police_number",
                    models.CharField(
                        blank=True, max_length=50, verbose_name="police filing number"
                    ),
                ),
                (
                    "mark_code",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        verbose_name="code of the mark of party and government organs",
                    ),
                ),
                (
                    "copyright",
                    models.CharField(blank=True, max_length=200, verbose_name="copyright notice"),
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
                "verbose_name": "site identity",
                "verbose_name_plural": "site identities",
            },
        ),
        migrations.CreateModel(
            name="TopicPage",
            fields=[
                (
                    "page_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to=settings.WAGTAIL_PAGE_MODEL,
                    ),
                ),
                ("summary", models.TextField(blank=True, verbose_name="summary")),
                ("opens_on", models.DateField(blank=True, null=True, verbose_name="opens on")),
                ("closes_on", models.DateField(blank=True, null=True, verbose_name="closes on")),
                (
                    "body",
                    wagtail.fields.StreamField(
                        [
                            ("text", 0),
                            ("image", 4),
                            ("gallery", 6),
                            ("table", 8),
                            ("file", 11),
                            ("video", 16),
                            ("quote", 19),
                        ],
                        blank=True,
                        block_lookup={
                            0: (
                                "wagtail.blocks.RichTextBlock",
                                (),
                                {
                                    "features": [
                                        "h2",
                                        "h3",
                                        "bold",
                                        "italic",
                                        "ol",
                                        "ul",
                                        "link",
                                        "document-link",
                                        "hr",
                                        "blockquote",
                                    ],
                                    "icon": "pilcrow",
                                    "label": "Text",
                                    "template": "cms/blocks/text.html",
                                },
                            ),
                            1: ("wagtail.images.blocks.ImageChooserBlock", (), {"label": "Image"}),
                            2: (
                                "wagtail.blocks.CharBlock",
                                (),
                                {"label": "Caption", "max_length": 200, "required": False},
                            ),
                            3: (
                                "wagtail.blocks.CharBlock",
                                (),
                                {
                                    "help_text": "What the picture shows. Leave empty for pure decoration.",
                                    "label": "Text alternative",
                                    "max_length": 200,
                                    "required": False,
                                },
                            ),
                            4: (
                                "wagtail.blocks.StructBlock",
                                [[("image", 1), ("caption", 2), ("alt", 3)]],
                                {},
                            ),
                            5: (
                                "wagtail.blocks.ListBlock",
                                (4,),
                                {"label": "Images", "min_num": 1},
                            ),
                            6: ("wagtail.blocks.StructBlock", [[("images", 5)]], {}),
                            7: (
                                "wagtail.contrib.table_block.blocks.TableBlock",
                                (),
                                {
                                    "label": "Table",
                                    "table_options": {
                                        "mergeCells": False,
                                        "renderer": "text",
                                        "startCols": 3,
                                        "startRows": 3,
                                    },
                                },
                            ),
                            8: ("wagtail.blocks.StructBlock", [[("caption", 2), ("table", 7)]], {}),
                            9: (
                                "wagtail.documents.blocks.DocumentChooserBlock",
                                (),
                                {"label": "Document"},
                            ),
                            10: (
                                "wagtail.blocks.CharBlock",
                                (),
                                {
                                    "help_text": "Leave empty to show the document's own title.",
                                    "label": "Title",
                                    "max_length": 200,
                                    "required": False,
                                },
                            ),
                            11: (
                                "wagtail.blocks.StructBlock",
                                [[("document", 9), ("title", 10)]],
                                {},
                            ),
                            12: (
                                "wagtail.blocks.CharBlock",
                                (),
                                {"label": "Title", "max_length": 200},
                            ),
                            13: (
                                "wagtail.documents.blocks.DocumentChooserBlock",
                                (),
                                {"label": "Video file", "required": False},
                            ),
                            14: (
                                "wagtail.blocks.URLBlock",
                                (),
                                {
                                    "help_text": "Starts with https://.",
                                    "label": "Address",
                                    "required": False,
                                },
                            ),
                            15: (
                                "wagtail.blocks.TextBlock",
                                (),
                                {
                                    "help_text": "The spoken words, for those who can't hear them.",
                                    "label": "Transcript",
                                    "required": False,
                                },
                            ),
                            16: (
                                "wagtail.blocks.StructBlock",
                                [
                                    [
                                        ("title", 12),
                                        ("document", 13),
                                        ("url", 14),
                                        ("transcript", 15),
                                    ]
                                ],
                                {},
                            ),
                            17: ("wagtail.blocks.TextBlock", (), {"label": "Text"}),
                            18: (
                                "wagtail.blocks.CharBlock",
                                (),
                                {"label": "Who said it", "max_length": 200, "required": False},
                            ),
                            19: (
                                "wagtail.blocks.StructBlock",
                                [[("text", 17), ("attribution", 18)]],
                                {},
                            ),
                        },
                        verbose_name="text",
                    ),
                ),
                (
                    "lead_image",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailimages.image",
                        verbose_name="lead image",
                    ),
                ),
            ],
            options={
                "verbose_name": "topic",
                "verbose_name_plural": "topics",
            },
            bases=("wagtailcore.page",),
        ),
        migrations.AddIndex(
            model_name="articlepage",
            index=models.Index(fields=["-published_at"], name="newest_articles"),
        ),
        migrations.AlterUniqueTogether(
            name="attachment",
            unique_together={("translation_key", "locale")},
        ),
    ]
