"""What the sections of a front page consist of: entries, figures, facts, groups of sites."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError

from sitecluster.tenancy import current_tenant

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


def number_block(default: int, fewest: int = FEWEST) -> blocks.IntegerBlock:
    """How many entries a list shows."""
    limits = [MinValueValidator(fewest), MaxValueValidator(MOST)]
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
