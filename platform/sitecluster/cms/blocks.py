"""The blocks of which an article's body is made.

Each block is drawn by ``cms/blocks/<name>.html`` of the site's theme.
"""

from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.list_block import ListValue
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock

TEXT_FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "document-link", "hr"]
TEXT_FEATURES.append("blockquote")

TABLE_OPTIONS = {"renderer": "text", "startRows": 3, "startCols": 3, "mergeCells": False}


def values_in(value: Any, kind: type[Any]) -> Iterator[Any]:
    """The values of ``kind``, such as pages or pictures, anywhere within a block's value."""
    if isinstance(value, kind):
        yield value
    elif isinstance(value, blocks.StreamValue | ListValue):
        for child in value:
            inner = child.value if isinstance(value, blocks.StreamValue) else child
            yield from values_in(inner, kind)
    elif isinstance(value, dict):
        for child in value.values():
            yield from values_in(child, kind)


class PictureBlock(blocks.StructBlock):
    """A picture; ``alt`` says for those who can't see it what it shows (GB/T 37668)."""

    image = ImageChooserBlock(label=_("Image"))
    caption = blocks.CharBlock(label=_("Caption"), required=False, max_length=200)
    alt = blocks.CharBlock(
        label=_("Text alternative"),
        required=False,
        max_length=200,
        help_text=_("What the picture shows. Leave empty for pure decoration."),
    )

    class Meta:
        icon = "image"
        label = _("Image")
        template = "cms/blocks/image.html"


class GalleryBlock(blocks.StructBlock):
    """Several pictures side by side."""

    images = blocks.ListBlock(PictureBlock(), label=_("Images"), min_num=1)

    class Meta:
        icon = "image"
        label = _("Gallery")
        template = "cms/blocks/gallery.html"


class CaptionedTableBlock(blocks.StructBlock):
    """A table that can be pasted from a spreadsheet."""

    caption = blocks.CharBlock(label=_("Caption"), required=False, max_length=200)
    table = TableBlock(label=_("Table"), table_options=TABLE_OPTIONS)

    class Meta:
        icon = "table"
        label = _("Table")
        template = "cms/blocks/table.html"


class FileBlock(blocks.StructBlock):
    """A document for download within the text."""

    document = DocumentChooserBlock(label=_("Document"))
    title = blocks.CharBlock(
        label=_("Title"),
        required=False,
        max_length=200,
        help_text=_("Leave empty to show the document's own title."),
    )

    class Meta:
        icon = "doc-full"
        label = _("File")
        template = "cms/blocks/file.html"


class VideoBlock(blocks.StructBlock):
    """A video among the site's documents, or a link to one elsewhere; never both."""

    title = blocks.CharBlock(label=_("Title"), max_length=200)
    document = DocumentChooserBlock(label=_("Video file"), required=False)
    url = blocks.URLBlock(label=_("Address"), required=False, help_text=_("Starts with https://."))
    transcript = blocks.TextBlock(
        label=_("Transcript"),
        required=False,
        help_text=_("The spoken words, for those who can't hear them."),
    )

    class Meta:
        icon = "media"
        label = _("Video")
        template = "cms/blocks/video.html"

    def clean(self, value: Any) -> Any:
        """Exactly one of file and address, and the address over https."""
        value = super().clean(value)
        document, url = value.get("document"), value.get("url")
        if bool(document) == bool(url):
            message = _("Choose a video file or give an address, one of the two.")
            raise StructBlockValidationError(non_block_errors=[message])
        if url and urlsplit(url).scheme != "https":
            error = ValidationError(_("The address must start with https://."))
            raise StructBlockValidationError(block_errors={"url": error})
        return value


class QuoteBlock(blocks.StructBlock):
    """Somebody's words."""

    text = blocks.TextBlock(label=_("Text"))
    attribution = blocks.CharBlock(label=_("Who said it"), required=False, max_length=200)

    class Meta:
        icon = "openquote"
        label = _("Quotation")
        template = "cms/blocks/quote.html"


class ArticleBody(blocks.StreamBlock):
    """The body of an article or a topic."""

    text = blocks.RichTextBlock(
        label=_("Text"),
        icon="pilcrow",
        features=TEXT_FEATURES,
        template="cms/blocks/text.html",
    )
    image = PictureBlock()
    gallery = GalleryBlock()
    table = CaptionedTableBlock()
    file = FileBlock()
    video = VideoBlock()
    quote = QuoteBlock()

    class Meta:
        block_counts: ClassVar[dict[str, Any]] = {}
