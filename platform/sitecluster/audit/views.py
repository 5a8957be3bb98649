"""The report of the audit trail, in the Reports menu of every site."""

from collections.abc import Iterator
from typing import Any

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.reports import ReportView

from sitecluster.spreadsheets import ExportMixin
from sitecluster.tenancy import sees_all_sites

from . import acts
from .models import Entry
from .reading import Line, entries, lines, may_read, people, sites_read_by

MOST_IN_XLSX = 100_000
CHUNK = 1000


class TrailFilterSet(WagtailFilterSet):
    """By act, person and time; on the control site by site too."""

    at = django_filters.DateFromToRangeFilter(
        label=gettext_lazy("Time"), widget=DateRangePickerWidget
    )
    act = django_filters.ChoiceFilter(label=gettext_lazy("Act"))
    actor_id = django_filters.ChoiceFilter(label=gettext_lazy("Person"))
    site_code = django_filters.CharFilter(label=gettext_lazy("Site code"))

    class Meta:
        model = Entry
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        readable = entries(self.request.user)
        recorded = readable.order_by("act").values_list("act", flat=True).distinct()
        choices = sorted(((act, acts.title(act)) for act in recorded), key=lambda pair: pair[1])
        self.filters["act"].extra["choices"] = choices
        self.filters["actor_id"].extra["choices"] = people(readable, self.request.user)
        if not sees_all_sites():
            del self.filters["site_code"]


class TrailReport(ExportMixin, ReportView):
    """操作记录: who did what, when and from where."""

    page_title = gettext_lazy("Audit trail")
    header_icon = "history"
    export_filename = "audit"
    index_url_name = "audit_report"
    index_results_url_name = "audit_report_results"
    model = Entry
    filterset_class = TrailFilterSet
    is_searchable = True
    search_backend_name = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_read(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def search_fields(self) -> list[str]:
        """Nothing that the reader isn't shown, or it could be guessed by searching."""
        shown = ["subject", "reason", "document"]
        if sees_all_sites():
            shown.append("site_code")
        whole = sites_read_by(self.request.user) is None
        return [*shown, "actor_name", "actor_email"] if whole else shown

    @property
    def columns(self) -> list[Column]:
        """As wide as a screen: some columns of an export stand below one another here."""
        site = [Column("site", label=_("Site code"), width="8%")] if sees_all_sites() else []
        return [
            LineColumn("at", label=_("Time"), accessor=_moment),
            *site,
            LineColumn("act", label=_("Act")),
            Column("subject", label=_("Subject")),
            PartsColumn("changes", label=_("Changes"), width="30%"),
            PartsColumn("person", label=_("Person"), width="20%"),
        ]

    @property
    def list_export(self) -> list[str]:
        return list(self.export_headings)

    @property
    def export_headings(self) -> dict[str, str]:
        headings = {
            "at": _("Time"),
            "site": _("Site code"),
            "act": _("Act"),
            "subject": _("Subject"),
            "changes": _("Changes"),
            "person": _("Person"),
            "origin": _("Origin"),
            "address": _("Client address"),
            "reason": _("Reason"),
            "document": _("Document number"),
        }
        if not sees_all_sites():
            del headings["site"]
        return headings

    def get_queryset(self) -> QuerySet[Entry]:
        return entries(self.request.user)

    def get_filtered_queryset(self) -> QuerySet[Entry]:
        found: QuerySet[Entry] = self.search_queryset(self.filter_queryset(self.get_queryset()))
        return found

    def get_table(self, object_list: Any) -> Any:
        """Of lines, never of entries, which hold more than the reader may see."""
        self.shown = [] if self.is_export else list(lines(object_list, self.request.user))
        return super().get_table(self.shown)

    def decorate_paginated_queryset(self, object_list: Any) -> Any:
        return self._exported(object_list) if self.is_export else self.shown

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        xlsx = self.is_export and request.GET["export"] == self.FORMAT_XLSX
        if xlsx and self.get_filtered_queryset().count() > MOST_IN_XLSX:
            text = _("More than %d entries: choose a shorter time, or take CSV.")
            messages.error(request, text % MOST_IN_XLSX)
            return redirect("audit_report")
        response: HttpResponseBase = super().get(request, *args, **kwargs)
        return response

    def _exported(self, found: QuerySet[Entry]) -> Iterator[Line]:
        some: list[Entry] = []
        for entry in found.iterator(chunk_size=CHUNK):
            some.append(entry)
            if len(some) == CHUNK:
                yield from lines(some, self.request.user)
                some = []
        yield from lines(some, self.request.user)


def _moment(line: Line) -> str:
    return f"{timezone.localtime(line.at):%Y-%m-%d %H:%M:%S}"


class LineColumn(Column):
    """A few words that stay on one line."""

    cell_template_name = "audit/line_cell.html"


class PartsColumn(Column):
    """What belongs to the changes or to the person, one below the other."""

    cell_template_name = "audit/parts_cell.html"

    def get_value(self, instance: Line) -> list[tuple[str, str]]:
        """Pairs of a label, empty for the thing itself, and a text; those without text are out."""
        if self.name == "person":
            parts = [("", instance.person), ("", instance.origin), ("", instance.address)]
        else:
            reason, document = (
                (_("Reason"), instance.reason),
                (_("Document number"), instance.document),
            )
            parts = [("", instance.changes), reason, document]
        return [part for part in parts if part[1]]
