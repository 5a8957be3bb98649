"""The sections of which a front page is composed.

Each is drawn by ``components/home_<kind>.html`` of the site's theme. Those named in `HALVES` take
half the width, so that two stand side by side. A section without content of its own (`AUTOMATIC` in
theming/manifest.py) shows what the site has; `home_parts` knows how.
"""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.contrib.table_block.blocks import TableBlock

from sitecluster.tenancy import current_tenant
from sitecluster.theming.catalogue import current_theme, themes

from .blocks import TABLE_OPTIONS

HALVES = frozenset({"list", "links", "office", "facts", "text", "table"})
TEXT_FEATURES = ["bold", "italic", "ol", "ul", "link", "document-link"]
# Where neither the theme nor an editor says what stands on a front page.
USUAL = ("banner", "news", "list", "topics", "friends")
FEWEST, MOST = 3, 12  # entries of a list
LONGEST_SERIES = 24
NUMBER = r"\d+(?:\.\d+)?"
SERIES = rf"\A\s*{NUMBER}(?:[\s,，、]+{NUMBER}){{0,{LONGEST_SERIES - 1}}}\s*\Z"
GLYPHS = (
    ("page", _("A sheet of paper")),
    ("book", _("An open book")),
    ("door", _("A door")),
    ("letter", _("A letter")),
    ("people", _("People")),
    ("bars", _("Bars of a chart")),
    ("map", _("A map")),
    ("leaf", _("A twig")),
    ("drop", _("A drop of water")),
    ("shield", _("A shield")),
    ("house", _("A house")),
    ("road", _("A road")),
)


class Section(blocks.StructBlock):
    """A section of a front page."""

    class Meta:
        icon = "grip"
        group = _("Whole width")


class Half(Section):
    """A section of half the width."""

    class Meta:
        group = _("Half width")


def title_block(default: Any = "") -> blocks.CharBlock:
    """The heading; empty for the usual one."""
    return blocks.CharBlock(
        label=_("Heading"), required=False, default="", max_length=60, help_text=default
    )


def column_block(help_text: Any = "") -> blocks.PageChooserBlock:
    """One of the site's columns, or none."""
    return blocks.PageChooserBlock(
        label=_("Column"), page_type="cms.ColumnPage", required=False, help_text=help_text
    )


def number_block(default: int) -> blocks.IntegerBlock:
    """How many entries a list shows."""
    limits = [MinValueValidator(FEWEST), MaxValueValidator(MOST)]
    return blocks.IntegerBlock(label=_("How many"), default=default, validators=limits)


class SeriesBlock(blocks.RegexBlock):
    """Numbers of the last months or years, the latest last, for small bars."""

    def __init__(self, **kwargs: Any) -> None:
        message = _("Write up to 24 numbers with blanks between them.")
        super().__init__(regex=SERIES, error_messages={"invalid": message}, **kwargs)


class SitesBlock(blocks.MultipleChoiceBlock):
    """Some of the sites below this one, by their codes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "choices": choices_of_sites})

    def deconstruct(self) -> Any:
        """Without the choices, which every site has its own of."""
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "choices": []}


def choices_of_sites() -> list[tuple[str, str]]:
    """Code and name of the sites below the active one."""
    return [(site.code, site.name) for site in sites_below()]


def sites_below() -> list[Any]:
    """The sites directly below the active one that citizens can open, oldest first."""
    here = current_tenant()
    found = here.children if here else ()
    shown = [site for site in found if site.visible and site.address]
    return sorted(shown, key=lambda site: site.id)


class LinkBlock(blocks.StructBlock):
    """An entry that leads to a page of this site or to an address elsewhere."""

    title = blocks.CharBlock(label=_("Title"), required=False, default="", max_length=60)
    page = blocks.PageChooserBlock(label=_("Page"), required=False)
    url = blocks.URLBlock(label=_("Address"), required=False)

    class Meta:
        icon = "link"
        label = _("Entry")

    def clean(self, value: Any) -> Any:
        """A page or an address; an address needs a title."""
        value = super().clean(value)
        if bool(value.get("page")) == bool(value.get("url")):
            message = _("Choose a page or give an address, one of the two.")
            raise StructBlockValidationError(non_block_errors=[message])
        if value.get("url") and not value.get("title"):
            error = ValidationError(_("Say what the address is called."))
            raise StructBlockValidationError(block_errors={"title": error})
        return value


class TaskBlock(LinkBlock):
    """One of the things people come for most."""

    text = blocks.CharBlock(label=_("A line about it"), required=False, default="", max_length=60)


class EntryBlock(blocks.StructBlock):
    """A column with a drawing, a line about it and the columns below it."""

    column = blocks.PageChooserBlock(label=_("Column"), page_type="cms.ColumnPage")
    glyph = blocks.ChoiceBlock(label=_("Drawing"), choices=GLYPHS, default="page")
    text = blocks.CharBlock(
        label=_("A line about it"),
        required=False,
        default="",
        max_length=80,
        help_text=_("Leave empty to show the column's description."),
    )

    class Meta:
        icon = "folder-open-inverse"
        label = _("Column")


class FigureBlock(blocks.StructBlock):
    """A number that says how things stand."""

    label = blocks.CharBlock(label=_("What is counted"), max_length=40)
    number = blocks.CharBlock(label=pgettext_lazy("figure", "Number"), max_length=20)
    unit = blocks.CharBlock(label=_("Unit"), required=False, default="", max_length=20)
    note = blocks.CharBlock(label=_("Remark"), required=False, default="", max_length=60)
    series = SeriesBlock(
        label=_("How it went"),
        required=False,
        help_text=_("Numbers of the last months or years, the latest last, drawn as small bars."),
    )

    class Meta:
        icon = "order-up"
        label = _("Figure")


class FactBlock(blocks.StructBlock):
    """A line of a table of facts."""

    label = blocks.CharBlock(label=pgettext_lazy("fact", "Name"), max_length=20)
    text = blocks.CharBlock(label=pgettext_lazy("fact", "What it says"), max_length=200)

    class Meta:
        icon = "tag"
        label = _("Line")


class GroupBlock(blocks.StructBlock):
    """Sites that belong together."""

    title = blocks.CharBlock(label=_("Heading"), max_length=20)
    sites = SitesBlock(label=_("Sites"), required=False)

    class Meta:
        icon = "group"
        label = _("Group")


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
    """The topics, newest first."""

    title = title_block()
    number = blocks.IntegerBlock(
        label=_("How many"),
        default=6,
        validators=[MinValueValidator(1), MaxValueValidator(MOST)],
    )

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
