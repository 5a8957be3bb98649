"""The sections of which a front page is composed.

Each is drawn by ``components/home_<kind>.html`` of the site's theme. Those named in `HALVES` take
half the width, so that two stand side by side. A section without content of its own (`AUTOMATIC` in
theming/manifest.py) shows what the site has; `parts` knows how.
"""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.table_block.blocks import TableBlock

from sitecluster.cms.blocks import TABLE_OPTIONS
from sitecluster.theming.catalogue import current_theme, themes

from .blocks import (
    EntryBlock,
    FactBlock,
    FigureBlock,
    GroupBlock,
    LinkBlock,
    TaskBlock,
    column_block,
    number_block,
    title_block,
)

HALVES = frozenset({"list", "links", "office", "facts", "text", "table"})
TEXT_FEATURES = ["bold", "italic", "ol", "ul", "link", "document-link"]
# Where neither the theme nor an editor says what stands on a front page.
USUAL = ("banner", "news", "list", "topics", "friends")


class Section(blocks.StructBlock):
    """A section of a front page."""

    class Meta:
        icon = "grip"
        group = _("Whole width")


class Half(Section):
    """A section of half the width."""

    class Meta:
        group = _("Half width")


class SearchSection(Section):
    """The search, large, above the header picture."""

    title = title_block(_("Leave empty for “What are you looking for?”."))
    terms = blocks.ListBlock(
        blocks.CharBlock(label=_("Word"), max_length=20),
        label=_("Words often searched for"),
        default=[],
        max_num=8,
    )

    class Meta:
        icon = "search"
        label = _("Search")


class TasksSection(Section):
    """What people come for most, as cards above the header picture."""

    tasks = blocks.ListBlock(
        TaskBlock(),
        label=_("Tasks"),
        default=[],
        max_num=6,
        help_text=_("Leave empty to show the columns that have columns below them."),
    )

    class Meta:
        icon = "tasks"
        label = _("Tasks")


class BannerSection(Section):
    """The site's introduction and the header picture."""

    class Meta:
        icon = "image"
        label = _("Introduction and header picture")


class NewsSection(Section):
    """The newest articles, one of them with its picture."""

    title = title_block(_("Leave empty for the column's title."))
    column = column_block(_("Leave empty to show the newest of the whole site."))
    number = number_block(8)

    class Meta:
        icon = "doc-full"
        label = _("News with a picture")


class EntriesSection(Section):
    """The ways into the site: columns with the columns below them."""

    entries = blocks.ListBlock(
        EntryBlock(),
        label=_("Columns"),
        default=[],
        max_num=8,
        help_text=_("Leave empty to show the columns that have columns below them."),
    )

    class Meta:
        icon = "folder-open-inverse"
        label = _("Ways into the site")


class TopicsSection(Section):
    """The topics under way, newest first."""

    title = title_block()
    number = number_block(6, fewest=1)

    class Meta:
        icon = "tag"
        label = _("Topics")


class FiguresSection(Section):
    """Numbers with small bars."""

    title = title_block()
    column = column_block(_("Where “More” leads."))
    figures = blocks.ListBlock(FigureBlock(), label=_("Figures"), min_num=1, max_num=8)

    class Meta:
        icon = "order-up"
        label = _("Figures")


class SitesSection(Section):
    """The sites below this one, in groups."""

    title = title_block()
    groups = blocks.ListBlock(
        GroupBlock(),
        label=_("Groups"),
        default=[],
        help_text=_("Sites in no group follow by their kind, so that none is missing."),
    )

    class Meta:
        icon = "site"
        label = _("Sites of the family")


class FriendsSection(Section):
    """The links below the front page."""

    title = title_block()

    class Meta:
        icon = "link"
        label = _("Links to other sites")


class BandSection(Section):
    """The sections of half the width that follow stand on a ground of their own."""

    class Meta:
        icon = "horizontalrule"
        label = _("A new band")


class ListSection(Half):
    """The newest articles of a column."""

    title = title_block(_("Leave empty for the column's title."))
    column = column_block(
        _("Leave empty for a list of each column of the first level that is not on the page yet.")
    )
    number = number_block(5)
    with_sources = blocks.BooleanBlock(label=_("With sources"), required=False)

    class Meta:
        icon = "list-ul"
        label = _("List of a column")


class LinksSection(Half):
    """Entries without dates: the columns below a column, or what the editor names."""

    title = title_block(_("Leave empty for the column's title."))
    column = column_block(
        _("Shows the columns below it; leave empty for the column that has the most.")
    )
    links = blocks.ListBlock(LinkBlock(), label=_("Entries"), default=[], max_num=16)

    class Meta:
        icon = "link"
        label = _("Entries")


class OfficeSection(Half):
    """Where the office is, when it is open, how it is reached."""

    title = title_block()
    column = column_block(_("Where “More” leads."))
    lines = blocks.ListBlock(FactBlock(), label=_("More lines"), default=[], max_num=6)

    class Meta:
        icon = "mail"
        label = _("The office")


class FactsSection(Half):
    """A table of names and what they stand for, such as opening hours."""

    title = blocks.CharBlock(label=_("Heading"), max_length=60)
    column = column_block(_("Where “More” leads."))
    lines = blocks.ListBlock(FactBlock(), label=_("Lines"), min_num=1, max_num=10)

    class Meta:
        icon = "tag"
        label = _("Good to know")


class TextSection(Half):
    """A few sentences."""

    title = blocks.CharBlock(label=_("Heading"), max_length=60)
    column = column_block(_("Where “More” leads."))
    text = blocks.RichTextBlock(label=_("Text"), features=TEXT_FEATURES)

    class Meta:
        icon = "pilcrow"
        label = _("Text")


class TableSection(Half):
    """A small table."""

    title = blocks.CharBlock(label=_("Heading"), max_length=60)
    column = column_block(_("Where “More” leads."))
    caption = blocks.CharBlock(label=_("Caption"), required=False, default="", max_length=200)
    table = TableBlock(label=_("Table"), table_options=TABLE_OPTIONS)
    note = blocks.CharBlock(label=_("Remark"), required=False, default="", max_length=200)

    class Meta:
        icon = "table"
        label = _("Table")


class HomeSections(blocks.StreamBlock):
    """The sections of a front page, in their order."""

    search = SearchSection()
    tasks = TasksSection()
    banner = BannerSection()
    news = NewsSection()
    entries = EntriesSection()
    topics = TopicsSection()
    figures = FiguresSection()
    sites = SitesSection()
    friends = FriendsSection()
    band = BandSection()
    list = ListSection()
    links = LinksSection()
    office = OfficeSection()
    facts = FactsSection()
    text = TextSection()
    table = TableSection()

    class Meta:
        block_counts: ClassVar[dict[str, Any]] = {
            name: {"max_num": 1} for name in ("search", "tasks", "banner", "sites", "friends")
        }


def usual_sections() -> blocks.StreamValue:
    """The sections of a front page that nobody has composed: those that the site's theme names."""
    names = themes()[current_theme()].home or USUAL
    stream: blocks.StreamValue = HomeSections().to_python(
        [{"type": name, "value": {}} for name in names]
    )
    return stream
