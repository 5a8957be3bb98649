"""Cells of the console's home. They are written without templates, which would take half of the
page's time."""

from collections.abc import Callable
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, ngettext
from wagtail.admin.ui.tables import Column

from tenants.models import State

from .rows import Row

DEEPEST = 6  # levels that are indented apart from one another
WIDE = "console-wide"  # left out on a phone
LINK = '<a href="{}">{}<span class="w-sr-only"> ({})</span></a>'
Shown = Callable[[Row], Any]


class CellColumn(Column):
    """What ``show`` makes of a row, escaped unless it is safe HTML."""

    def __init__(self, name: str, label: str, show: Shown, classname: str = "") -> None:
        super().__init__(name, label=label, classname=classname)
        self.show = show

    def render_cell_html(self, instance: Row, parent_context: Any) -> SafeString:
        return format_html('<td class="{}">{}</td>', self.classname, self.show(instance))


class ChosenColumn(CellColumn):
    """A box to choose the site, and one above for all of the page."""

    header_template_name = "console/home_choose_all.html"

    def __init__(self) -> None:
        super().__init__("chosen", _("Choose"), _box, "console-choose")


def columns(is_flat: bool) -> list[Column]:
    """The columns; where the listing is ``is_flat``, a site names the one above it."""
    return [
        ChosenColumn(),
        CellColumn("name", _("Site"), lambda row: _site(row, is_flat), "title console-place"),
        CellColumn("state", _("State"), _state),
        CellColumn("theme", _("Theme"), lambda row: row.theme, WIDE),
        CellColumn("plugins", _("Plugins"), _plugins, f"{WIDE} console-number"),
        CellColumn("this_week", _("Published this week"), _published, f"{WIDE} console-number"),
        CellColumn("updated_at", _("Last update"), _updated, WIDE),
        CellColumn("members", _("Members"), lambda row: row.members, f"{WIDE} console-number"),
        CellColumn("storage", _("Storage"), _storage, WIDE),
        CellColumn("upgrade", _("Upgrade"), _upgrade),
        CellColumn("failed_tasks", _("Failed tasks"), _failed, "console-number"),
    ]


def _box(row: Row) -> SafeString:
    return format_html(
        '<input type="checkbox" name="site" value="{}" aria-label="{}" data-w-bulk-target="item"'
        ' data-action="w-bulk#toggle">',
        row.pk,
        _("Choose %s") % row.site.name,
    )


def _site(row: Row, is_flat: bool) -> SafeString:
    depth = 0 if is_flat else min(row.spot.depth, DEEPEST)
    above = row.spot.above if is_flat else ""
    level = _("Level %d") % (row.spot.depth + 1)
    return format_html(
        '<div class="console-depth-{}"><span class="w-sr-only">{}: </span>'
        '<div class="title-wrapper"><a href="{}">{}</a></div>'
        '<div class="console-beside"><code>{}</code> {}{}</div></div>',
        depth,
        level,
        reverse("console:site", args=[row.pk]),
        row.site.name,
        row.site.code,
        format_html("<span>{}</span> ", _("below %s") % above) if above else "",
        format_html_join(
            " ", '<a href="{}">{}<span class="w-sr-only"> ({})</span></a>', _links(row)
        ),
    )


def _links(row: Row) -> list[tuple[str, str, str]]:
    links = []
    if row.known:
        links.append((row.known.admin_url, _("Admin"), row.site.name))
        if row.known.address and row.known.visible:
            links.append((row.known.address.url(), _("Public page"), row.site.name))
    if row.spot.below:
        text = ngettext("%d site below", "%d sites below", row.spot.below) % row.spot.below
        links.append((f"{reverse('console:home')}?branch={row.pk}", text, row.site.name))
    return links


def _state(row: Row) -> SafeString:
    look = "primary" if row.site.state == State.LIVE else "secondary"
    until = row.site.state_until
    return format_html(
        '<span class="w-status w-status--{}">{}</span>{}',
        look,
        row.site.get_state_display(),
        format_html("<br><small>{}</small>", _("until %s") % date_format(until)) if until else "",
    )


def _plugins(row: Row) -> SafeString:
    return format_html('<span title="{}">{}</span>', ", ".join(row.plugins), len(row.plugins))


def _published(row: Row) -> SafeString:
    return format_html('<span title="{}">{}</span>', _("%d in all") % row.items, row.this_week)


def _updated(row: Row) -> str | SafeString:
    if row.updated_at is None:
        return _("never")
    local = timezone.localtime(row.updated_at)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        f"{local:%Y-%m-%d %H:%M}",
        f"{local:%Y-%m-%d}",
    )


def _storage(row: Row) -> str | SafeString:
    if row.used_bytes is None:
        return _("not measured")
    return bar(row.used_bytes, row.site.max_bytes, filesizeformat)


def bar(used: int, most: int | None, name: Callable[[int], Any] = str) -> SafeString:
    """A figure, and beside it the share that it is of a limit, as a bar and in words."""
    if most is None:
        return format_html("{}", name(used))
    share = round(100 * used / most) if most else 100
    return format_html(
        '<span class="console-used">{} <meter min="0" max="100" low="80" high="99" optimum="0"'
        ' value="{}" aria-hidden="true"></meter> {}</span>',
        name(used),
        min(share, 100),
        _("%(share)d %% of %(most)s") % {"share": share, "most": name(most)},
    )


def _upgrade(row: Row) -> str | SafeString:
    if row.site.upgrade_error:
        return format_html(
            '<span class="w-status w-status--critical" title="{}">{}</span>',
            row.site.upgrade_error,
            _("Failed"),
        )
    return format_html('<span class="w-status">{}</span>', _("Pending")) if row.behind else "–"


def _failed(row: Row) -> str | SafeString:
    if not row.failed_tasks:
        return "–"
    url = reverse("tasks_failures")
    return format_html('<a class="console-alarm" href="{}">{}</a>', url, row.failed_tasks)
